"""The kinds of layer."""

from cnn.network.layers.base import BatchNormalization as BatchNormalization
from cnn.network.layers.base import Convolution as Convolution
from cnn.network.layers.base import Dense as Dense
from cnn.network.layers.base import Dropout as Dropout
from cnn.network.layers.base import Flatten as Flatten
from cnn.network.layers.base import GlobalAverage as GlobalAverage
from cnn.network.layers.base import Layer as Layer
from cnn.network.layers.base import Operation as Operation
from cnn.network.layers.base import ReceptiveField as ReceptiveField
from cnn.network.layers.base import Shape as Shape
from cnn.network.layers.base import Softmax as Softmax
from cnn.network.layers.base import Weight as Weight
