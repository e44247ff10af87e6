"""Lesson: Softmax and cross-entropy. From logits to probabilities and on to the loss."""

from dataclasses import dataclass
from math import log

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from cnn import operations
from cnn.inspection.edits import Edits
from cnn.lessons.softmax_steps import SoftmaxSteps
from cnn.ui.common import formatting
from cnn.ui.common.prose import read_prose
from cnn.ui.common.theme import NEGATIVE, POSITIVE, QUIET
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.example_run import Example, choose_item, example
from cnn.ui.learn.formula import significant, tex, tex_in_parentheses
from cnn.ui.learn.lesson import Lesson, text_and_figure
from cnn.ui.learn.next_steps import to_inspect
from cnn.ui.learn.question import ask
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.state.url import DEFAULT_DATA

PROSE = read_prose("softmax")

_PARTS = {"classes": "Several classes", "two": "Two classes: softmax or sigmoid"}
_SOURCES = {"hand": "Set by hand", "network": "From an item"}
_CONFUSED = (6, 0, 2, 4, 3)
"""The classes that the sliders start with: those that the example run confuses most."""
_PAIR = (7, 9)
_REACH, _PAIR_REACH = 10.0, 5.0
_HIGHEST_LOSS = 5.0
_CONFIDENT = 0.9

Chart = alt.Chart | alt.LayerChart | alt.FacetChart


def show(session: Session, controls: Controls) -> None:
    """Draw the chosen part, and the question that belongs to both."""
    part = controls.part("part", _PARTS, "classes")
    text, figure = text_and_figure()
    if part == "classes":
        _several_classes(session, controls, text, figure)
    else:
        _two_classes(controls, text, figure)


@dataclass(frozen=True, eq=False)
class _Prediction:
    """The steps of one prediction, the names of its classes, and the actual class's number.

    `added` is already part of the logits in `steps`. `example` is the item that gave them, None for
    the sliders.
    """

    steps: SoftmaxSteps
    names: tuple[str, ...]
    label: int
    added: float
    example: Example | None


def _several_classes(
    session: Session, controls: Controls, text: DeltaGenerator, figure: DeltaGenerator
) -> None:
    """Show every step from logits, set by hand or given by the network, to the loss."""
    with figure:
        prediction = _choose_prediction(session, controls)
        _table(prediction)
        if prediction.example:
            _five_largest(controls, prediction.example)
        _loss(prediction.steps)
    with text:
        _explain_softmax(prediction)
        ask(controls, PROSE)
        to_inspect(
            session,
            "Open an item's softmax in Inspect",
            services.EXAMPLE_RUN,
            prediction.example.number if prediction.example else None,
            f"softmax-unit{prediction.label + 1}",
        )


def _choose_prediction(session: Session, controls: Controls) -> _Prediction:
    classes = services.chosen(DEFAULT_DATA).classes
    left, right = st.columns(2)
    with left:
        source = controls.choice("logits", "Logits", _SOURCES, "hand")
    item = None
    if source == "network":
        item = choose_item(session, controls.lesson)
        numbers, logits = tuple(range(len(classes))), item.outputs["logits"]
    else:
        with right:
            counts = {str(count): str(count) for count in range(3, len(_CONFUSED) + 1)}
            count = int(controls.choice("classes", "Classes", counts, "3"))
        numbers = _slider_classes(controls, len(classes))[:count]
        logits = _logit_sliders(controls, [classes[number] for number in numbers])
    left, right = st.columns(2)
    with left:
        temperature = controls.decimal("temperature", "Temperature $T$", 0.1, 5.0, 1.0, 0.1)
    with right:
        added = controls.decimal("add", "Added to every logit", -_REACH, _REACH, 0.0, 0.5)
    if item:
        label = item.label
    else:
        options = {str(number): classes[number] for number in numbers}
        label = int(controls.choice("true", "Actual class", options, str(numbers[0])))
    steps = SoftmaxSteps(logits + np.float32(added), temperature, numbers.index(label))
    return _Prediction(steps, tuple(classes[number] for number in numbers), label, added, item)


