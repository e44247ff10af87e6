"""What a number depends on, as the browser outlines it, against trying it out."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from numpy.typing import NDArray
from PIL import Image

from cnn.inspection.forward import apply
from cnn.inspection.units import Unit
from cnn.network.layers import Convolution
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE
from cnn.ui.components.network_message import Picture, message
from tests.e2e.cases import DILATED, DROPPED, FUNCTIONS, READERS, RECEIPTS, UNEVEN, Case
from tests.e2e.component import Harness
from tests.strategies import SEEDS, plans

ARTICLE_PLAN = plan(ARTICLE, (28, 28, 1), 10)
"""Its last pooling leaves out a row and a column, and with them the last two of the image."""


def touched(case: Case, start: int, row: int, axis: int) -> list[NDArray[np.bool_]]:
    """Which numbers of the layers after `start` depend on a row (or column, `axis` 1) of it.

    Found by trying: what is computed from a number that is none is none itself.
    """
    x = case.outputs[start].copy()
    x.swapaxes(0, axis)[row] = np.nan
    x, found = x[None], []
    with np.errstate(all="ignore"):
        for layer in case.layers[start:]:
            x = apply(layer, x, case.arrays)
            found.append(np.isnan(x[0]))
    return found


def without_gaps(case: Case) -> Case:
    """The case with whole kernels in the place of dilated ones: an outline is drawn round the gaps."""
    filled = Case(case.plan, case.seed)
    for number, layer in enumerate(filled.layers):
        if isinstance(layer.operation, Convolution):
            kernel, dilation = layer.operation.kernel, layer.operation.dilation
            side, name = (kernel - 1) * dilation + 1, f"{layer.name}/kernel"
            filled.arrays[name] = np.ones((side, side, *case.arrays[name].shape[2:]), np.float32)
            whole = replace(layer.operation, kernel=side, dilation=1)
            filled.layers[number] = replace(layer, operation=whole)
    return filled


@given(plans(), SEEDS)
@example(UNEVEN, 1)
@example(DILATED, 1)
@example(FUNCTIONS, 2)
@settings(max_examples=15, deadline=None)
def test_the_regions_are_those_that_the_number_depends_on(
    browser_half: Harness, network_plan: Plan, seed: int
) -> None:
    case = Case(network_plan, seed)
    whole = without_gaps(case)
    units = case.some_units(2)
    receipts = browser_half.call(RECEIPTS, [case.content, units])
    maps = [number for number, values in enumerate(case.outputs) if values.ndim == 3]
    for unit, receipt in zip(units, receipts, strict=True):
        if field := case.layers[unit["layer"] - 1].receptive_field:
            seen, side = receipt["regions"][0], network_plan.image_shape[0]
            assert tuple(seen["rows"]) == field.span(unit["row"], side)
            assert tuple(seen["columns"]) == field.span(unit["column"], side)
    for axis, name in enumerate(("rows", "columns")):
        for start in maps:
            sides = range(len(case.outputs[start]))
            lines = [touched(whole, start, at, axis) for at in sides]
            read = [touched(case, start, at, axis)[0] for at in sides]
            for unit, receipt in zip(units, receipts, strict=True):
                if unit["layer"] <= start:
                    continue
                reached = [found[unit["layer"] - start - 1] for found in lines]
                depends = np.flatnonzero([after[place(unit, after)] for after in reached])
                region = receipt["regions"][start]
                assert region[name] == [depends[0], depends[-1] + 1], (unit, start)
                layer = case.layers[start].operation
                dilated = isinstance(layer, Convolution) and layer.dilation > 1 < layer.kernel
                if unit["layer"] == start + 1 and dilated:
                    inside = {part: set(sides) & set(at) for part, at in region["read"].items()}
                    own = {at for at in sides if read[at][place(unit, read[at])]}
                    assert own == (inside[name] if all(inside.values()) else set())


def place(unit: Any, values: NDArray[Any]) -> tuple[int, ...]:
    """Where a unit is in its layer's output; both classes of a sigmoid output come from one number."""
    if values.ndim == 3:
        return unit["row"], unit["column"], unit["channel"]
    return (min(unit["channel"], len(values) - 1),)


@given(plans(), SEEDS)
@example(UNEVEN, 1)
@example(DILATED, 1)
@example(FUNCTIONS, 2)
@example(ARTICLE_PLAN, 1)
@settings(max_examples=15, deadline=None)
def test_hatched_are_the_rows_and_columns_that_do_not_change_the_prediction(
    browser_half: Harness, network_plan: Plan, seed: int
) -> None:
    case = Case(network_plan, seed)
    dropped = browser_half.call(DROPPED, case.content)
    for axis, name in enumerate(("rows", "columns")):
        for number, values in enumerate(case.outputs):
            ends = []
            if values.ndim == 3:
                sides = range(len(values))
                found = [touched(case, number, at, axis) for at in sides]
                ends = [first_untouched(after, number) for after in found]
            assert dropped[number][name] == ends
    if network_plan == ARTICLE_PLAN:
        assert [at for at, layer in enumerate(dropped[0]["rows"]) if layer] == [26, 27]


def first_untouched(after: list[NDArray[np.bool_]], start: int) -> int | None:
    """The number of the first layer after `start` that does not change, None where all do."""
    return next((at for at, found in enumerate(after, start + 1) if not found.any()), None)


@given(plans(), SEEDS)
@example(UNEVEN, 1)
@example(DILATED, 1)
@example(FUNCTIONS, 2)
@settings(max_examples=15)
def test_a_number_goes_into_those_that_change_with_it(
    browser_half: Harness, network_plan: Plan, seed: int
) -> None:
    case = Case(network_plan, seed)
    last = len(case.layers)
    units = [unit for unit in case.some_units(2) if 0 < unit["layer"] < last]
    for unit, readers in zip(units, browser_half.call(READERS, [case.content, units]), strict=True):
        x = case.outputs[unit["layer"]].copy()
        x[place(unit, x)] = np.nan
        with np.errstate(all="ignore"):
            changed = np.isnan(apply(case.layers[unit["layer"]], x[None], case.arrays)[0])
        # One logit decides over both classes.
        single = network_plan.network.output == "sigmoid" and unit["layer"] == last - 1
        assert readers["count"] == (2 if single else changed.sum()), unit
        if changed.any():
            assert changed[place(readers["units"][0], changed)]


def test_each_cell_that_a_dilated_window_reads_is_framed(browser_half: Harness) -> None:
    case = Case(DILATED, 1)
    unit = Unit("convolution_1", 0, row=1, column=4)  # rows -2, 1, 4 and columns 1, 4, 7
    shown = Picture(case.plan, case.weights, case.image, ("a", "b"), selected=unit)
    browser_half.open()
    browser_half.show(message(shown)[0])
    picture = browser_half.page.locator(".tiles img").first
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box
    drawn = Image.open(BytesIO(browser_half.page.screenshot())).convert("RGB")
    red, green, _ = np.moveaxis(np.array(drawn, int), -1, 0)
    marked = red > green + 60  # the image itself is gray
    pixel = box["width"] / 10

    def near(row: float, column: float) -> np.bool_:
        y, x = round(box["y"] + row * pixel), round(box["x"] + column * pixel)
        return marked[y - 1 : y + 2, x - 1 : x + 2].any()

    framed = [
        [row, column]
        for row, column in np.ndindex(10, 10)
        if near(row, column + 0.5)
        and near(row + 1, column + 0.5)
        and near(row + 0.5, column)
        and near(row + 0.5, column + 1)
    ]
    assert framed == [[row, column] for row in (1, 4) for column in (1, 4, 7)]
