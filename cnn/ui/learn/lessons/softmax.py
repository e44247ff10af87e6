"""Lesson: Softmax and cross-entropy. From logits to probabilities and on to the loss."""

from math import log

import numpy as np
import pandas as pd
import streamlit as st

from cnn import operations
from cnn.arrays import Array
from cnn.inspection.edits import Edits
from cnn.lessons.softmax_steps import SoftmaxSteps
from cnn.ui.common import formatting
from cnn.ui.common.charts import draw
from cnn.ui.common.prose import read_prose, significant, tex, tex_in_parentheses
from cnn.ui.learn.charts import curve_with_point
from cnn.ui.learn.figure import Example, choose_item, example
from cnn.ui.learn.lesson_page import LessonPage
from cnn.ui.state import services

PROSE = read_prose("softmax")

_CONFUSED = "6~0~2~4~3"
"""The classes that the sliders start with: those that the example run confuses most."""
_PAIR = (7, 9)
_REACH, _PAIR_REACH = 10.0, 5.0
_HIGHEST_LOSS = 5.0
_CONFIDENT = 0.9


def show(page: LessonPage) -> None:
    {"classes": _several_classes, "two": _two_classes}[page.part()](page)


def _several_classes(page: LessonPage) -> None:
    """Show every step from logits, set by hand or given by the network, to the loss."""
    with page.figure:
        item, numbers, logits = _choose_logits(page)
        names = [example().data.classes[number] for number in numbers]
        left, right = st.columns(2)
        temperature = page.slider("temperature", "Temperature $T$", 0.1, 5.0, 1.0, 0.1, at=left)
        added = page.slider("add", "Added to every logit", -_REACH, _REACH, 0.0, 0.5, at=right)
        if item:
            label = item.label
        else:
            options = dict(zip(map(str, numbers), names, strict=True))
            label = int(page.choice("true", "Actual class", options))
        steps = SoftmaxSteps(logits + np.float32(added), temperature, numbers.index(label))
        _table(steps, names, added)
        if item:
            _five_largest(page, item)
        _loss(steps)
    with page.text:
        _explain_softmax(steps, names)
        page.ask()
        number, unit = item.number if item else None, f"softmax-unit{label + 1}"
        page.to_inspect("Open an item's softmax in Inspect", services.EXAMPLE_RUN, number, unit)


def _choose_logits(page: LessonPage) -> tuple[Example | None, list[int], Array]:
    """Return the item that gives the logits, None for sliders; the numbers of the classes; the logits."""
    classes = example().data.classes
    left, right = st.columns(2)
    source = page.choice("logits", "Logits", PROSE.options("sources"), at=left)
    if source == "network":
        item = choose_item(page)
        return item, list(range(len(classes))), item.outputs["logits"]
    count = page.one_of("classes", "Classes", (3, 4, 5), 3, at=right)
    numbers = _five_classes(page.kept("who", _CONFUSED, _five_classes))[:count]
    sliders = enumerate(zip(numbers, st.columns(count), strict=True), start=1)
    logits = [
        page.slider(f"z{place}", classes[number], -_REACH, _REACH, 3.0 - place, 0.1, at=column)
        for place, (number, column) in sliders
    ]
    return None, numbers, np.array(logits, np.float32)


def _five_classes(text: str) -> list[int]:
    """Return the numbers of five different classes; ValueError if the text does not have them."""
    numbers = [range(10).index(int(number)) for number in text.split("~")]
    if len(numbers) != 5 or len(set(numbers)) != 5:
        raise ValueError(text)
    return numbers


def _five_largest(page: LessonPage, item: Example) -> None:
    """Offer the five largest logits on sliders, and say what leaving out the others does."""
    logits = item.outputs["logits"]
    five = np.argsort(-logits)[:5].tolist()
    best = five[0]
    PROSE.caption(
        "five largest",
        predicted=item.data.classes[best],
        all_classes=operations.softmax(logits)[best],
        count=len(logits),
        five_classes=operations.softmax(logits[five])[0],
    )

    def load() -> None:
        actual = item.label if item.label in five else best
        values: dict[str, object] = {"logits": "hand", "classes": "5", "add": 0.0}
        values |= {"who": "~".join(map(str, five)), "true": str(actual)}
        for place, number in enumerate(five, start=1):
            values[f"z{place}"] = round(float(logits[number]), 1)
        for control, value in values.items():
            st.session_state[page.key(control)] = value

    st.button("Load the five largest on sliders", icon=":material/tune:", on_click=load)