def _logit_sliders(controls: Controls, names: list[str]) -> NDArray[np.float32]:
    logits = []
    columns = st.columns(len(names))
    for number, (column, name) in enumerate(zip(columns, names, strict=True), start=1):
        with column:
            logits.append(controls.decimal(f"z{number}", name, -_REACH, _REACH, 3.0 - number, 0.1))
    return np.array(logits, np.float32)


def _slider_classes(controls: Controls, count: int) -> tuple[int, ...]:
    """Return the classes that the sliders are for; the URL has their numbers if they changed."""
    key = controls.key("who")
    if key not in st.session_state:
        st.session_state[key] = _classes_from_url(controls, count)
    numbers: tuple[int, ...] = st.session_state[key]
    if numbers != _CONFUSED:
        controls.put("who", "~".join(map(str, numbers)))
    return numbers


def _classes_from_url(controls: Controls, count: int) -> tuple[int, ...]:
    default = "~".join(map(str, _CONFUSED))
    text = controls.from_url("who") or default
    parts = text.split("~")
    known = {str(number) for number in range(count)}
    if len(parts) == len(set(parts)) == len(_CONFUSED) and set(parts) <= known:
        return tuple(map(int, parts))
    controls.refuse("who", text, default)
    return _CONFUSED


def _five_largest(controls: Controls, item: Example) -> None:
    """Offer the five largest logits on sliders, and say what leaving out the others does."""
    logits = item.outputs["logits"]
    five = tuple(int(number) for number in np.argsort(-logits)[: len(_CONFUSED)])
    best = five[0]
    st.caption(
        PROSE.text(
            "five largest",
            predicted=item.data.classes[best],
            all_classes=formatting.percent(operations.softmax(logits)[best], 2),
            count=len(logits),
            five_classes=formatting.percent(operations.softmax(logits[list(five)])[0], 2),
        )
    )

    def load() -> None:
        actual = item.label if item.label in five else best
        values: dict[str, object] = {"logits": "hand", "classes": "5", "who": five}
        values |= {"true": str(actual), "add": 0.0}
        values |= {
            f"z{place}": round(float(logits[number]), 1) for place, number in enumerate(five, 1)
        }
        for control, value in values.items():
            st.session_state[controls.key(control)] = value

    st.button("Load the five largest on sliders", icon=":material/tune:", on_click=load)


def _table(prediction: _Prediction) -> None:
    """Show one row per class and one column per step, the last one with bars."""
    steps, added = prediction.steps, prediction.added
    exponentials, probabilities = steps.exponentials, steps.probabilities
    total = float(exponentials.sum())
    names = [
        f"{name} (actual)" if place == steps.actual else name
        for place, name in enumerate(prediction.names)
    ]
    logit = "logit z" if added == 0 else f"z {'+' if added > 0 else '−'} {abs(added):g}"
    table = pd.DataFrame(
        {
            "class": [*names, "Sum"],
            logit: [*map(float, steps.logits), None],
            "divided by T": [*map(float, steps.divided), None],
            "e to that power": [significant(value) for value in (*exponentials, total)],
            "probability": [*map(float, probabilities), float(probabilities.sum())],
        }
    )
    rows = (
        f"{name}: e to {significant(power)} is {significant(exponential)}, {formatting.percent(share)}"
        for name, power, exponential, share in zip(
            names, steps.divided, exponentials, probabilities, strict=True
        )
    )
    number = st.column_config.NumberColumn(format="%.2f")
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        placeholder="",
        alt="; ".join(rows),
        column_config={
            logit: number,
            "divided by T": number,
            "e to that power": st.column_config.TextColumn(alignment="right"),
            "probability": st.column_config.ProgressColumn(
                format="percent", min_value=0, max_value=1
            ),
        },
    )


