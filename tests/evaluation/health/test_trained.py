"""The health checks on networks that are really trained, a few images each.

`python -m benchmarks health` does the same with all images, and three seeds of every healthy network.
"""

import json

import pytest

from benchmarks._health_cases import (
    LEAKY,
    RELU,
    RIGHT_REMEDIES,
    THREE_SIGMOID_LAYERS,
    Case,
    Images,
    scaled,
    settings,
    trained,
)
from benchmarks.health import findings_of
from benchmarks.remedies import TABLE, Recorded
from cnn.evaluation.health import remedies
from cnn.network.presets import ARTICLE, PRESETS

FEW = Images(train=2000)

HEALTHY = [
    Case("article", ARTICLE, settings(epochs=15), images=FEW),
    Case("relu", RELU, settings(epochs=15), images=FEW),
    Case("leaky", LEAKY, settings(epochs=15), images=FEW),
    Case("lenet5", PRESETS["lenet5"].network, settings(epochs=8), images=FEW),
    Case("1,000 images", ARTICLE, settings(epochs=20), images=Images(train=1000)),
]

SICK = [
    Case("rate 0.1", RELU, settings(0.1, 10), "too_fast", FEW),
    Case("rate 0.00001", ARTICLE, settings(1e-5, 10), "too_slow", FEW),
    Case("saturated", ARTICLE, settings(epochs=10), "saturated", FEW, scaled("dense_1", 40.0)),
    Case("sigmoids", THREE_SIGMOID_LAYERS, settings(0.01, 8, "sgd"), "vanishing", FEW),
    Case("200 images", RELU, settings(epochs=40, batch_size=16), "memorizing", Images(train=200)),
    Case("uneven", ARTICLE, settings(epochs=8), "imbalance", Images(0.8, 2000, 1 / 8)),
    Case("shuffled", RELU, settings(epochs=20), "wrong_labels", Images(0.8, 2000, 1.0, "train")),
]


@pytest.mark.parametrize("case", HEALTHY, ids=lambda case: case.name)
def test_healthy_networks_have_no_finding(case: Case) -> None:
    assert [finding.title for finding in findings_of(trained(case))] == []


@pytest.mark.parametrize("case", SICK, ids=lambda case: case.name)
def test_sick_networks_have_a_finding_with_the_right_remedy_only(case: Case) -> None:
    assert case.sickness is not None
    found = findings_of(trained(case))
    offered = {remedy.change for finding in found for remedy in finding.remedies} - {"inspect"}
    assert offered and offered <= RIGHT_REMEDIES[case.sickness]


def recorded() -> list[Recorded]:
    """The effects that `python -m benchmarks remedies` measured."""
    return [Recorded(**row) for row in json.loads(TABLE.read_text("utf-8"))]


def test_every_remedy_has_a_recorded_run_that_it_helped() -> None:
    helped = {one.change for one in recorded() if one.helps}
    assert helped == set(remedies.Change.__args__) - {"inspect"}
    assert all(one.helps for one in recorded())