def _table(steps: SoftmaxSteps, names: list[str], added: float) -> None:
    """Show one row per class and one column per step, the last one with bars.

    `added` is already part of the logits in `steps`.
    """
    names = [f"{name} (actual)" if at == steps.actual else name for at, name in enumerate(names)]
    logit = "logit z" if added == 0 else f"z {'+' if added > 0 else '−'} {abs(added):g}"
    power = "e to that power"
    rows = pd.DataFrame(
        {
            "class": names,
            logit: steps.logits,
            "divided by T": steps.divided,
            power: steps.exponentials,
            "probability": steps.probabilities,
        }
    )
    sums = rows[[power, "probability"]].sum().to_dict()
    table = pd.concat([rows, pd.DataFrame([{"class": "Sum"} | sums])], ignore_index=True)
    table[power] = table[power].map(significant)
    sentences = (
        f"{row['class']}: e to {significant(row['divided by T'])} is {row[power]}, {formatting.percent(row['probability'])}"
        for row in table[:-1].to_dict("records")
    )
    number = st.column_config.NumberColumn(format="%.2f")
    share = st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
    text = st.column_config.TextColumn(alignment="right")
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        placeholder="",
        alt="; ".join(sentences),
        column_config={logit: number, "divided by T": number, power: text, "probability": share},
    )


def _loss(steps: SoftmaxSteps) -> None:
    probability = float(steps.probabilities[steps.actual])
    loss = significant(steps.loss)
    highest = max(_HIGHEST_LOSS, steps.loss)
    losses = np.linspace(0, highest, 401)
    st.markdown(f"**Loss**: {loss} at p = {significant(probability)}")
    curve = pd.DataFrame({"x": np.exp(-losses), "y": losses})
    point, titles = (probability, steps.loss), ("probability p of the actual class", "loss L")
    alt = f"The loss falls from infinity at p = 0 to 0 at p = 1. Here it is {loss}."
    ends = (0, 1), (0, highest)
    draw(curve_with_point, curve, point, titles, *ends, alt=alt, key="learn-softmax-loss")


def _explain_softmax(steps: SoftmaxSteps, names: list[str]) -> None:
    count = len(names)
    probability = float(steps.probabilities[steps.actual])
    total = float(steps.exponentials.sum())
    power = float(steps.divided[steps.actual])
    logarithm = rf"-\ln ({tex(probability)})"
    if not probability:  # too small for 32 bits; the loss is computed from the logits
        logarithm = rf"\ln ({tex(total)}) - {tex_in_parentheses(power)}"
    PROSE.show(
        "softmax",
        name=names[steps.actual],
        power=power,
        exponential=steps.exponentials[steps.actual],
        total=total,
        probability=probability,
        logarithm=logarithm,
        loss=steps.loss,
        count=count,
        even=log(count),
    )
    mistakes, confident, images = confident_mistakes()
    PROSE.show("confidence", mistakes=mistakes, images=images, confident=confident)
    PROSE.code(
        "code/classes",
        logits=", ".join(str(round(float(logit), 4)) for logit in steps.logits),
        divided="" if steps.temperature == 1 else f" / {steps.temperature:g}",
        one_hot=", ".join("1" if number == steps.actual else "0" for number in range(count)),
    )


def confident_mistakes() -> tuple[int, int, int]:
    """Count the example run's mistakes, those made with at least 90% confidence, and the images."""
    run, data = example().run, example().data
    answer = services.test_answers("learn-softmax", run, run.last_epoch, Edits())
    probabilities = answer.result()  # at once: the network is small
    wrong = probabilities.argmax(axis=1) != data.labels[data.test]
    confident = wrong & (probabilities.max(axis=1) >= _CONFIDENT)
    return int(wrong.sum()), int(confident.sum()), len(wrong)


def _two_classes(page: LessonPage) -> None:
    """Show softmax of two logits next to sigmoid of their difference."""
    first, second = (example().data.classes[number] for number in _PAIR)
    with page.figure:
        columns, ends = st.columns(2), (-_PAIR_REACH, _PAIR_REACH)
        a = page.slider("a", f"Logit $a$ of {first}", *ends, 2.0, 0.1, at=columns[0])
        b = page.slider("b", f"Logit $b$ of {second}", *ends, 1.0, 0.1, at=columns[1])
        logits = np.array([a, b], np.float32)
        difference = logits[0] - logits[1]
        softmax, sigmoid = operations.softmax(logits)[0], operations.sigmoid(difference)
        left, middle, right = st.columns(3)
        left.metric(f"Softmax, {first}", f"{softmax:.6f}")
        middle.metric("Sigmoid of $a - b$", f"{sigmoid:.6f}")
        apart = formatting.number(abs(float(softmax - sigmoid)))
        right.metric("Difference", apart, help=PROSE.text("rounding error"))
        prediction = "neither, both are equal" if a == b else first if a > b else second
        st.markdown(f"Prediction of both: **{prediction}**")
        widest = -2 * _PAIR_REACH, 2 * _PAIR_REACH
        differences = np.linspace(*widest, 401, dtype=np.float32)
        curve = pd.DataFrame({"x": differences, "y": operations.sigmoid(differences)})
        point, titles = (float(difference), float(softmax)), ("a − b", "probability p")
        alt = f"Sigmoid over a − b. At {difference:.1f} it is {softmax:.4f}, as softmax."
        arguments = curve, point, titles, widest, (0, 1)
        draw(curve_with_point, *arguments, alt=alt, key="learn-softmax-sigmoid")
    with page.text:
        PROSE.show("two classes", difference=difference, probability=softmax, first=first)
        PROSE.code("code/two", a=a, b=b)
        page.ask()
