"""The charts as Vega-Lite: valid, and with a run's own numbers."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.training.events import Point
from cnn.training.run import EpochRecord, Run
from cnn.ui.common import charts, theme
from tests.training.examples import new_run

numbers = st.floats(0, 10)


@st.composite
def runs(draw: st.DrawFn, losses: st.SearchStrategy[float] = numbers) -> Run:
    ends = draw(st.integers(0, 6))
    records = tuple(
        EpochRecord(epoch, draw(losses), draw(numbers), draw(losses), draw(numbers), 0.01, 1.5)
        for epoch in range(ends)
    )
    points = tuple(Point(at / 4, draw(losses), draw(numbers)) for at in range(1, 4 * ends))
    return replace(new_run(), points=points, epochs=records)


def specification(run: Run, measure: str, marked: int | None = None) -> dict[str, Any]:
    """The chart of a run; `to_dict` holds it against Vega-Lite's own schema."""
    spec: dict[str, Any] = charts.history(
        charts.history_table(run), measure, run.planned_epochs, marked
    ).to_dict()
    json.dumps(spec, allow_nan=False)  # a browser reads no NaN
    return spec


def rows(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for rows in spec["datasets"].values() for row in rows if "set" in row]


@given(runs(), st.sampled_from(["loss", "accuracy"]))
@settings(deadline=None, max_examples=40)
def test_the_history_holds_every_number_of_the_run(run: Run, measure: str) -> None:
    drawn = rows(specification(run, measure))

    def line(part: str, kind: str) -> list[tuple[float, float]]:
        chosen = [row for row in drawn if (row["set"], row["kind"]) == (part, kind)]
        return [(row["epoch"], row[measure]) for row in chosen]

    assert line("training", "part") == [(p.epoch, getattr(p, measure)) for p in run.points]
    assert line("training", "epoch") == [(e.epoch, getattr(e, measure)) for e in run.epochs]
    checked = [(e.epoch, getattr(e, f"validation_{measure}")) for e in run.epochs]
    assert line("validation", "epoch") == checked
    assert line("validation", "part") == []


@given(runs(st.sampled_from([1.0, float("nan"), float("inf")])))
@settings(deadline=None, max_examples=20)
def test_a_diverged_run_is_still_a_chart(run: Run) -> None:
    specification(run, "loss")


@pytest.mark.parametrize("measure", ["loss", "accuracy"])
def test_a_run_without_any_epoch_is_an_empty_chart(measure: str) -> None:
    assert charts.history_table(new_run()).empty
    assert rows(specification(new_run(), measure)) == []


def test_training_and_validation_differ_by_color_and_by_dash() -> None:
    one = replace(new_run(), epochs=(EpochRecord(0, 2, 0.1, 2.1, 0.12, 0.01, 0),))
    [channels] = [
        layer["encoding"]
        for layer in specification(one, "loss")["layer"]
        if "strokeDash" in layer["encoding"]
    ]
    assert channels["color"]["scale"] == {"domain": ["training", "validation"]}
    for categories in theme.CATEGORIES.values():
        assert categories[0] != categories[1]
    dashes = channels["strokeDash"]["scale"]
    assert dashes["domain"] == ["training", "validation"]
    assert dashes["range"][0] != dashes["range"][1]


def test_a_marked_epoch_is_a_rule_at_that_epoch() -> None:
    plain, marked = (specification(new_run(), "loss", epoch) for epoch in (None, 7))

    def marks(spec: dict[str, Any]) -> list[str]:
        return [layer["mark"]["type"] for layer in spec["layer"]]

    assert "rule" not in marks(plain)
    assert marks(marked).count("rule") == 1
    assert [{"epoch": 7}] in marked["datasets"].values()


def test_labels_of_marks_stand_above_the_chart_on_lines_of_their_own() -> None:
    table = charts.history_table(new_run())
    plain = charts.history(table, "loss", 30, None, height=200).to_dict()
    marks = ((29, "lowest"), (4, "gap"))
    spec = charts.history(table, "loss", 30, None, height=200, marks=marks).to_dict()
    labels = [
        one for one in spec["layer"] if one["encoding"].get("text", {}).get("field") == "label"
    ]
    assert [one["mark"]["align"] for one in labels] == ["right", "left"]
    heights = [one["encoding"]["y"]["value"] for one in labels]
    assert heights[1] < heights[0] < 0
    assert spec["height"] - plain["height"] == spec["config"]["legend"]["offset"] > -heights[1]


def numbers_at_the_ends(spec: dict[str, Any]) -> dict[str, tuple[float, dict[str, Any]]]:
    """For each set the epoch that has its number in the chart, and the mark that it is written by."""
    found = {}
    for layer in spec["layer"]:
        if layer["mark"]["type"] == "text":
            asked = layer["transform"][0]["filter"]
            [(column, value)] = re.findall(r"datum\['(\w+)'\] === '(\w+)'", asked)
            found |= {
                row["set"]: (row["epoch"], layer["mark"])
                for row in rows(spec)
                if row[column] == value
            }
    return found


