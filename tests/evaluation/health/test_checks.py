"""What each health check measures, on networks that are changed on purpose; SciPy is the authority."""

from dataclasses import replace
from math import log

import numpy as np
import pytest
from scipy import stats

from cnn.evaluation.health import classes, history, kernels
from cnn.evaluation.health.activity import SAMPLE, DeadUnits, RareFilters, Saturation, sample
from cnn.evaluation.health.checks import run_checks
from cnn.evaluation.health.classes import ClassBalance
from cnn.evaluation.health.history import Memorizing, Progress
from cnn.evaluation.health.kernels import NearDuplicates
from cnn.evaluation.health.learning import FiniteWeights, GradientSizes, WeightMovement
from cnn.inspection.forward import forward
from cnn.network.plan import Plan, plan
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network
from cnn.training.job import Settings
from cnn.training.run import EpochRecord
from tests.evaluation.health.networks import (
    GOOD,
    GRADIENTS,
    NETWORK,
    SHAPE,
    flagged,
    health_input,
    skipped,
    tiles,
)


def of(kind: type, given) -> object:
    """The measurement of one kind."""
    [one] = [one for one in run_checks(given) if isinstance(one, kind)]
    return one


def test_a_healthy_network_passes_every_check_that_applies() -> None:
    given = health_input()
    assert not flagged(given)
    assert skipped(given) == {"Saturation": "no_saturating_activation"}


def test_a_layer_is_flagged_when_half_of_its_units_are_0_for_every_image() -> None:
    def kill(filters: list[int]):
        def change(unrolled: Plan, weights: np.ndarray) -> None:
            unrolled.split(weights)["convolution_2/bias"][filters] = -1e3

        return change

    network = replace(NETWORK, blocks=(NETWORK.blocks[0], ConvolutionBlock(6, 3)))
    few, half = (
        health_input(network, change=kill([1, 3])),
        health_input(network, change=kill([1, 3, 5])),
    )
    measured = of(DeadUnits, few)
    second = next(one for one in measured.layers if one.layer.name == "activation_2")
    outputs = forward(few.plan, few.weights, tiles())["activation_2"]
    assert second.units.tolist() == (outputs.max(axis=(0, 1, 2)) == 0).tolist()
    assert second.units.sum() == 2 and not measured.flagged
    [dead] = of(DeadUnits, half).flagged
    assert dead.layer.name == "activation_2"


def test_a_rarely_active_filter_is_not_dead() -> None:
    def change(unrolled: Plan, weights: np.ndarray) -> None:
        before = forward(unrolled, weights, tiles())["convolution_1"]
        threshold = np.quantile(before[..., 2], 0.995)  # above 0 in half a percent of the cells
        unrolled.split(weights)["convolution_1/bias"][2] -= threshold

    [rare] = flagged(health_input(change=change))
    assert isinstance(rare, RareFilters)
    [layer] = rare.flagged
    assert layer.units.tolist() == [False, False, True, False]
    assert 1 - layer.activity.zero[2] == pytest.approx(0.005, abs=3e-4)


def test_duplicates_are_found_over_all_channels_whatever_their_size() -> None:
    def change(unrolled: Plan, weights: np.ndarray) -> None:
        kernel = unrolled.split(weights)["convolution_2/kernel"]
        kernel[..., 4] = 3 * kernel[..., 1]

    [found] = flagged(health_input(change=change))
    assert isinstance(found, NearDuplicates)
    [layer] = found.flagged
    [(first, second, cosine)] = layer.pairs
    assert (layer.layer.name, first, second) == ("convolution_2", 1, 4)
    assert cosine == pytest.approx(1)


def test_opposite_kernels_are_no_duplicates_though_there_is_no_other_pair() -> None:
    def change(unrolled: Plan, weights: np.ndarray) -> None:
        kernel = unrolled.split(weights)["convolution_1/kernel"]
        kernel[..., 1] = -kernel[..., 0]

    two = Network((ConvolutionBlock(2, 3),), dense=(DenseLayer(20),))
    found = of(NearDuplicates, health_input(two, GOOD[:2], change))
    assert not found.flagged
    assert found.closest == pytest.approx(-1)
    single = of(
        NearDuplicates, health_input(replace(two, blocks=(ConvolutionBlock(1, 3),)), GOOD[:1])
    )
    assert single.closest is None and not single.flagged


def test_cosines_are_scipys_and_that_of_a_kernel_of_zeros_is_0() -> None:
    kernel = np.random.default_rng(1).normal(size=(3, 3, 2, 4)).astype(np.float32)
    kernel[..., 3] = 0
    found = kernels.kernel_cosines(kernel)
    flat = kernel.reshape(-1, 4).T
    from scipy.spatial.distance import cosine

    for first in range(3):
        for second in range(3):
            assert found[first, second] == pytest.approx(1 - cosine(flat[first], flat[second]))
    assert not found[3].any()


