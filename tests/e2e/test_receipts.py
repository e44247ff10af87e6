"""The arithmetic that the browser shows, in a real browser, against Keras."""

from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import example, given, settings

from cnn.network.layers import Layer
from cnn.network.plan import Plan, plan
from cnn.network.spec import Network
from tests.e2e.cases import (
    DIFFERENCES,
    DILATED,
    EVERYTHING,
    FUNCTIONS,
    RECEIPTS,
    UNEVEN,
    Case,
    Values,
)
from tests.e2e.component import Harness
from tests.strategies import SEEDS, plans


@given(plans(), SEEDS)
@example(UNEVEN, 1)
@example(DILATED, 1)
@example(FUNCTIONS, 2)
@settings(max_examples=20, deadline=None)
def test_every_number_is_recomputed_as_keras_computes_it(
    browser_half: Harness, network_plan: Plan, seed: int
) -> None:
    case = Case(network_plan, seed)
    image, *computed = browser_half.call(EVERYTHING, case.content)
    np.testing.assert_array_equal(np.float32(image), case.outputs[0].ravel())
    for layer, ours, kerass in zip(case.layers, computed, case.kerass(), strict=True):
        scale = max(1.0, float(np.abs(kerass).max()))
        np.testing.assert_allclose(
            ours, kerass.ravel(), rtol=0, atol=1e-5 * scale, err_msg=layer.name
        )


@given(plans(), SEEDS)
@example(UNEVEN, 1)
@example(DILATED, 1)
@example(FUNCTIONS, 2)
@settings(max_examples=25, deadline=None)
def test_what_a_receipt_lists_is_what_the_layer_read_and_adds_up(
    browser_half: Harness, network_plan: Plan, seed: int
) -> None:
    case = Case(network_plan, seed)
    units = case.some_units(4)
    receipts = browser_half.call(RECEIPTS, [case.content, units])
    for unit, receipt in zip(units, receipts, strict=True):
        layer, read = case.layers[unit["layer"] - 1], case.outputs[unit["layer"] - 1]
        _CHECKS[receipt["kind"]](case, layer, read, unit, receipt)


@given(plans(), SEEDS)
@example(UNEVEN, 1)
@example(FUNCTIONS, 2)
@example(plan(Network(), (8, 8, 1), 4), 3)
@settings(max_examples=8, deadline=None)
def test_the_difference_of_two_classes_is_that_of_kerass_logits(
    browser_half: Harness, network_plan: Plan, seed: int
) -> None:
    case = Case(network_plan, seed)
    logits = case.kerass()[-2].astype(float)
    kernel, bias = (case.arrays[f"logits/{name}"].astype(float) for name in ("kernel", "bias"))
    if len(logits) == 1:  # a sigmoid is the softmax of 0 and its only logit
        logits, kernel, bias = (
            np.concatenate([0 * one, one], -1) for one in (logits, kernel, bias)
        )
    near = 1e-5 * max(1.0, float(np.abs(logits).max()))
    for own, row in enumerate(browser_half.call(DIFFERENCES, case.content)):
        for other, found in enumerate(row):
            assert found["computed"] == pytest.approx(logits[own] - logits[other], abs=2 * near)
            assert found["logits"] == pytest.approx([logits[own], logits[other]], abs=near)
            assert found["bias"] == pytest.approx(bias[own] - bias[other], abs=1e-12)
            products = [term["product"] for term in found["terms"]]
            assert sum(products) + found["bias"] == pytest.approx(found["computed"], abs=1e-10)
            assert np.all(np.diff(np.abs(products)) <= 0)
            for term in found["terms"]:
                weights = kernel[term["from"]]
                assert term["value"] == case.outputs[-3][term["from"]]
                assert term["weight"] == pytest.approx(weights[own] - weights[other], abs=1e-12)
                assert term["product"] == term["value"] * term["weight"]


def check_convolution(case: Case, layer: Layer, read: Values, unit: Any, receipt: Any) -> None:
    kernel = case.arrays[f"{layer.name}/kernel"]
    side, _, channels, _ = kernel.shape
    before, dilation = same_padding(layer), layer.operation.dilation
    after = side * dilation
    padded = np.pad(read, ((before, after), (before, after), (0, 0)), constant_values=np.nan)
    top, left = unit["row"] * layer.operation.stride, unit["column"] * layer.operation.stride
    assert len(receipt["channels"]) == channels
    for channel, part in enumerate(receipt["channels"]):
        patch = padded[top::dilation, left::dilation][:side, :side, channel].ravel()
        values = [np.nan if cell["value"] is None else cell["value"] for cell in part["cells"]]
        np.testing.assert_array_equal(values, patch)
        rows = np.repeat(np.arange(side) * dilation, side) + top - before
        columns = np.tile(np.arange(side) * dilation, side) + left - before
        assert [cell["row"] for cell in part["cells"]] == rows.tolist()
        assert [cell["column"] for cell in part["cells"]] == columns.tolist()
        outside = (rows < 0) | (rows >= len(read)) | (columns < 0) | (columns >= len(read))
        assert [cell["value"] is None for cell in part["cells"]] == outside.tolist()
        weights = kernel[:, :, channel, unit["channel"]].ravel()
        np.testing.assert_array_equal(part["weights"], weights)
        products = np.nan_to_num(patch).astype(float) * weights
        np.testing.assert_allclose(part["products"], products, rtol=1e-12)
        assert part["subtotal"] == pytest.approx(sum(part["products"]), abs=1e-12)
    assert receipt["bias"] == case.arrays[f"{layer.name}/bias"][unit["channel"]]
    subtotals = sum(part["subtotal"] for part in receipt["channels"])
    assert receipt["computed"] == pytest.approx(subtotals + receipt["bias"], abs=1e-12)


