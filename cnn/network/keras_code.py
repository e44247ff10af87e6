"""A network as the Keras code that a person would write for it."""

from collections.abc import Iterator

from cnn.network.plan import Plan
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Pooling

_POOLING_LAYERS = {"max": "MaxPooling2D", "average": "AveragePooling2D"}
_FLATTENING_LAYERS = {"flatten": "Flatten", "global_average": "GlobalAveragePooling2D"}


def keras_code(plan: Plan) -> str:
    """Python lines that make `model`, given `import keras` and `from keras import layers`."""
    lines = [f"keras.Input({plan.image_shape})", *_layers(plan)]
    body = "".join(f"    {line},\n" for line in lines)
    return f"model = keras.Sequential([\n{body}])\n"


def _layers(plan: Plan) -> Iterator[str]:
    network = plan.network
    for block in network.blocks:
        yield from block_code(block)
    yield f"layers.{_FLATTENING_LAYERS[network.flattening]}()"
    for layer in network.dense:
        yield from _dense(layer)
    units = plan.classes if network.output == "softmax" else 1
    yield f'layers.Dense({units}, activation="{network.output}")'


def block_code(block: ConvolutionBlock) -> Iterator[str]:
    """The layers of a block, a line each, given `from keras import layers`."""
    arguments = [str(block.filters), str(block.kernel)]
    if block.stride != 1:
        arguments.append(f"strides={block.stride}")
    if block.padding != "valid":
        arguments.append(f'padding="{block.padding}"')
    if block.dilation != 1:
        arguments.append(f"dilation_rate={block.dilation}")
    if block.batch_normalization:
        yield f"layers.Conv2D({', '.join(arguments)})"
        yield "layers.BatchNormalization()"
        yield from _activation(block.activation)
    else:
        yield from _activated("layers.Conv2D", arguments, block.activation)
    if block.pooling:
        yield _pooling(block.pooling)
    if block.dropout:
        yield f"layers.Dropout({block.dropout})"


def _dense(layer: DenseLayer) -> Iterator[str]:
    yield from _activated("layers.Dense", [str(layer.units)], layer.activation)
    if layer.dropout:
        yield f"layers.Dropout({layer.dropout})"


def _activated(layer: str, arguments: list[str], activation: Activation) -> Iterator[str]:
    """The layer with its activation as an argument where Keras has a name for it."""
    if activation.name in ("linear", "leaky_relu"):
        yield f"{layer}({', '.join(arguments)})"
        yield from _activation(activation)
    else:
        yield f'{layer}({", ".join(arguments)}, activation="{activation.name}")'


def _activation(activation: Activation) -> Iterator[str]:
    if activation.name == "leaky_relu":
        yield f"layers.LeakyReLU(negative_slope={activation.slope})"
    elif activation.name != "linear":
        yield f'layers.Activation("{activation.name}")'


def _pooling(pooling: Pooling) -> str:
    stride = "" if pooling.stride == pooling.size else f", strides={pooling.stride}"
    return f"layers.{_POOLING_LAYERS[pooling.kind]}({pooling.size}{stride})"
