"""CNN Playground: build a convolutional neural network, train it, see how it decides."""

from cnn.ui.common.navigation import navigation
from cnn.ui.home.home import home

navigation(home).run()
