"""The famous networks have the shapes and the parameters that others count."""

import keras

from cnn.network.layers import Convolution, Dense
from cnn.network.originals import ORIGINALS
from cnn.network.plan import Plan
from cnn.network.spec import Pooling


def learned(plan: Plan) -> list[int]:
    return [layer.parameters for layer in plan.layers if layer.parameters]


def test_vgg_has_the_layers_of_keras() -> None:
    plan = ORIGINALS["vgg"]
    theirs = keras.applications.VGG16(include_top=False, weights=None, input_shape=(224, 224, 3))
    ours = [one for one in plan.layers if isinstance(one.operation, Convolution | Pooling)]
    assert [one.output_shape for one in ours] == [
        layer.output.shape[1:] for layer in theirs.layers[1:]
    ]
    assert [one.parameters for one in ours] == [layer.count_params() for layer in theirs.layers[1:]]
    # With the dense layers it has 138.4 million, say Keras's pages; Simonyan and Zisserman: 138.
    assert plan.parameters == 138_357_544


def test_alexnet_has_the_layers_that_are_counted_where_no_kernel_is_halved() -> None:
    plan = ORIGINALS["alexnet"]
    convolutions = [34_944, 614_656, 885_120, 1_327_488, 884_992]
    assert learned(plan) == [*convolutions, 37_752_832, 16_781_312, 4_097_000]
    assert plan.parameters == 62_378_344
    # The paper's own kernels of layers 2, 4 and 5 read 48, 192 and 192 maps: "60 million".
    halved = 25 * 48 * 256 + 9 * 192 * 384 + 9 * 192 * 256
    assert round((plan.parameters - halved) / 1e6) == 61
    assert plan.layer("convolution_1").output_shape == (55, 55, 96)
    assert plan.layer("pooling_5").output_shape == (6, 6, 256)


def test_lenet_differs_from_the_sixty_thousand_as_is_known() -> None:
    plan = ORIGINALS["lenet5"]
    # C3 reads not all maps, pooling learns two numbers a map, ten fixed codes stand for a layer.
    theirs = {"C1": 156, "S2": 12, "C3": 1_516, "S4": 32, "C5": 48_120, "F6": 10_164}
    assert sum(theirs.values()) == 60_000
    assert learned(plan) == [156, 2_416, 48_120, 10_164, 850]


def test_all_of_them_end_with_as_many_answers_as_there_were_classes() -> None:
    for plan in ORIGINALS.values():
        last = [layer for layer in plan.layers if isinstance(layer.operation, Dense)][-1]
        assert last.output_shape == (plan.classes,)
