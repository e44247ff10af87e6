"""What the network view tells the browser, read as the browser reads it, against the forward pass."""

import json
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cnn.inspection.forward import forward
from cnn.network.layers import Convolution, Dropout
from cnn.network.plan import Plan, plan
from cnn.network.spec import ConvolutionBlock, DenseLayer, Network
from cnn.ui import services
from cnn.ui.components.network_view import message
from tests.strategies import SEEDS, plans, random_images, random_weights

Values = NDArray[np.float32]


def no_constant(name: str) -> None:
    raise AssertionError(f"JSON in a browser knows no {name}")


def decoded(content: bytes) -> tuple[dict[str, Any], Values]:
    """The head and the numbers."""
    length = int.from_bytes(content[:4], "little")
    head = json.loads(content[4 : 4 + length].decode(), parse_constant=no_constant)
    return head, np.frombuffer(content[4 + length :], "<f4")


def values(entry: dict[str, Any], body: Values) -> Values:
    assert entry["length"] == prod(entry["shape"])
    return body[entry["offset"] : entry["offset"] + entry["length"]].reshape(entry["shape"])


def expected(one: Plan, weights: Values, image: NDArray[np.uint8]) -> list[tuple[str, Values]]:
    """The stages that are to be seen: their kind and their values."""
    outputs = forward(one, weights, image[None])
    stages = [("input", outputs["image"][0])]
    for layer in one.layers:
        told_with_classes = layer.name == "logits" and one.network.output == "softmax"
        if told_with_classes or isinstance(layer.operation, Dropout):
            continue
        if isinstance(layer.operation, Convolution):
            stages.append(("kernels", one.split(weights)[f"{layer.name}/kernel"]))
        out = outputs[layer.name][0]
        stages.append(("maps" if out.ndim == 3 else "units", out))
    last = stages.pop()[1]
    chances = np.array([1 - last[0], last[0]]) if one.network.output == "sigmoid" else last
    return [*stages, ("classes", chances)]


def check(one: Plan, weights: Values, image: NDArray[np.uint8]) -> None:
    classes = tuple(f"class {at}" for at in range(one.classes))
    head, body = decoded(message(one, weights, image, classes, 1))
    stages = expected(one, weights, image)
    assert [entry["kind"] for entry in head["layers"]] == [kind for kind, _ in stages]
    for entry, (_, own) in zip(head["layers"], stages, strict=True):
        np.testing.assert_array_equal(values(entry, body), own)
    # The pieces lie one behind the other; nothing is left over, nothing is told twice.
    pieces = [(entry["offset"], entry["length"]) for entry in head["layers"]]
    logits = head["layers"][-1]["logits"]
    if one.network.output == "softmax":
        own = forward(one, weights, image[None])["logits"][0]
        np.testing.assert_array_equal(body[logits : logits + one.classes], own)
        pieces.append((logits, one.classes))
    else:
        assert logits is None
    ordered = sorted(pieces)
    assert ordered[0][0] == 0
    assert all(start + length == after for (start, length), (after, _) in pairwise(ordered))
    assert sum(ordered[-1]) == len(body)
    assert head["classes"] == list(classes)
    assert head["truth"] == 1


@given(plans(), SEEDS)
@settings(deadline=None)
def test_every_stage_holds_what_the_network_computes(one: Plan, seed: int) -> None:
    check(one, random_weights(one, seed), random_images(one, seed)[0])


@pytest.mark.parametrize(
    ("network", "shape", "classes"),
    [
        (Network((ConvolutionBlock(3),), output="sigmoid"), (9, 9, 1), 2),
        (Network(), (4, 4, 1), 3),
        (Network(output="sigmoid"), (4, 4, 3), 2),
        (Network((ConvolutionBlock(3),), "global_average", (DenseLayer(5),)), (9, 9, 3), 4),
    ],
    ids=["sigmoid", "no convolution", "only one unit", "global average"],
)
def test_unusual_networks_and_weights_that_are_no_numbers(
    network: Network, shape: tuple[int, int, int], classes: int
) -> None:
    one = plan(network, shape, classes)
    weights, image = random_weights(one, 1), random_images(one, 1)[0]
    check(one, weights, image)
    for broken in (np.nan, np.inf, -np.inf):
        check(one, np.full_like(weights, broken), image)


@given(plans(), SEEDS, st.data())
@settings(deadline=None)
def test_a_choice_of_layers_leaves_the_other_stages_out(
    one: Plan, seed: int, data: st.DataObject
) -> None:
    names = data.draw(st.sets(st.sampled_from([layer.name for layer in one.layers])))
    weights, image = random_weights(one, seed), random_images(one, seed)[0]
    classes = ("a",) * one.classes
    full, _ = decoded(message(one, weights, image, classes, None))
    part, body = decoded(message(one, weights, image, classes, None, layers=frozenset(names)))
    titles = [entry["title"] for entry in full["layers"]]
    assert [t for t in titles if t in {entry["title"] for entry in part["layers"]}] == [
        entry["title"] for entry in part["layers"]
    ]
    assert part["layers"][0]["kind"] == "input"
    assert part["layers"][-1]["kind"] == "classes"
    shown = {layer.name for layer in one.layers[:-2] if layer.name in names}
    kernels = sum(isinstance(one.layer(name).operation, Convolution) for name in shown)
    dropped = sum(isinstance(one.layer(name).operation, Dropout) for name in shown)
    always = 3 if one.network.output == "sigmoid" else 2
    assert len(part["layers"]) == always + len(shown) + kernels - dropped
    for entry in part["layers"]:
        assert np.isfinite(values(entry, body)).all()


def test_the_shipped_network_at_work_is_a_small_message() -> None:
    run = services.run_store().run(services.SHIPPED_RUN)
    data = services.chosen(run.job.data)
    weights = services.weights(run.id, run.last_epoch)
    content = message(
        services.run_plan(run), weights, data.dataset.images[0], data.classes, int(data.labels[0])
    )
    assert len(content) < 60_000
