import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.network.spec import (
    Activation,
    ConvolutionBlock,
    DenseLayer,
    Network,
    NetworkError,
    Pooling,
)
from tests.strategies import networks

REFUSED = [
    (Activation, {"name": "softplus"}, "activation", "softplus"),
    (Activation, {"name": "relu", "slope": 0.2}, "slope", "0.2"),
    (Activation, {"name": "leaky_relu", "slope": 1.01}, "slope of leaky ReLU", "1.01"),
    (Activation, {"name": "leaky_relu", "slope": 0.123}, "slope of leaky ReLU", "0.123"),
    (Activation, {"name": "leaky_relu", "slope": float("nan")}, "slope of leaky ReLU", "nan"),
    (Pooling, {"kind": "median"}, "pooling", "median"),
    (Pooling, {"size": 0}, "pooling size", "0"),
    (Pooling, {"size": 9}, "pooling size", "9"),
    (Pooling, {"stride": 2.5}, "pooling stride", "2.5"),
    (ConvolutionBlock, {"filters": 129}, "number of filters", "129"),
    (ConvolutionBlock, {"filters": True}, "number of filters", "True"),
    (ConvolutionBlock, {"filters": "8"}, "number of filters", "'8'"),
    (ConvolutionBlock, {"kernel": 12}, "kernel size", "12"),
    (ConvolutionBlock, {"kernel": None}, "kernel size", "None"),
    (ConvolutionBlock, {"stride": 0}, "stride", "0"),
    (ConvolutionBlock, {"dilation": 5}, "dilation", "5"),
    (ConvolutionBlock, {"stride": 2, "dilation": 3}, "both a stride and a dilation", "3"),
    (ConvolutionBlock, {"padding": "full"}, "padding", "full"),
    (ConvolutionBlock, {"dropout": 0.91}, "dropout", "0.91"),
    (ConvolutionBlock, {"dropout": -0.01}, "dropout", "-0.01"),
    (ConvolutionBlock, {"dropout": 0.505}, "dropout", "0.505"),
    (ConvolutionBlock, {"dropout": True}, "dropout", "True"),
    (DenseLayer, {"units": 513}, "number of units", "513"),
    (DenseLayer, {"units": -1}, "number of units", "-1"),
    (DenseLayer, {"dropout": float("inf")}, "dropout", "inf"),
    (Network, {"blocks": (ConvolutionBlock(),) * 6}, "number of convolution blocks", "6"),
    (Network, {"flattening": "concatenate"}, "flattening", "concatenate"),
    (Network, {"dense": (DenseLayer(),) * 4}, "number of hidden dense layers", "4"),
    (Network, {"output": "linear"}, "output", "linear"),
]


@pytest.mark.parametrize(("kind", "values", "what", "value"), REFUSED)
def test_a_refusal_says_what_was_wrong_and_what_was_given(kind, values, what, value):
    with pytest.raises(NetworkError) as refusal:
        kind(**values)
    sentence = str(refusal.value).lower()
    assert what.lower() in sentence
    assert value.lower() in sentence
    assert sentence.endswith(".")


@settings(deadline=None)
@given(st.data())
def test_equal_networks_are_one_key(data):
    network = data.draw(networks())
    again = Network(network.blocks, network.flattening, network.dense, network.output)
    assert {network: "found"}[again] == "found"
