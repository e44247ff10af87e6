"""What the Health page makes of measurements: findings with the numbers, and remedies that fit the cause."""

from dataclasses import replace
from math import log

import numpy as np
import pytest

from cnn.evaluation.health import remedies
from cnn.evaluation.health.checks import run_checks
from cnn.evaluation.health.health_input import HealthInput
from cnn.network.plan import Plan
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network
from cnn.training.job import Phase, Settings
from cnn.ui.evaluate.findings import (
    Bars,
    Finding,
    check_name,
    findings,
    remedy_label,
    summary,
)
from tests.evaluation.health.networks import ADAM, GOOD, NETWORK, health_input


def found(given: HealthInput) -> list[Finding]:
    """All findings on a network."""
    return [finding for one in run_checks(given) for finding in findings(one, given)]


def changes(given: HealthInput) -> list[str]:
    """The remedies offered, without looking at units."""
    offered = [remedy.change for finding in found(given) for remedy in finding.remedies]
    return [change for change in offered if change != "inspect"]


def test_every_check_of_a_healthy_network_has_a_name_and_a_summary() -> None:
    given = health_input()
    checks = run_checks(given)
    names = [check_name(one) for one in checks]
    assert len(set(names)) == len(checks) == 10
    assert all(summary(one, given).endswith(".") for one in checks)
    assert not found(given)
    for other in (
        health_input(records=GOOD[:1]),
        health_input(Network()),
        health_input(start=lambda *_: None),
    ):
        assert [check_name(one) for one in run_checks(other)] == names
        assert all(summary(one, other) for one in run_checks(other))


def stuck(**others: object) -> list:
    """Epochs that stay at equal shares."""
    return [
        replace(
            one,
            loss=log(3),
            accuracy=0.34,
            validation_loss=log(3),
            validation_accuracy=0.33,
            **others,
        )
        for one in GOOD
    ]


def kill_dense(unrolled: Plan, weights: np.ndarray) -> None:
    unrolled.split(weights)["dense_1/bias"][:] = -1e6


def test_dead_units_after_a_long_way_mean_a_learning_rate_that_was_too_high() -> None:
    given = health_input(
        records=stuck(gradients=(0.0, 0.0, 0.0, 0.01)),
        change=kill_dense,
        start=lambda weights, before: 0.2 * before,
    )
    assert set(changes(given)) == {"slower"}
    [dead] = [one for one in found(given) if isinstance(one.evidence, Bars)]
    assert "20 of 20 units in Dense 1" in dead.title
    assert len(dead.evidence.flagged) == 20
    slower, look = dead.remedies
    assert slower.settings == replace(ADAM, phases=(Phase(4, 0.0001),))
    assert look.change == "inspect" and look.number == 0


def test_dead_units_that_did_not_come_of_training_get_leaky_relu() -> None:
    given = health_input(
        change=kill_dense, start=lambda weights, before: weights * np.float32(0.95)
    )
    [finding] = found(given)
    [leaky, _] = finding.remedies
    assert leaky.network == replace(NETWORK, dense=(DenseLayer(20, Activation("leaky_relu", 0.1)),))


@pytest.mark.parametrize(("optimizer", "change"), [("adam", "faster"), ("sgd", "adam")])
def test_weights_near_their_start_mean_a_learning_rate_that_was_too_low(
    optimizer: str, change: str
) -> None:
    settings = Settings((Phase(4, 1e-5),), 8, optimizer)
    given = health_input(
        records=stuck(),
        start=lambda weights, before: weights * np.float32(1.001),
        settings=settings,
    )
    assert set(changes(given)) == {change}
    rates = {r.settings.learning_rate(1) for f in found(given) for r in f.remedies}
    assert rates == ({1e-4} if change == "faster" else {1e-3})


def test_a_gradient_that_does_not_arrive_is_let_through() -> None:
    sigmoid = replace(NETWORK, dense=(DenseLayer(20, Activation("sigmoid")),))

    def near(weights: np.ndarray, before: np.ndarray) -> np.ndarray:
        return weights * np.float32(1.5)

    records = [*GOOD[:-1], replace(GOOD[-1], gradients=(1e-6, 1e-5, 1e-3, 1e-2))]
    given = health_input(sigmoid, records, start=near)
    assert changes(given) == ["relu"]
    assert found(given)[0].remedies[0].network == NETWORK
    plain = health_input(records=records, start=near)
    assert changes(plain) == ["batch_normalization"]
    blocks = found(plain)[0].remedies[0].network.blocks
    assert all(block.batch_normalization for block in blocks)
    normalized = replace(NETWORK, blocks=blocks)
    records = [replace(one, gradients=(1e-6, 1, 1e-5, 1, 1e-3, 1e-2)) for one in GOOD]
    assert changes(health_input(normalized, records, start=near)) == ["faster"]


