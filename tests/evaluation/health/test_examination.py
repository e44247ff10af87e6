"""Networks made sick on purpose are found out, each by its own finding; a healthy one is not."""

from dataclasses import replace
from math import log

import numpy as np
import pytest
from scipy.stats import ortho_group

from cnn.data.dataset import DataChoice
from cnn.evaluation.health import history, kernels
from cnn.evaluation.health.activity import SAMPLE, measured, sample
from cnn.evaluation.health.examination import examine
from cnn.evaluation.health.finding import Bars, Finding, GradientLines, HealthInput, Twins
from cnn.inspection.forward import forward
from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import EpochRecord, Run
from tests.strategies import random_weights

NETWORK = Network((ConvolutionBlock(4, 3), ConvolutionBlock(5, 3)), dense=(DenseLayer(20),))
SHAPE = (16, 16, 1)
CLASSES = tuple("abc")
GRADIENTS = (0.02, 0.01, 0.005, 0.01)
ADAM = Settings((Phase(4, 0.001),))
GOOD = [
    EpochRecord(0, 1.2, 0.3, 1.2, 0.3, 0.001, 1),
    EpochRecord(1, 0.8, 0.6, 0.7, 0.65, 0.001, 1, GRADIENTS),
    EpochRecord(2, 0.6, 0.7, 0.6, 0.7, 0.001, 1, GRADIENTS),
    EpochRecord(3, 0.5, 0.75, 0.55, 0.73, 0.001, 1, GRADIENTS),
    EpochRecord(4, 0.4, 0.78, 0.5, 0.76, 0.001, 1, GRADIENTS),
]


def tiles() -> np.ndarray:
    """Images of 4 x 4 gray tiles: unlike noise, they differ in what a unit sees."""
    tones = np.random.default_rng(3).integers(0, 256, (60, 4, 4, 1), dtype=np.uint8)
    return tones.repeat(4, axis=1).repeat(4, axis=2)


def settled(unrolled: Plan) -> np.ndarray:
    """Random weights with biases by which every filter and unit is above 0 half of the time."""
    weights = random_weights(unrolled, 1)
    for layer in unrolled.layers:
        if layer.weights:
            outputs = forward(unrolled, weights, tiles())[layer.name]
            middle = np.median(outputs.reshape(-1, outputs.shape[-1]), axis=0)
            unrolled.split(weights)[layer.weights[1].name][:] -= middle
    return weights


def patient(
    network: Network = NETWORK,
    records: list[EpochRecord] = GOOD,
    change=lambda plan, weights: None,
    start=lambda weights, before: before,
    images: tuple[int, ...] = (100, 110, 120),
    settings: Settings = ADAM,
) -> HealthInput:
    """A network of random weights; `change` changes them, `start` says what they were before."""
    unrolled = plan(network, SHAPE, len(CLASSES))
    weights = settled(unrolled)
    change(unrolled, weights)
    run = Run("a", Job(network, DataChoice("d"), settings), "done", "", 1, 1, epochs=tuple(records))
    return HealthInput(
        run,
        records[-1].epoch,
        unrolled,
        weights,
        start(weights, random_weights(unrolled, 2)),
        measured(unrolled, weights, tiles()),
        CLASSES,
        images,
        60,
    )


def found(one: HealthInput) -> list[Finding]:
    return [finding for check in examine(one) for finding in check.findings]


def test_a_healthy_network_is_told_so_of_all_that_can_be_told() -> None:
    checks = examine(patient())
    assert not any(check.findings for check in checks)
    assert [check.name for check in checks if not check.told] == ["Saturation"]