@pytest.mark.parametrize("measure", ["loss", "accuracy"])
def test_the_last_point_of_each_curve_has_its_number(measure: str) -> None:
    records = tuple(EpochRecord(epoch, 2, 0.1, 2.1, 0.12, 0.01, 0) for epoch in (0, 1, 2))
    numbers = numbers_at_the_ends(specification(replace(new_run(), epochs=records), measure))
    assert {part: epoch for part, (epoch, _) in numbers.items()} == {"training": 2, "validation": 2}


@pytest.mark.parametrize(("training", "validation"), [(2.0, 2.1), (2.1, 2.0)])
def test_the_numbers_at_the_end_stand_as_the_curves_do(training: float, validation: float) -> None:
    record = EpochRecord(0, training, 0.1, validation, 0.1, 0.01, 0)
    spec = specification(replace(new_run(), epochs=(record,)), "loss", None)
    marks = {part: mark for part, (_, mark) in numbers_at_the_ends(spec).items()}
    assert (marks["training"]["dy"] < marks["validation"]["dy"]) == (training > validation)
    # Not over the numbers of the axis.
    assert all(mark["align"] == "left" for mark in marks.values())


def test_a_run_within_an_epoch_keeps_the_number_of_its_last_whole_one() -> None:
    record = EpochRecord(3, 2, 0.1, 2.1, 0.1, 0.01, 0)
    points = (Point(3.2, 1.9, 0.1), Point(3.7, 1.8, 0.1))
    spec = specification(replace(new_run(), epochs=(record,), points=points), "loss", None)
    assert {epoch for epoch, _ in numbers_at_the_ends(spec).values()} == {3}


def test_charts_side_by_side_have_one_axis_and_keep_what_lies_beyond_it_out() -> None:
    wild = replace(new_run(), epochs=(EpochRecord(0, 2, 0.1, 50, 0.12, 0.01, 0),))
    spec = charts.history(charts.history_table(wild), "loss", 2, None, top=3).to_dict()
    for layer in spec["layer"]:
        assert layer["encoding"]["y"]["scale"] == {"domain": [0, 3]}
        assert layer["mark"]["clip"]
    assert spec["layer"][1]["mark"]["point"]["clip"]


def test_class_counts_hold_every_count() -> None:
    table = pd.DataFrame(
        {
            "class": ["Bag", "Bag", "Coat"],
            "part": ["training", "test", "training"],
            "images": [3, 1, 4],
        }
    )
    spec = charts.class_counts(table).to_dict()
    [drawn] = spec["datasets"].values()
    assert drawn == table.to_dict("records")
    bars, totals = (layer["encoding"] for layer in spec["layer"])
    assert bars["color"]["scale"]["domain"] == ["training", "test"]
    assert totals["text"] | {} == {"aggregate": "sum", "field": "images", "type": "quantitative"}


def test_the_lines_along_an_amount_hold_every_probability() -> None:
    table = pd.DataFrame(
        [
            {"amount": amount, "class": name, "probability": share}
            for name, shares in (("Shirt", (0.25, 1.0)), ("Bag", (0.75, 0.0)))
            for amount, share in zip((-1, 2), shares, strict=True)
        ]
    )
    spec = charts.probabilities_along(table, "pixels", -1).to_dict()
    marked, lines, _, label = (spec["datasets"][one["data"]["name"]] for one in spec["layer"])
    assert lines == table.to_dict("records")
    assert marked == [{"amount": -1}]
    assert spec["layer"][1]["encoding"]["color"]["scale"]["domain"] == ["Shirt", "Bag"]
    ends = [(one["amount"], one["class"], one["label"]) for one in label]
    assert ends == [(2, "Bag", 0.0), (2, "Shirt", 1.0)]
    assert spec["layer"][3]["encoding"]["text"]["field"] == "class"
    assert spec["height"] >= 320


@given(st.lists(st.floats(0, 1), max_size=40).map(sorted), st.floats(0.01, 0.2))
def test_names_at_the_ends_of_lines_keep_their_order_and_their_distance(
    values: list[float], gap: float
) -> None:
    places = charts.apart(np.array(values), gap)
    least = min(gap, 1 / max(1, len(values) - 1))
    assert all(after - before > least - 1e-9 for before, after in pairwise(places))
    assert all(-1e-9 < place < 1 + 1e-9 for place in places)


def test_names_that_are_apart_stay_at_the_ends_of_their_lines() -> None:
    for values, places in (([0.1, 0.3, 0.9], [0.1, 0.3, 0.9]), ([0, 0.01, 1], [0, 0.05, 1])):
        np.testing.assert_allclose(charts.apart(np.array(values), 0.05), places)
