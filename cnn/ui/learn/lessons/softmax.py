"""Lesson: Softmax and cross-entropy. From logits to probabilities and on to the loss."""

from dataclasses import dataclass
from math import log

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn import operations
from cnn.inspection.edits import Edits
from cnn.lessons.softmax_steps import SoftmaxSteps
from cnn.ui.common import formatting
from cnn.ui.common.prose import read_prose, significant, tex, tex_in_parentheses
from cnn.ui.common.theme import POSITIVE
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.figure import Example, choose_item, curve_with_point, example, text_and_figure
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


def show(session: Session, controls: Controls) -> None:
    """Draw the chosen part, and the question that belongs to both."""
    part = controls.part("part", _PARTS, "classes")
    if part == "classes":
        _several_classes(session, controls)
    else:
        _two_classes(controls)


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


def _several_classes(session: Session, controls: Controls) -> None:
    """Show every step from logits, set by hand or given by the network, to the loss."""
    text, figure = text_and_figure()
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
    source = controls.choice("logits", "Logits", _SOURCES, "hand", at=left)
    item = None
    if source == "network":
        item = choose_item(session, controls.lesson)
        numbers, logits = tuple(range(len(classes))), item.outputs["logits"]
    else:
        count = controls.one_of("classes", "Classes", range(3, len(_CONFUSED) + 1), 3, at=right)
        numbers = _slider_classes(controls, len(classes))[:count]
        logits = _logit_sliders(controls, [classes[number] for number in numbers])
    left, right = st.columns(2)
    temperature = controls.decimal("temperature", "Temperature $T$", 0.1, 5.0, 1.0, 0.1, at=left)
    added = controls.decimal("add", "Added to every logit", -_REACH, _REACH, 0.0, 0.5, at=right)
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
        logits.append(
            controls.decimal(f"z{number}", name, -_REACH, _REACH, 3.0 - number, 0.1, at=column)
        )
    return np.array(logits, np.float32)


def _slider_classes(controls: Controls, count: int) -> tuple[int, ...]:
    """Return the classes that the sliders are for; the URL has their numbers if they changed."""
    key = controls.key("who")
    if key not in st.session_state:
        default = "~".join(map(str, _CONFUSED))
        text = controls.from_url("who") or default
        parts = text.split("~")
        known = {str(number) for number in range(count)}
        if len(parts) == len(set(parts)) == len(_CONFUSED) and set(parts) <= known:
            st.session_state[key] = tuple(map(int, parts))
        else:
            controls.refuse("who", text, default)
            st.session_state[key] = _CONFUSED
    numbers: tuple[int, ...] = st.session_state[key]
    if numbers != _CONFUSED:
        controls.put("who", "~".join(map(str, numbers)))
    return numbers


def _five_largest(controls: Controls, item: Example) -> None:
    """Offer the five largest logits on sliders, and say what leaving out the others does."""
    logits = item.outputs["logits"]
    five = tuple(int(number) for number in np.argsort(-logits)[: len(_CONFUSED)])
    best = five[0]
    PROSE.caption(
        "five largest",
        predicted=item.data.classes[best],
        all_classes=formatting.percent(operations.softmax(logits)[best], 2),
        count=len(logits),
        five_classes=formatting.percent(operations.softmax(logits[list(five)])[0], 2),
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
    highest = max(_HIGHEST_LOSS, steps.loss)
    losses = np.linspace(0, highest, 401)
    st.markdown(f"**Loss**: {loss} at p = {significant(probability)}")
    st.altair_chart(
        curve_with_point(
            pd.DataFrame({"x": np.exp(-losses), "y": losses}),
            (probability, steps.loss),
            alt.X(
                "x:Q",
                title="probability p of the actual class",
                scale=alt.Scale(domain=[0, 1], nice=False),
            ),
            alt.Y("y:Q", title="loss L", scale=alt.Scale(domain=[0, highest], nice=False)),
            POSITIVE,
        ),
        alt=f"The loss falls from infinity at p = 0 to 0 at p = 1. Here it is {loss}.",
        key="learn-softmax-loss",
    )


def _explain_softmax(prediction: _Prediction) -> None:
    steps, count = prediction.steps, len(prediction.names)
    probability = float(steps.probabilities[steps.actual])
    total = float(steps.exponentials.sum())
    power = float(steps.divided[steps.actual])
    logarithm = rf"-\ln ({tex(probability)})"
    if not probability:  # too small for 32 bits; the loss is computed from the logits
        logarithm = rf"\ln ({tex(total)}) - {tex_in_parentheses(power)}"
    PROSE.show(
        "softmax",
        name=prediction.names[steps.actual],
        power=tex(power),
        exponential=tex(float(steps.exponentials[steps.actual])),
        total=tex(total),
        probability=tex(probability),
        logarithm=logarithm,
        loss=tex(steps.loss),
        count=count,
        even=significant(log(count)),
    )
    mistakes, confident, images = confident_mistakes()
    PROSE.show(
        "confidence",
        mistakes=mistakes,
        images=formatting.thousands(images),
        confident=confident,
    )
    st.code(_code(steps), wrap_lines=True)


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


def _two_classes(controls: Controls) -> None:
    """Show softmax of two logits next to sigmoid of their difference."""
    text, figure = text_and_figure()
    names = [services.chosen(DEFAULT_DATA).classes[number] for number in _PAIR]
    with figure:
        left, right = st.columns(2)
        sliders = [
            controls.decimal(
                name, f"Logit ${name}$ of {of}", -_PAIR_REACH, _PAIR_REACH, z, 0.1, at=at
            )
            for name, of, z, at in (("a", names[0], 2.0, left), ("b", names[1], 1.0, right))
        ]
        a, b = np.array(sliders, np.float32)
        softmax = operations.softmax(np.array([a, b]))
        sigmoid = operations.sigmoid(a - b)
        differences = np.linspace(-2 * _PAIR_REACH, 2 * _PAIR_REACH, 401, dtype=np.float32)
        left, middle, right = st.columns(3)
        left.metric(f"Softmax, {names[0]}", f"{softmax[0]:.6f}")
        middle.metric("Sigmoid of $a - b$", f"{sigmoid:.6f}")
        right.metric(
            "Difference",
            formatting.number(abs(float(softmax[0] - sigmoid))),
            help="Not more than the rounding error of a 32-bit number.",
        )
        prediction = "neither, both are equal" if a == b else names[int(b > a)]
        st.markdown(f"Prediction of both: **{prediction}**")
        st.altair_chart(
            curve_with_point(
                pd.DataFrame({"x": differences, "y": operations.sigmoid(differences)}),
                (float(a - b), float(softmax[0])),
                alt.X(
                    "x:Q",
                    title="a − b",
                    scale=alt.Scale(domain=[-2 * _PAIR_REACH, 2 * _PAIR_REACH], nice=False),
                ),
                alt.Y("y:Q", title="probability p", scale=alt.Scale(domain=[0, 1], nice=False)),
                POSITIVE,
            ),
            alt=f"Sigmoid over a − b. At {a - b:.1f} it is {softmax[0]:.4f}, as softmax.",
            key="learn-softmax-sigmoid",
        )
    with text:
        PROSE.show(
            "two classes",
            difference=tex_in_parentheses(float(a - b)),
            probability=tex(float(softmax[0])),
            first=names[0],
        )
        st.code(
            f"keras.ops.softmax(np.array([{a:.1f}, {b:.1f}]))[0]\n"
            f"keras.ops.sigmoid({a:.1f} - {b:.1f})",
            wrap_lines=True,
        )
        ask(controls, PROSE)
