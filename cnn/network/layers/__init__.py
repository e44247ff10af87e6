"""The kinds of layer: a module for each, or for two that belong together, with all that depends on it.

What a layer does, its shape rule, window, weights, cost, Keras source line, text in a network link
and title stand together in its module. `cnn.network.keras` builds the Keras layers, on a worker.
"""

from cnn.network.layers.activation import Activation as Activation
from cnn.network.layers.activation import Softmax as Softmax
from cnn.network.layers.base import KerasCode as KerasCode
from cnn.network.layers.base import Layer as Layer
from cnn.network.layers.base import Operation as Operation
from cnn.network.layers.base import ReceptiveField as ReceptiveField
from cnn.network.layers.base import Shape as Shape
from cnn.network.layers.base import Weight as Weight
from cnn.network.layers.base import Window as Window
from cnn.network.layers.base import WindowSide as WindowSide
from cnn.network.layers.batch_normalization import BatchNormalization as BatchNormalization
from cnn.network.layers.convolution import Convolution as Convolution
from cnn.network.layers.dense import Dense as Dense
from cnn.network.layers.dense import Flatten as Flatten
from cnn.network.layers.dropout import Dropout as Dropout
from cnn.network.layers.pooling import GlobalAverage as GlobalAverage
from cnn.network.layers.pooling import Pooling as Pooling
