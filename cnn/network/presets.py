"""Networks to start from."""

from dataclasses import dataclass, replace

from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network, Pooling


@dataclass(frozen=True)
class Preset:
    """A named network and a sentence on why it is worth trying."""

    title: str
    why: str
    network: Network


_TANH = Activation("tanh")
_HIDDEN = (DenseLayer(100, Activation("sigmoid")),)

ARTICLE = Network(
    blocks=(ConvolutionBlock(filters=4, kernel=3), ConvolutionBlock(filters=8, kernel=3)),
    dense=_HIDDEN,
)
"""Two convolutions of 4 and 8 filters, max pooling, 100 sigmoid units: the 2019 article's network."""

_AVERAGE = Pooling("average", 2, 2)
_OVERLAPPING = Pooling("max", 3, 2)
_THIN, _WIDE = (
    ConvolutionBlock(filters=filters, kernel=3, padding="same", pooling=None)
    for filters in (16, 32)
)

PRESETS: dict[str, Preset] = {
    "article": Preset(
        "The article's network",
        "Two small convolutions with max pooling; 94% of its parameters sit in the dense layer.",
        ARTICLE,
    ),
    "average": Preset(
        "The article's, average pooling",
        "The same network with average instead of max pooling: is it the pooling?",
        replace(
            ARTICLE, blocks=tuple(replace(block, pooling=_AVERAGE) for block in ARTICLE.blocks)
        ),
    ),
    "lenet5": Preset(
        "LeNet-5",
        "LeCun's digit reader of 1998: tanh, average pooling and 5 x 5 kernels.",
        Network(
            blocks=(
                ConvolutionBlock(6, 5, padding="same", activation=_TANH, pooling=_AVERAGE),
                ConvolutionBlock(16, 5, activation=_TANH, pooling=_AVERAGE),
            ),
            dense=(DenseLayer(120, _TANH), DenseLayer(84, _TANH)),
        ),
    ),
    "alexnet": Preset(
        "A small AlexNet",
        "The five convolutions of 2012, with ReLU, overlapping pooling and dropout, at an eighth of"
        " their filters and units.",
        Network(
            blocks=(
                ConvolutionBlock(12, 5, padding="same", pooling=_OVERLAPPING),
                ConvolutionBlock(32, 5, padding="same", pooling=_OVERLAPPING),
                ConvolutionBlock(48, 3, padding="same", pooling=None),
                ConvolutionBlock(48, 3, padding="same", pooling=None),
                ConvolutionBlock(32, 3, padding="same", pooling=_OVERLAPPING),
            ),
            dense=tuple(DenseLayer(512, Activation("relu"), dropout=0.5) for _ in range(2)),
        ),
    ),
    "vgg": Preset(
        "A small VGG",
        "Pairs of 3 x 3 convolutions before each pooling, and dropout against overfitting.",
        Network(
            blocks=(
                _THIN,
                replace(_THIN, pooling=Pooling(), dropout=0.25),
                _WIDE,
                replace(_WIDE, pooling=Pooling(), dropout=0.25),
            ),
            dense=(DenseLayer(64, Activation("relu"), dropout=0.5),),
        ),
    ),
    "one": Preset(
        "One convolution only",
        "Eight filters and straight to the classes: how far do edges alone go?",
        Network(blocks=(ConvolutionBlock(filters=8, kernel=3),)),
    ),
    "none": Preset(
        "No convolution at all",
        "Pixels straight into the article's dense layer: what the convolutions are worth.",
        Network(dense=_HIDDEN),
    ),
}