def test_pairs_by_chance_are_those_of_random_directions() -> None:
    layer = plan(Network((ConvolutionBlock(64, 2, pooling=None),)), SHAPE, 3).layers[0]
    directions = stats.ortho_group.rvs(4, size=20_000, random_state=1)[:, 0]
    share = (directions[:10_000] * directions[10_000:]).sum(axis=1) > kernels.SIMILAR
    assert kernels.pairs_by_chance(layer) == pytest.approx(64 * 63 / 2 * share.mean(), rel=0.25)
    wide = replace(NETWORK, blocks=(ConvolutionBlock(64, 2),))
    assert skipped(health_input(wide, GOOD[:1]))["NearDuplicates"] == "kernels_too_small"


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_saturation_matters_only_where_learning_is_held_back(name: str) -> None:
    network = replace(NETWORK, dense=(DenseLayer(20, Activation(name)),))

    def saturate(unrolled: Plan, weights: np.ndarray) -> None:
        unrolled.split(weights)["dense_1/kernel"][:] *= 100

    def near(weights: np.ndarray, before: np.ndarray) -> np.ndarray:
        first = plan(network, SHAPE, 3).layers[0].parameters
        before[:first] = weights[:first] * np.float32(1.05)
        return before

    decided = of(Saturation, health_input(network, change=saturate))
    assert decided.saturated and not decided.flagged
    held_back = of(Saturation, health_input(network, change=saturate, start=near))
    [layer] = held_back.flagged
    assert layer.layer.name == "dense_activation_1"
    small = [*GOOD[:-1], replace(GOOD[-1], gradients=(0.02, 0.01, 0.0004, 0.01))]
    assert of(Saturation, health_input(network, small, saturate)).flagged
    gentle = health_input(network, change=lambda plan, weights: weights.__imul__(0.5), start=near)
    assert not of(Saturation, gentle).saturated


@pytest.mark.parametrize("factor", [1.004, 0.5, 3.0])
def test_movement_is_the_distance_from_the_start_relative_to_its_size(factor: float) -> None:
    """A kernel that is stretched moves, too, and a long start does not hide a long way."""

    def before(weights: np.ndarray, other: np.ndarray) -> np.ndarray:
        first = plan(NETWORK, SHAPE, 3).layers[0].parameters
        other[:first] = weights[:first] / np.float32(factor)
        return other

    found = of(WeightMovement, health_input(start=before))
    assert next(iter(found.movements.values())) == pytest.approx(abs(factor - 1), rel=1e-3)
    assert found.flagged == (factor == 1.004, False, False, False)


def test_movement_needs_the_start() -> None:
    unknown = health_input(start=lambda weights, before: None)
    assert skipped(unknown)["WeightMovement"] == "no_start"
    assert skipped(health_input(records=GOOD[:1]))["WeightMovement"] == "untrained"


@pytest.mark.parametrize(
    ("sizes", "vanishing", "exploding"),
    [
        ((1e-6, 1e-5, 1e-3, 1e-2), 0, None),
        ((1.0, 5.0, 0.01, 1e-2), None, 1),
        ((2e-4, 0.9, 0.01, 1e-2), None, None),
        ((0.5e-4, 1.1, 0.01, 1e-2), 0, 1),
    ],
)
def test_gradients_far_apart_are_found(
    sizes: tuple[float, ...], vanishing: int | None, exploding: int | None
) -> None:
    records = [*GOOD[:-1], replace(GOOD[-1], gradients=sizes)]
    found = of(GradientSizes, health_input(records=records))
    assert (found.vanishing, found.exploding) == (vanishing, exploding)
    assert found.lines.epochs == (1, 2, 3, 4) and found.lines.sizes[-1] == sizes


def losses(*values: float, training: float = 0.4) -> list[EpochRecord]:
    """Epochs with these validation losses, 330 images in steps of 8: 42 steps each."""
    return [
        EpochRecord(n, training, 0.75, value, 0.74, 0.001, 1, GRADIENTS if n else ())
        for n, value in enumerate(values)
    ]


def test_a_network_is_stuck_only_after_enough_steps_without_having_left() -> None:
    flat = log(3) * 0.99
    early = health_input(records=losses(1.2, flat, flat))
    assert skipped(early)["Progress"] == "too_few_steps"
    records = [
        replace(one, accuracy=0.34, validation_accuracy=0.33) for one in losses(1.2, *[flat] * 4)
    ]
    [stuck] = flagged(health_input(records=records))
    assert (stuck.kind, stuck.steps) == ("stuck", 4 * 42)
    assert stuck.equal_shares == pytest.approx(log(3))
    left = losses(1.2, flat, flat, 0.9, 0.7)
    assert of(Progress, health_input(records=left)).kind is None


def test_a_loss_that_has_not_begun_to_level_off_is_slow() -> None:
    straight = losses(*np.linspace(1.2, 0.8, 7))
    assert of(Progress, health_input(records=straight)).kind == "slow"
    bent = losses(1.2, 0.9, 0.75, 0.7, 0.68, 0.66, 0.65)
    assert of(Progress, health_input(records=bent)).kind is None
    assert of(Progress, health_input(records=straight[:5])).kind is None  # after 168 steps


