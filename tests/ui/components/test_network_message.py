"""What the network view sends to the browser, read as the browser reads it, against the forward pass."""

import json
from dataclasses import replace
from math import inf, nan, prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cnn.inspection.edits import Edits
from cnn.inspection.forward import forward
from cnn.inspection.keras_values import layer_values
from cnn.inspection.units import Unit
from cnn.network.layers import Dropout
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import ConvolutionBlock, Network
from cnn.ui.components import network_message
from cnn.ui.components.network_message import (
    Keras,
    Picture,
    Timeline,
    epochs_that_fit,
    largest_sizes,
    message,
)
from cnn.ui.state import services
from tests.strategies import SEEDS, plans, random_images, random_weights

Values = NDArray[np.float32]
ARTICLES = plan(ARTICLE, (28, 28, 1), 10)


class Decoded:
    """A message as the browser has it: the head, and the numbers of every row by its name."""

    def __init__(self, content: bytes) -> None:
        length = int.from_bytes(content[:4], "little")
        self.head = json.loads(content[4 : 4 + length].decode(), parse_constant=no_constant)
        self.body = np.frombuffer(content[4 + length :], "<f4")
        self.rows = {
            name: self.body[start : start + size]
            for name, (start, size) in self.head["rows"].items()
        }
        assert sum(row.size for row in self.rows.values()) == self.body.size

    @property
    def layers(self) -> list[dict[str, Any]]:
        return list(self.head["layers"])

    def values(self, layer: dict[str, Any]) -> Values:
        row, start = self.rows["values"], layer["values"]
        return row[start : start + prod(layer["shape"])].reshape(layer["shape"])

    def weight(self, weight: dict[str, Any]) -> Values:
        row, start = self.rows["weights"], weight["start"]
        return row[start : start + prod(weight["shape"])].reshape(weight["shape"])


def no_constant(name: str) -> None:
    raise AssertionError(f"JSON in a browser knows no {name}")


def picture(network_plan: Plan, seed: int = 1, **others: Any) -> Picture:
    classes = tuple(f"class {at}" for at in range(network_plan.classes))
    return Picture(
        network_plan,
        random_weights(network_plan, seed),
        random_images(network_plan, seed)[0],
        classes,
        **others,
    )


def expected(shown: Picture, weights: Values | None = None) -> dict[str, Values]:
    """What the image and every layer but dropout give; of the output one probability a class."""
    network_plan = shown.plan
    found = forward(network_plan, shown.weights if weights is None else weights, shown.image[None])
    names = [
        layer.name for layer in network_plan.layers if not isinstance(layer.operation, Dropout)
    ]
    outputs = {name: found[name][0] for name in ("image", *names)}
    last = outputs[names[-1]]
    if network_plan.network.output == "sigmoid":
        outputs[names[-1]] = np.array([1 - last[0], last[0]])
    return outputs


def check(shown: Picture) -> None:
    decoded = Decoded(message(shown)[0])
    outputs = expected(shown)
    assert [layer["name"] for layer in decoded.layers] == list(outputs)
    for layer, own in zip(decoded.layers, outputs.values(), strict=True):
        np.testing.assert_array_equal(decoded.values(layer), own)
    arrays = shown.plan.split(shown.weights)
    weights = {
        f"{layer['name']}/{part}": decoded.weight(weight)
        for layer in decoded.layers
        for part, weight in layer.get("weights", {}).items()
    }
    assert set(weights) == set(arrays)
    for name, own in arrays.items():
        np.testing.assert_array_equal(weights[name], own)
    assert decoded.head["classes"] == list(shown.classes)
    assert decoded.head["truth"] == shown.truth
    assert decoded.head["scale"] == shown.scale


@given(plans(), SEEDS, st.sampled_from(["map", "layer", "network"]), st.none() | st.just(1))
@settings(max_examples=50, deadline=None)
def test_the_message_holds_every_value_and_every_weight(
    network_plan: Plan, seed: int, scale: Any, truth: int | None
) -> None:
    check(picture(network_plan, seed, scale=scale, truth=truth))


@pytest.mark.parametrize("broken", [nan, inf, -inf, 3e38])
@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
def test_weights_that_are_no_numbers_are_sent_as_they_are(broken: float, output: Any) -> None:
    network_plan = plan(Network((ConvolutionBlock(3, 3),), output=output), (9, 9, 1), 2)
    check(
        replace(picture(network_plan), weights=np.full(network_plan.parameters, broken, np.float32))
    )


