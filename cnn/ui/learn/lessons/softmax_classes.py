"""Logits, probabilities and the loss of several classes: one part of the lesson on softmax."""

from collections.abc import Callable
from math import log

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.lessons.softmax_steps import AnswerSteps
from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.formula import tex, tex_in_brackets
from cnn.ui.learn.lessons.softmax_chart import loss_curve
from cnn.ui.learn.lessons.softmax_form import Chosen, five_of_all, form
from cnn.ui.learn.next_steps import to_inspect
from cnn.ui.state import services
from cnn.ui.state.session import Session


def show(
    session: Session,
    setup: Setup,
    text: DeltaGenerator,
    picture: DeltaGenerator,
    ask: Callable[[], None],
) -> None:
    """Logits set by hand or given by the network, and every step from them to the loss."""
    with picture:
        chosen = form(session, setup)
        _table(chosen)
        if chosen.at_work:
            five_of_all(setup, chosen.at_work)
        _loss(chosen.steps)
    with text:
        _words(chosen)
        ask()
        to_inspect(
            session,
            "A garment's softmax in Inspect",
            services.EXAMPLE_RUN,
            chosen.at_work.number if chosen.at_work else None,
            f"softmax-unit{chosen.true + 1}",
        )


def _table(chosen: Chosen) -> None:
    """A row a class, a column a step, the last with bars."""
    steps, added = chosen.steps, chosen.added
    exponentials, probabilities = steps.exponentials, steps.probabilities
    total = float(exponentials.sum())
    names = [f"{one} (true)" if at == steps.true else one for at, one in enumerate(chosen.names)]
    logit = "logit z" if added == 0 else f"z {'+' if added > 0 else '−'} {abs(added):g}"
    table = pd.DataFrame(
        {
            "class": [*names, "Sum"],
            logit: [*map(float, steps.logits), None],
            "divided by T": [*map(float, steps.divided), None],
            "e to that": [formatting.number(one) for one in (*exponentials, total)],
            "share of the sum": [*map(float, probabilities), float(probabilities.sum())],
        }
    )
    told = (
        f"{name}: e to {formatting.number(power)} is {formatting.number(exponential)}, {formatting.percent(share)}"
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
        alt="; ".join(told),
        column_config={
            logit: number,
            "divided by T": number,
            "e to that": st.column_config.TextColumn(alignment="right"),
            "share of the sum": st.column_config.ProgressColumn(
                format="percent", min_value=0, max_value=1
            ),
        },
    )


def _loss(steps: AnswerSteps) -> None:
    probability = float(steps.probabilities[steps.true])
    st.markdown(
        f"**Loss**: {formatting.number(steps.loss)} at p = {formatting.number(probability)}"
    )
    st.altair_chart(
        loss_curve(probability, steps.loss),
        alt=f"The loss falls from infinity at p = 0 to 0 at p = 1; here it is {formatting.number(steps.loss)}",
        key="learn-softmax-loss",
    )


def _words(chosen: Chosen) -> None:
    steps, count = chosen.steps, len(chosen.names)
    at = steps.true
    probability, total = float(steps.probabilities[at]), float(steps.exponentials.sum())
    power = float(steps.divided[at])
    st.markdown(
        "The last dense layer gives one number a class, its **logit** $z$. **Softmax** makes"
        " probabilities $p$ of them: raise $e \\approx 2.718$ to each, so that all are above 0, and"
        " divide by their sum, so that together they are 1. A **temperature** $T$ below 1 first widens"
        " the differences between the logits, one above 1 narrows them; networks learn with $T = 1$."
        f" For {chosen.names[at]}:"
    )
    st.latex(
        rf"""\begin{{aligned}}
        p &= \frac{{e^{{z / T}}}}{{\text{{sum of all }} e^{{z / T}}}} \\
        &= \frac{{e^{{{tex(power)}}}}}{{{tex(total)}}}
        = \frac{{{tex(float(steps.exponentials[at]))}}}{{{tex(total)}}} \\
        &= {tex(probability)}
        \end{{aligned}}"""
    )
    st.markdown(
        "Training needs one number for how wrong that is: the **cross-entropy** $L$, minus the natural"
        " logarithm of the true class's probability."
    )
    spelt = rf"-\ln ({tex(probability)})"
    if not probability:  # too small for 32 bits; the loss is had from the logits all the same
        spelt = rf"\ln ({tex(total)}) - {tex_in_brackets(power)}"
    st.latex(
        rf"\begin{{aligned}} L &= -\ln p \\ &= {spelt} \\ &= {tex(steps.loss)} \end{{aligned}}"
    )
    st.markdown(
        f"Certain and right costs 0; certain and wrong has no limit. The same share for all {count}"
        f" classes costs ln {count} = {formatting.number(log(count))}."
    )
    st.code(_code(steps), language="python", wrap_lines=True)


def _code(steps: AnswerSteps) -> str:
    logits = ", ".join(str(round(float(logit), 4)) for logit in steps.logits)
    divided = "" if steps.temperature == 1 else f" / {steps.temperature:g}"
    truth = ", ".join("1" if at == steps.true else "0" for at in range(len(steps.logits)))
    return (
        f"z = np.array([{logits}])\n"
        f"p = keras.ops.softmax(z{divided})\n"
        f"loss = keras.losses.categorical_crossentropy([{truth}], p)"
    )