def _loss(steps: SoftmaxSteps) -> None:
    probability = float(steps.probabilities[steps.actual])
    loss = significant(steps.loss)
    st.markdown(f"**Loss**: {loss} at p = {significant(probability)}")
    st.altair_chart(
        _loss_curve(probability, steps.loss),
        alt=f"The loss falls from infinity at p = 0 to 0 at p = 1. Here it is {loss}.",
        key="learn-softmax-loss",
    )


def _explain_softmax(prediction: _Prediction) -> None:
    steps, count = prediction.steps, len(prediction.names)
    probability = float(steps.probabilities[steps.actual])
    total = float(steps.exponentials.sum())
    power = float(steps.divided[steps.actual])
    st.markdown(PROSE.text("softmax", name=prediction.names[steps.actual]))
    st.latex(
        rf"""\begin{{aligned}}
        p &= \frac{{e^{{z / T}}}}{{\text{{sum of all }} e^{{z / T}}}} \\
        &= \frac{{e^{{{tex(power)}}}}}{{{tex(total)}}}
        = \frac{{{tex(float(steps.exponentials[steps.actual]))}}}{{{tex(total)}}} \\
        &= {tex(probability)}
        \end{{aligned}}"""
    )
    st.markdown(PROSE.text("cross-entropy"))
    logarithm = rf"-\ln ({tex(probability)})"
    if not probability:  # too small for 32 bits; the loss is computed from the logits
        logarithm = rf"\ln ({tex(total)}) - {tex_in_parentheses(power)}"
    st.latex(
        rf"\begin{{aligned}} L &= -\ln p \\ &= {logarithm} \\ &= {tex(steps.loss)} \end{{aligned}}"
    )
    st.markdown(PROSE.text("costs", count=count, even=significant(log(count))))
    mistakes, confident, images = confident_mistakes()
    st.markdown(
        PROSE.text(
            "confidence",
            mistakes=mistakes,
            images=formatting.thousands(images),
            confident=confident,
        )
    )
    st.code(_code(steps), language="python", wrap_lines=True)


def confident_mistakes() -> tuple[int, int, int]:
    """Count the example run's mistakes, those made with at least 90% confidence, and the images."""
    run, data = example().run, example().data
    answer = services.test_answers("learn-softmax", run, run.last_epoch, Edits())
    probabilities = answer.result()  # at once: the network is small
    wrong = probabilities.argmax(axis=1) != data.labels[data.test]
    confident = wrong & (probabilities.max(axis=1) >= _CONFIDENT)
    return int(wrong.sum()), int(confident.sum()), len(wrong)


def _code(steps: SoftmaxSteps) -> str:
    logits = ", ".join(str(round(float(logit), 4)) for logit in steps.logits)
    divided = "" if steps.temperature == 1 else f" / {steps.temperature:g}"
    classes = range(len(steps.logits))
    one_hot = ", ".join("1" if number == steps.actual else "0" for number in classes)
    return (
        f"z = np.array([{logits}])\n"
        f"p = keras.ops.softmax(z{divided})\n"
        "from keras.losses import (\n    categorical_crossentropy,\n)\n"
        f"loss = categorical_crossentropy(\n    [{one_hot}], p\n)"
    )


