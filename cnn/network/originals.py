"""Famous networks as large as they were: too large to be trained here, but unrolled like any other.

What a plan has no word for is left out: AlexNet's local response normalization and its kernels that
read only half of the maps, LeNet-5's pooling that learns and its table of which maps are read.
"""

from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network, Pooling


class _Unchecked:
    def __post_init__(self) -> None:
        """Nothing is checked: the limits are for what is trained here."""


class _Block(_Unchecked, ConvolutionBlock): ...


class _Layer(_Unchecked, DenseLayer): ...


class _Network(_Unchecked, Network): ...


_TANH = Activation("tanh")
_AVERAGE = Pooling("average")
_OVERLAPPING = Pooling("max", 3, 2)
_IMAGENET = 1000
_LARGE_DENSE = tuple(_Layer(4096, Activation("relu"), dropout=0.5) for _ in range(2))


def _stage(filters: int, convolutions: int) -> tuple[_Block, ...]:
    """3 x 3 convolutions one after the other, with pooling after the last."""
    plain = _Block(filters, 3, padding="same", pooling=None)
    return *(plain,) * (convolutions - 1), _Block(filters, 3, padding="same")


_LENET5 = _Network(
    (
        _Block(6, 5, activation=_TANH, pooling=_AVERAGE),
        _Block(16, 5, activation=_TANH, pooling=_AVERAGE),
    ),
    dense=(_Layer(120, _TANH), _Layer(84, _TANH)),
)
_ALEXNET = _Network(
    (
        _Block(96, 11, stride=4, pooling=_OVERLAPPING),
        _Block(256, 5, padding="same", pooling=_OVERLAPPING),
        _Block(384, 3, padding="same", pooling=None),
        _Block(384, 3, padding="same", pooling=None),
        _Block(256, 3, padding="same", pooling=_OVERLAPPING),
    ),
    dense=_LARGE_DENSE,
)
_VGG16 = _Network(
    (*_stage(64, 2), *_stage(128, 2), *_stage(256, 3), *_stage(512, 3), *_stage(512, 3)),
    dense=_LARGE_DENSE,
)

ORIGINALS: dict[str, Plan] = {
    "lenet5": plan(_LENET5, (32, 32, 1), 10),
    "alexnet": plan(_ALEXNET, (227, 227, 3), _IMAGENET),
    "vgg": plan(_VGG16, (224, 224, 3), _IMAGENET),
}
"""LeCun et al. (1998), Krizhevsky et al. (2012) and configuration D of Simonyan and Zisserman (2014)."""