def test_dead_units_are_those_that_no_image_wakes() -> None:
    def sicken(unrolled: Plan, weights: np.ndarray) -> None:
        parts = unrolled.split(weights)
        parts["convolution_2/bias"][[1, 3]] = -1e3
        parts["dense_1/bias"][7] = -1e6

    one = patient(change=sicken)
    convolution, dense = found(one)
    outputs = forward(one.plan, one.weights, tiles())["activation_2"]
    awake = (outputs > 0).mean(axis=(0, 1, 2))
    assert isinstance(convolution.evidence, Bars)
    np.testing.assert_allclose(convolution.evidence.values, awake, atol=1e-6)
    assert convolution.evidence.ill == tuple(awake == 0) == (False, True, False, True, False)
    assert (convolution.kind, dense.kind) == ("dead", "dead")
    assert "filters 2 and 4" in convolution.sentence
    dense_outputs = forward(one.plan, one.weights, tiles())["dense_activation_1"]
    assert isinstance(dense.evidence, Bars)
    assert dense.evidence.ill == tuple((dense_outputs <= 0).all(axis=0))
    assert dense.evidence.ill[7]
    leaky, look = convolution.remedies
    assert leaky.network is not None
    assert leaky.network.blocks[1].activation == Activation("leaky_relu", 0.1)
    assert leaky.network.blocks[0] == NETWORK.blocks[0]
    assert look.unit == "activation_2-map2"


def test_a_rarely_active_filter_is_not_called_dead() -> None:
    def sicken(unrolled: Plan, weights: np.ndarray) -> None:
        before = forward(unrolled, weights, tiles())["convolution_1"]
        threshold = np.quantile(before[..., 2], 0.995)  # awake on half a percent of the cells
        unrolled.split(weights)["convolution_1/bias"][2] -= threshold

    [rare] = found(patient(change=sicken))
    assert rare.kind == "rare"
    assert "filter 3 on 0.49" in rare.sentence


def test_duplicated_kernels_are_found_over_all_channels_whatever_their_size() -> None:
    def sicken(unrolled: Plan, weights: np.ndarray) -> None:
        kernel = unrolled.split(weights)["convolution_2/kernel"]
        kernel[..., 4] = 3 * kernel[..., 1]

    [twins] = found(patient(change=sicken))
    assert isinstance(twins.evidence, Twins)
    [(first, second, cosine)] = twins.evidence.pairs
    assert (twins.evidence.layer, first, second) == ("convolution_2", 1, 4)
    assert cosine == pytest.approx(1)
    assert twins.remedies[0].network is not None
    assert twins.remedies[0].network.blocks[1].filters == 4


def test_how_many_pairs_are_alike_by_luck_is_what_random_directions_give() -> None:
    layer = plan(Network((ConvolutionBlock(64, 2, pooling=None),)), SHAPE, 3).layers[0]
    directions = ortho_group.rvs(4, size=20_000, random_state=1)[:, 0]
    share = (directions[:10_000] * directions[10_000:]).sum(axis=1) > kernels.ALIKE
    assert kernels.pairs_by_luck(layer) == pytest.approx(64 * 63 / 2 * share.mean(), rel=0.25)
    check = next(
        one
        for one in examine(
            patient(replace(NETWORK, blocks=(ConvolutionBlock(64, 2),)), records=GOOD[:1])
        )
        if one.name == kernels.NAME
    )
    assert not check.told


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_a_saturated_layer_is_told_with_its_slope(name: str) -> None:
    network = replace(NETWORK, dense=(DenseLayer(20, Activation(name)),))

    def sicken(unrolled: Plan, weights: np.ndarray) -> None:
        unrolled.split(weights)["dense_1/kernel"][:] *= 100

    assert not found(patient(network, change=lambda plan, weights: weights.__imul__(0.5)))
    [saturated] = found(patient(network, change=sicken))
    assert saturated.kind == "saturated"
    assert saturated.remedies[0].network == NETWORK


def test_a_layer_that_hardly_moved_is_named_and_told_by_how_much() -> None:
    def frozen(weights: np.ndarray, before: np.ndarray) -> np.ndarray:
        first = plan(NETWORK, SHAPE, 3).layers[0].parameters
        before[:first] = weights[:first] * np.float32(1.004)
        return before

    one = patient(start=frozen)
    [unmoved] = found(one)
    assert unmoved.title == "Convolution 1 hardly moved"
    assert "by 0.40" in unmoved.sentence
    [all_of_them] = found(patient(start=lambda weights, before: weights.copy()))
    assert all_of_them.remedies[0].settings is not None
    assert all_of_them.remedies[0].settings.learning_rate(1) == 0.01
    untold = examine(replace(one, start=None))
    assert any(not check.told and "epoch 0 were not kept" in check.sentence for check in untold)