def same_padding(layer: Layer) -> int:
    """Cells before the map, by TensorFlow's definition of SAME."""
    operation, size = layer.operation, layer.input_shape[0]
    if operation.padding == "valid":
        return 0
    over = size % operation.stride or operation.stride
    spanned = (operation.kernel - 1) * operation.dilation + 1
    return max(spanned - over, 0) // 2


def check_normalization(case: Case, layer: Layer, read: Values, unit: Any, receipt: Any) -> None:
    assert receipt["input"] == read[unit["row"], unit["column"], unit["channel"]]
    names = {"mean": "moving_mean", "variance": "moving_variance"}
    for part in ("gamma", "beta", "mean", "variance"):
        own = case.arrays[f"{layer.name}/{names.get(part, part)}"]
        assert receipt[part] == own[unit["channel"]]
    epsilon = keras.layers.BatchNormalization().epsilon
    assert receipt["spread"] ** 2 == pytest.approx(receipt["variance"] + epsilon)


def check_activation(case: Case, layer: Layer, read: Values, unit: Any, receipt: Any) -> None:
    if layer is not case.layers[-1]:
        place = [unit[part] for part in ("row", "column", "channel") if unit[part] is not None]
        assert receipt["input"] == read[tuple(place)]
        return
    assert receipt["input"] == read[0]
    chances = [1 - receipt["second"], receipt["second"]]
    assert receipt["computed"] == pytest.approx(chances[unit["channel"]], abs=1e-15)


def check_pooling(case: Case, layer: Layer, read: Values, unit: Any, receipt: Any) -> None:
    pooling = layer.operation
    top, left = unit["row"] * pooling.stride, unit["column"] * pooling.stride
    window = read[top : top + pooling.size, left : left + pooling.size, unit["channel"]]
    assert window.shape == (pooling.size, pooling.size)  # never over the edge
    np.testing.assert_array_equal([cell["value"] for cell in receipt["cells"]], window.ravel())
    places = [(cell["row"], cell["column"]) for cell in receipt["cells"]]
    assert places == [(top + row, left + column) for row, column in np.ndindex(window.shape)]
    if pooling.kind == "max":
        assert window.ravel()[receipt["winner"]] == window.max() == receipt["computed"]
    else:
        assert receipt.get("winner") is None
        assert receipt["computed"] == pytest.approx(window.astype(float).mean(), abs=1e-12)


def check_flatten(case: Case, layer: Layer, read: Values, unit: Any, receipt: Any) -> None:
    source = receipt["source"]
    place = source["row"], source["column"], source["channel"]
    assert np.ravel_multi_index(place, read.shape) == unit["channel"]
    assert receipt["computed"] == read[place]


def check_average(case: Case, layer: Layer, read: Values, unit: Any, receipt: Any) -> None:
    cells = read[..., unit["channel"]].astype(float)
    assert receipt["count"] == cells.size
    assert receipt["sum"] == pytest.approx(cells.sum(), abs=1e-10)
    assert receipt["computed"] == pytest.approx(cells.mean(), abs=1e-12)


def check_dense(case: Case, layer: Layer, read: Values, unit: Any, receipt: Any) -> None:
    weights = case.arrays[f"{layer.name}/kernel"][:, unit["channel"]]
    terms = receipt["terms"]
    assert sorted(term["from"] for term in terms) == list(range(len(read)))
    sizes = [abs(term["product"]) for term in terms]
    assert sizes == sorted(sizes, reverse=True)
    for term in terms:
        assert term["value"] == read[term["from"]]
        assert term["weight"] == weights[term["from"]]
        assert term["product"] == term["value"] * term["weight"]
    assert receipt["bias"] == case.arrays[f"{layer.name}/bias"][unit["channel"]]
    total = sum(term["product"] for term in terms) + receipt["bias"]
    assert receipt["computed"] == pytest.approx(total, abs=1e-10)


def check_softmax(case: Case, layer: Layer, read: Values, unit: Any, receipt: Any) -> None:
    np.testing.assert_array_equal(receipt["logits"], read)
    np.testing.assert_allclose(receipt["exponentials"], np.exp(read.astype(float) - read.max()))
    assert receipt["sum"] == pytest.approx(sum(receipt["exponentials"]))
    shares = np.array(receipt["exponentials"]) / receipt["sum"]
    np.testing.assert_allclose(receipt["shares"], shares)
    assert sum(receipt["shares"]) == pytest.approx(1)
    assert receipt["computed"] == receipt["shares"][unit["channel"]]


_CHECKS = {
    "convolution": check_convolution,
    "normalization": check_normalization,
    "activation": check_activation,
    "pooling": check_pooling,
    "flatten": check_flatten,
    "average": check_average,
    "dense": check_dense,
    "softmax": check_softmax,
}