def test_the_head_is_json_even_where_losses_are_no_numbers() -> None:
    losses = ((0, nan, inf), (1, 0.5, -inf))
    decoded = Decoded(message(picture(ARTICLES, timeline=Timeline("r", (0, 1), 1, losses)))[0])
    assert decoded.head["timeline"]["losses"] == [[0, None, None], [1, 0.5, None]]
    assert decoded.head["timeline"]["kept"] == [0, 1]
    assert decoded.head["timeline"]["shown"] == 1


def test_weights_that_are_known_are_not_sent_again() -> None:
    shown = picture(ARTICLES)
    content, name = message(shown)
    short, again = message(shown, name)
    assert again == name == Decoded(short).head["weightsName"]
    assert len(content) - len(short) == pytest.approx(4 * ARTICLES.parameters, abs=40)
    assert "weights" not in Decoded(short).rows
    np.testing.assert_array_equal(Decoded(short).rows["values"], Decoded(content).rows["values"])
    other = message(replace(shown, weights=shown.weights + 1), name)
    assert other[1] != name and "weights" in Decoded(other[0]).rows


def test_drawn_names_all_that_the_picture_depends_on() -> None:
    shown = picture(ARTICLES)
    others = [
        shown,
        replace(shown, weights=shown.weights * 2),
        replace(shown, image=shown.image // 2),
        replace(shown, scale="map"),
        replace(shown, truth=3),
        replace(shown, edits=Edits(off=frozenset({("convolution_1", 1)}))),
    ]
    names = [Decoded(message(other)[0]).head["drawn"] for other in others]
    assert len(set(names)) == len(names)
    again = replace(shown, weights=shown.weights.copy(), selected=Unit("softmax", 1), keras=Keras())
    assert Decoded(message(again)[0]).head["drawn"] == names[0]


@given(plans(), SEEDS, st.data())
@settings(max_examples=10, deadline=None)
def test_kerass_values_are_those_of_the_chosen_layer(
    network_plan: Plan, seed: int, data: st.DataObject
) -> None:
    shown = picture(network_plan, seed)
    answer = layer_values(network_plan, shown.weights, shown.image)
    names = [name for name in expected(shown) if name != "image"]
    layer = data.draw(st.sampled_from(names))
    selected = Unit(layer, 0)
    decoded = Decoded(message(replace(shown, selected=selected, keras=Keras(answer)))[0])
    own = expected(shown)[layer]
    scale = max(1.0, float(np.abs(own).max()))
    np.testing.assert_allclose(decoded.rows["keras"], own.ravel(), rtol=0, atol=1e-5 * scale)
    assert decoded.head["selected"] == vars(selected)


@pytest.mark.parametrize("keras", [None, Keras(), Keras(fault="It could not.")])
def test_without_kerass_answer_there_are_none_of_its_values(keras: Keras | None) -> None:
    decoded = Decoded(message(picture(ARTICLES, selected=Unit("dense_1", 4), keras=keras))[0])
    assert "keras" not in decoded.rows
    assert decoded.head["keras"] == (keras and {"fault": keras.fault})


def test_the_image_is_chosen_without_any_of_kerass_values() -> None:
    shown = picture(ARTICLES, selected=Unit("image", 0, 3, 4))
    answer = layer_values(ARTICLES, shown.weights, shown.image)
    assert "keras" not in Decoded(message(replace(shown, keras=Keras(answer)))[0]).rows


def test_a_film_has_for_each_epoch_what_the_message_has_for_one() -> None:
    network_plan = plan(Network((ConvolutionBlock(2, 3, 1, "same", True),)), (8, 8, 3), 3)
    film = {epoch: random_weights(network_plan, epoch) for epoch in (0, 1, 4)}
    timeline = Timeline("run", (0, 1, 4), 4, ())
    shown = picture(network_plan, film=film, timeline=timeline)
    decoded = Decoded(message(shown)[0])
    assert decoded.head["filmEpochs"] == [0, 1, 4]
    frames = decoded.rows["film"].reshape(3, -1)
    for frame, weights in zip(frames, film.values(), strict=True):
        values = frame[: decoded.rows["values"].size]
        for layer, own in zip(decoded.layers, expected(shown, weights).values(), strict=True):
            start = layer["values"]
            np.testing.assert_array_equal(values[start : start + own.size], own.ravel())
        np.testing.assert_array_equal(frame[values.size :], weights)

    def name(other: Picture) -> str:
        return str(Decoded(message(other)[0]).head["filmName"])

    assert name(replace(shown, film={}, scale="map", selected=Unit("softmax", 1))) == name(shown)
    different = [
        replace(shown, image=shown.image // 2),
        replace(shown, timeline=replace(timeline, run="another")),
        replace(shown, timeline=replace(timeline, kept=(0, 4))),
        replace(shown, edits=Edits(off=frozenset({("convolution_1", 1)}))),
    ]
    assert len({name(other) for other in (shown, *different)}) == 5


@given(plans(), SEEDS, st.integers(0, 3000))
@settings(max_examples=40, deadline=None)
def test_what_does_not_fit_is_left_out_largest_first(
    network_plan: Plan, seed: int, most: int
) -> None:
    shown = picture(network_plan, seed)
    sizes = {name: own.nbytes for name, own in expected(shown).items()}
    sizes |= {name: own.nbytes for name, own in network_plan.split(shown.weights).items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network_message, "MOST_BYTES", most)
        decoded = Decoded(message(shown)[0])
    kept = {layer["name"]: layer["values"] is not None for layer in decoded.layers}
    for layer in decoded.layers:
        for part, weight in layer.get("weights", {}).items():
            kept[f"{layer['name']}/{part}"] = weight["start"] is not None
    assert sum(sizes[name] for name, there in kept.items() if there) == decoded.body.nbytes <= most
    largest = max([sizes[name] for name, there in kept.items() if there], default=0)
    left_out = [sizes[name] for name, there in kept.items() if not there]
    assert all(size >= largest for size in left_out)
    if left_out:
        assert decoded.body.nbytes + min(left_out) > most
    outputs = expected(shown)
    for layer in decoded.layers:
        if layer["values"] is not None:
            np.testing.assert_array_equal(decoded.values(layer), outputs[layer["name"]])


def test_a_film_of_as_many_epochs_as_fit_is_not_too_much() -> None:
    count = epochs_that_fit(ARTICLES)
    shown = picture(ARTICLES)
    one_more = len(message(shown)[0]) * (count + 1)
    film = {epoch: shown.weights for epoch in range(3)}
    row = Decoded(message(replace(shown, film=film))[0]).rows["film"]
    assert row.nbytes / 3 * count <= network_message.MOST_BYTES < one_more
    assert count > 30  # all epochs of the article's training


def test_the_shipped_network_at_work_is_a_small_message() -> None:
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    network_plan, weights = services.run_plan(run), services.weights(run.id, run.last_epoch)
    shown = Picture(
        network_plan, weights, data.dataset.images[0], data.classes, int(data.labels[0])
    )
    content, name = message(shown)
    assert len(content) < 60_000 + 4 * network_plan.parameters
    assert len(message(shown, name)[0]) < 60_000


@given(plans(), SEEDS)
@settings(max_examples=15)
def test_a_shared_scale_has_the_limits_of_all_the_networks(unrolled: Plan, seed: int) -> None:
    several = [random_weights(unrolled, seed), 3 * random_weights(unrolled, seed + 1)]
    broken = several[0].copy()
    broken[:] = nan
    image = random_images(unrolled, 1)[0]
    found = largest_sizes(unrolled, [*several, broken], image)
    assert list(found) == [layer.name for layer in unrolled.layers]
    outputs = [forward(unrolled, weights, image[None]) for weights in several]
    for name, (values, kernel) in found.items():
        assert values == max(float(np.abs(own[name]).max()) for own in outputs)
        kernels = [unrolled.split(weights).get(f"{name}/kernel") for weights in several]
        assert kernel == max(
            [float(np.abs(own).max()) for own in kernels if own is not None] or [0]
        )
    shown = Picture(unrolled, several[0], image, ("a",) * unrolled.classes)
    own, shared = (Decoded(message(each)[0]).head for each in (shown, replace(shown, limits=found)))
    assert shared["limits"] == {name: list(sizes) for name, sizes in found.items()}
    assert own["drawn"] != shared["drawn"]  # on another scale it is another picture