def _two_classes(controls: Controls, text: DeltaGenerator, figure: DeltaGenerator) -> None:
    """Show softmax of two logits next to sigmoid of their difference."""
    names = [services.chosen(DEFAULT_DATA).classes[number] for number in _PAIR]
    logits = []
    with figure:
        for column, control, name, default in zip(
            st.columns(2), ("a", "b"), names, (2.0, 1.0), strict=True
        ):
            with column:
                label = f"Logit ${control}$ of {name}"
                logits.append(
                    controls.decimal(control, label, -_PAIR_REACH, _PAIR_REACH, default, 0.1)
                )
        a, b = np.array(logits, np.float32)
        softmax = operations.softmax(np.array([a, b]))
        sigmoid = operations.sigmoid(a - b)
        for column, label, value, help in zip(
            st.columns(3),
            (f"Softmax, {names[0]}", "Sigmoid of $a - b$", "Difference"),
            (
                f"{softmax[0]:.6f}",
                f"{sigmoid:.6f}",
                formatting.number(abs(float(softmax[0] - sigmoid))),
            ),
            (None, None, "Not more than the rounding error of a 32-bit number."),
            strict=True,
        ):
            column.metric(label, value, help=help)
        prediction = "neither, both are equal" if a == b else names[int(b > a)]
        st.markdown(f"Prediction of both: **{prediction}**")
        st.altair_chart(
            _sigmoid_curve(float(a - b), float(softmax[0]), 2 * _PAIR_REACH),
            alt=f"Sigmoid over a − b. At {a - b:.1f} it is {softmax[0]:.4f}, as softmax.",
            key="learn-softmax-sigmoid",
        )
    with text:
        st.markdown(PROSE.text("two classes"))
        st.latex(
            rf"""\begin{{aligned}}
            p &= \frac{{e^a}}{{e^a + e^b}} = \frac{{1}}{{1 + e^{{-(a - b)}}}} \\
            &= \frac{{1}}{{1 + e^{{-{tex_in_parentheses(float(a - b))}}}}} = {tex(float(softmax[0]))}
            \end{{aligned}}"""
        )
        st.markdown(PROSE.text("same decision", first=names[0]))
        st.code(
            f"keras.ops.softmax(np.array([{a:.1f}, {b:.1f}]))[0]\n"
            f"keras.ops.sigmoid({a:.1f} - {b:.1f})",
            language="python",
            wrap_lines=True,
        )
        ask(controls, PROSE)


def _loss_curve(probability: float, loss: float) -> Chart:
    """Draw -ln p over p, with the current point."""
    highest = max(_HIGHEST_LOSS, loss)
    losses = np.linspace(0, highest, 401)
    return _curve(
        pd.DataFrame({"p": np.exp(-losses), "loss": losses}),
        pd.DataFrame({"p": [probability], "loss": [loss]}),
        ("p", "probability p of the actual class", [0, 1]),
        ("loss", "loss L", [0, highest]),
    )


def _sigmoid_curve(difference: float, probability: float, reach: float) -> Chart:
    """Draw sigmoid from -reach to reach, with the current point."""
    x = np.linspace(-reach, reach, 401, dtype=np.float32)
    return _curve(
        pd.DataFrame({"x": x, "p": operations.sigmoid(x)}),
        pd.DataFrame({"x": [difference], "p": [probability]}),
        ("x", "a − b", [-reach, reach]),
        ("p", "probability p", [0, 1]),
    )


def _curve(
    table: pd.DataFrame,
    point: pd.DataFrame,
    across: tuple[str, str, list[float]],
    up: tuple[str, str, list[float]],
) -> Chart:
    """Draw a curve and a point on it; of both axes the column, the title and the range."""
    range_x, range_y = (alt.Scale(domain=reach, nice=False) for _, _, reach in (across, up))
    x = alt.X(f"{across[0]}:Q", title=across[1], scale=range_x)
    y = alt.Y(f"{up[0]}:Q", title=up[1], scale=range_y)
    line = alt.Chart(table).mark_line(color=POSITIVE).encode(x=x, y=y)
    here = alt.Chart(point).encode(x=x, y=y)
    columns = [alt.Tooltip(f"{column}:Q", format=".4f") for column in (across[0], up[0])]
    return alt.layer(
        line,
        alt.Chart(point).mark_rule(color=QUIET, strokeDash=[2, 2]).encode(x=x),
        here.mark_point(filled=True, size=110, opacity=1, color=NEGATIVE).encode(tooltip=columns),
    ).properties(height=280)


LESSON = Lesson("softmax", PROSE, show)