def test_training_accuracy_without_any_on_the_test_images_points_to_the_labels() -> None:
    records = [replace(one, accuracy=0.9, validation_accuracy=0.35) for one in losses(*[1.3] * 6)]
    [found] = flagged(health_input(records=records))
    assert found.kind == "random_labels"


def test_a_small_gap_and_a_wobbling_loss_are_no_memorizing() -> None:
    wobbling = losses(1.0, 0.6, 0.5, 0.45, 0.43, 0.4, 0.42, 0.4, 0.43, training=0.3)
    found = of(Memorizing, health_input(records=wobbling))
    assert found.flagged is None
    assert found.best_epoch == 5 and found.stalled_for == 3


def test_a_loss_that_has_risen_for_epochs_is_found() -> None:
    rising = losses(1.0, 0.6, 0.5, 0.4, 0.4, 0.4, 0.4, 0.4, 0.5, 0.55, 0.6)
    rising = [replace(one, loss=0.5 - 0.02 * one.epoch) for one in rising]
    found = of(Memorizing, health_input(records=rising))
    assert found.flagged == "rise" and found.best_epoch == 3
    means = [np.mean([one.validation_loss for one in rising][at : at + 5]) for at in range(1, 7)]
    assert found.rise == pytest.approx(means[-1] / min(means) - 1)


def test_a_large_gap_is_memorizing() -> None:
    wide = [*GOOD[:-1], replace(GOOD[-1], accuracy=0.99, validation_accuracy=0.7)]
    found = of(Memorizing, health_input(records=wide))
    assert found.flagged == "gap" and found.low > history.GAP
    close = [*GOOD[:-1], replace(GOOD[-1], accuracy=0.9, validation_accuracy=0.8)]
    assert of(Memorizing, health_input(records=close)).flagged is None


def test_the_gap_has_the_interval_of_newcombes_own_example() -> None:
    # Newcombe (1998), table II, (a): 56/70 minus 48/80, method 10.
    gap, low, high = history.gap_interval(56 / 70, 70, 48 / 80, 80)
    assert (gap, low, high) == pytest.approx((0.2, 0.0524, 0.3339), abs=2e-4)


@pytest.mark.parametrize(
    ("counts", "flags"),
    [
        ((400, 200, 250), (False, True, False)),  # exactly half is flagged
        ((400, 201, 250), (False, False, False)),
        ((400, 0, 250), (False, True, False)),
        ((25, 10, 20, 21, 19, 20, 22, 18, 24, 21), (False,) * 10),  # 200 images drawn at random
        ((100, 100, 100), (False, False, False)),
    ],
)
def test_classes_with_at_most_half_the_images_are_flagged_unless_by_chance(
    counts: tuple[int, ...], flags: tuple[bool, ...]
) -> None:
    found = classes.class_balance(health_input(images=counts))
    assert isinstance(found, ClassBalance)
    assert found.flagged == flags
    assert found.p_value == pytest.approx(stats.chisquare(counts).pvalue)


def test_lost_weights_are_counted_per_layer_and_nothing_else_is_checked() -> None:
    def spoil(unrolled: Plan, weights: np.ndarray) -> None:
        unrolled.split(weights)["convolution_2/kernel"][..., :2] = np.nan
        unrolled.split(weights)["convolution_2/bias"][0] = np.inf

    [found] = run_checks(health_input(change=spoil))
    assert isinstance(found, FiniteWeights)
    assert tuple(found.lost.values()) == pytest.approx((0, (9 * 4 * 2 + 1) / (9 * 4 * 5 + 5), 0, 0))


def test_checks_that_do_not_apply_say_why() -> None:
    bare = skipped(health_input(Network(), [*GOOD[:3], replace(GOOD[3], gradients=())]))
    assert bare == {
        "DeadUnits": "no_relu",
        "RareFilters": "no_relu_maps",
        "Saturation": "no_saturating_activation",
        "NearDuplicates": "no_convolution",
        "GradientSizes": "no_gradients",
    }
    one = [replace(end, gradients=(0.1,)) for end in GOOD]
    assert skipped(health_input(Network(), one))["GradientSizes"] == "single_layer"


def test_the_sample_is_evenly_spaced_with_each_image_once() -> None:
    numbers = np.arange(1000, 3000)
    taken = sample(numbers)
    assert len(set(taken.tolist())) == SAMPLE
    assert (taken[0], taken[-1]) == (1000, 2999)
    np.testing.assert_array_equal(sample(numbers[:7]), numbers[:7])


def test_steps_are_counted_with_the_last_incomplete_batch() -> None:
    given = health_input(images=(5, 5, 7), settings=Settings(batch_size=8))
    assert given.steps_per_epoch == 3