@pytest.mark.parametrize(
    ("sizes", "title"),
    [
        ((1e-6, 1e-5, 1e-3, 1e-2), "The gradient vanishes before Convolution 1"),
        ((1.0, 5.0, 0.01, 1e-2), "The gradient explodes towards Convolution 2"),
    ],
)
def test_gradients_far_apart_are_found(sizes: tuple[float, ...], title: str) -> None:
    [finding] = found(patient(records=[*GOOD[:-1], replace(GOOD[-1], gradients=sizes)]))
    assert finding.title == title
    assert isinstance(finding.evidence, GradientLines)
    assert finding.evidence.epochs == (1, 2, 3, 4)
    assert finding.evidence.sizes[-1] == sizes


def test_a_first_epoch_that_taught_nothing_is_found() -> None:
    flat = [replace(end, validation_loss=log(3) * 1.001) for end in GOOD[:2]]
    [plateau] = found(patient(records=[*flat, *GOOD[2:]]))
    assert plateau.kind == "plateau"
    assert "It left the plateau in epoch 2." in plateau.sentence
    [still] = found(patient(records=flat, settings=Settings((Phase(4, 0.01),), optimiser="sgd")))
    assert "still there" in still.sentence
    assert still.remedies[0].settings == Settings((Phase(4, 0.001),))


def test_overfitting_is_a_rising_validation_loss_while_the_training_loss_falls() -> None:
    records = [
        *GOOD,
        EpochRecord(5, 0.2, 0.8, 0.55, 0.75, 0.001, 1, GRADIENTS),
        EpochRecord(6, 0.1, 0.8, 0.60, 0.75, 0.001, 1, GRADIENTS),
    ]
    [over] = found(patient(records=records))
    assert over.kind == "overfitting"
    assert "from 0.500 in epoch 4 to 0.600" in over.sentence
    early, dropout, more = over.remedies
    assert early.settings is not None
    assert early.settings.patience == history.PATIENCE
    assert dropout.network is not None
    assert dropout.network.dense[0].dropout == 0.3
    assert more.place == "Data"
    wide = [*GOOD[:-1], replace(GOOD[-1], accuracy=0.99)]
    assert found(patient(records=wide))[0].kind == "overfitting"


def test_the_gap_has_the_interval_of_newcombes_own_example() -> None:
    # Newcombe (1998), table II, (a): 56/70 less 48/80, method 10.
    gap, low, high = history.gap_interval(56 / 70, 70, 48 / 80, 80)
    assert (gap, low, high) == pytest.approx((0.2, 0.0524, 0.3339), abs=2e-4)


def test_classes_of_very_different_size_are_found() -> None:
    [uneven] = found(patient(images=(400, 100, 250)))
    assert uneven.kind == "classes"
    assert "a has 400 training images, b has 100. That is 4.0 times as many" in uneven.sentence
    assert "none at all" in found(patient(images=(400, 0, 250)))[0].sentence


def test_a_diverged_network_is_told_so_with_the_layer_and_nothing_else() -> None:
    def spoil(unrolled: Plan, weights: np.ndarray) -> None:
        unrolled.split(weights)["convolution_2/kernel"][..., :2] = np.nan
        unrolled.split(weights)["convolution_2/bias"][0] = np.inf

    [check] = examine(patient(change=spoil))
    [one] = check.findings
    assert one.kind == "diverged"
    assert one.evidence.names[1] == "Convolution 2"
    assert one.evidence.values == pytest.approx((0, (9 * 4 * 2 + 1) / (9 * 4 * 5 + 5), 0, 0))
    assert "39\u202f% of Convolution 2." in one.sentence
    assert one.remedies[0].settings == replace(ADAM, phases=(Phase(4, 0.0001),))


def test_what_cannot_be_told_is_said_to_be_so() -> None:
    bare = examine(patient(Network(), records=[replace(GOOD[0], gradients=())]))
    assert [check.name for check in bare if check.told] == [
        "Finite weights",
        "Balance of the classes",
    ]


def test_the_sample_is_taken_evenly_and_each_image_once() -> None:
    numbers = np.arange(1000, 3000)
    taken = sample(numbers)
    assert len(set(taken.tolist())) == SAMPLE
    assert (taken[0], taken[-1]) == (1000, 2999)
    np.testing.assert_array_equal(sample(numbers[:7]), numbers[:7])