def test_exploding_gradients_want_a_smaller_rate() -> None:
    records = [*GOOD[:-1], replace(GOOD[-1], gradients=(5.0, 1.0, 0.01, 0.01))]
    assert changes(health_input(records=records)) == ["slower"]


def test_a_network_that_learns_nothing_for_no_visible_reason_has_its_labels_checked() -> None:
    given = health_input(records=stuck(gradients=(0.02, 0.01, 0.005, 0.01)))
    assert changes(given) == ["check_labels"]


def test_slow_learning_wants_a_higher_rate() -> None:
    records = [
        replace(
            GOOD[0], epoch=n, validation_loss=1.2 - 0.06 * n, accuracy=0.6, validation_accuracy=0.6
        )
        for n in range(7)
    ]
    assert "faster" in changes(health_input(records=records))


def test_memorizing_is_fought_by_what_the_run_does_not_have_yet() -> None:
    late = [
        replace(GOOD[-1], epoch=n, accuracy=0.99, validation_accuracy=0.7, validation_loss=0.9)
        for n in range(5, 8)
    ]
    records = [*GOOD, *late]
    given = health_input(records=records)
    assert changes(given) == ["early_stopping", "dropout", "more_images"]
    [finding] = found(given)
    assert finding.remedies[0].settings.patience == remedies.PATIENCE
    assert finding.remedies[1].network.dense[0].dropout == 0.3
    dropped = replace(NETWORK, dense=(DenseLayer(20, dropout=0.5),))
    stopping = replace(ADAM, patience=5)
    assert changes(health_input(dropped, records, settings=stopping)) == ["more_images"]
    assert "29.0 points" in finding.sentence
    level = [*GOOD, *(replace(one, validation_loss=0.5) for one in late)]
    assert changes(health_input(records=level)) == ["dropout", "more_images"]


def test_duplicates_suggest_as_many_filters_as_are_different() -> None:
    def change(unrolled: Plan, weights: np.ndarray) -> None:
        kernel = unrolled.split(weights)["convolution_2/kernel"]
        kernel[..., [3, 4]] = 3 * kernel[..., [1, 1]]

    [finding] = found(health_input(change=change))
    assert "3 pairs" in finding.title and "Convolution 2" in finding.title
    assert finding.remedies[0].network.blocks == (NETWORK.blocks[0], ConvolutionBlock(3, 3))


def test_uneven_classes_are_named_with_their_counts() -> None:
    [finding] = found(health_input(images=(400, 100, 250)))
    assert "a has 400" in finding.sentence and "b has 100" in finding.sentence
    assert "4.0 times" in finding.sentence and finding.remedies == (remedies.BALANCE_CLASSES,)
    assert found(health_input(images=(400, 0, 250)))


def test_a_diverged_network_names_the_layer_and_the_rate() -> None:
    def spoil(unrolled: Plan, weights: np.ndarray) -> None:
        unrolled.split(weights)["convolution_2/kernel"][:] = np.nan

    [finding] = found(health_input(change=spoil))
    assert "Convolution 2" in finding.sentence and "0.001" in finding.meaning
    assert [one.change for one in finding.remedies] == ["slower"]


def test_rates_stay_within_what_a_job_allows() -> None:
    settings = Settings((Phase(4, 5.0), Phase(2, 2e-6)))
    assert [p.learning_rate for p in remedies.at_rate(settings, 10).phases] == [10.0, 2e-5]
    assert [p.learning_rate for p in remedies.at_rate(settings, 0.1).phases] == [0.5, 1e-6]


def test_the_button_of_a_remedy_names_the_rate_the_layer_and_the_unit() -> None:
    given = health_input()
    layer = given.plan.layer("convolution_2")
    labels = {
        "Train again at 0.0001": remedies.slower(given),
        "Try 1 filter in Convolution 2": remedies.fewer_filters(given, layer, 1),
        "Look at filter 3": remedies.look_at(layer, 2),
        "Switch Dense 1 to leaky ReLU": remedies.switch_to(
            "leaky_relu", given, given.plan.layer("dense_activation_1")
        ),
        "Check the labels": remedies.CHECK_LABELS,
    }
    assert {remedy_label(remedy) for remedy in labels.values()} == set(labels)


def test_one_layer_near_its_start_does_not_make_the_rate_too_low() -> None:
    def first_near(weights: np.ndarray, before: np.ndarray) -> np.ndarray:
        before[:40] = weights[:40] / np.float32(1.05)  # the first convolution
        return before

    records = stuck(gradients=(0.02, 0.01, 0.005, 0.01))
    assert changes(health_input(records=records, start=first_near)) == ["check_labels"]
