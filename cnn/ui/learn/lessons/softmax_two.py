"""Softmax and sigmoid for two classes: one part of the lesson on softmax."""

from collections.abc import Callable

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn import operations
from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.formula import tex, tex_in_brackets
from cnn.ui.learn.lessons.softmax_chart import sigmoid_curve
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.state.url import DEFAULT_DATA

_CONTROLS = ("a", "b")
"""What the address calls what can be set here."""

_PAIR = (7, 9)
_REACH = 5.0


def show(
    session: Session,
    setup: Setup,
    text: DeltaGenerator,
    picture: DeltaGenerator,
    ask: Callable[[], None],
) -> None:
    """Two logits, what softmax makes of both and what sigmoid makes of their difference."""
    names = [services.chosen(DEFAULT_DATA).classes[one] for one in _PAIR]
    logits = []
    with picture:
        for place, control, name, usual in zip(
            st.columns(2), _CONTROLS, names, (2.0, 1.0), strict=True
        ):
            with place:
                label = f"Logit ${control}$ of {name}"
                logits.append(setup.decimal(control, label, -_REACH, _REACH, usual, 0.1))
        a, b = np.array(logits, np.float32)
        both = operations.softmax(np.array([a, b]))
        single = operations.sigmoid(a - b)
        for place, label, value, help in zip(
            st.columns(3),
            (f"Softmax of both, {names[0]}", "Sigmoid of $a - b$", "Difference"),
            (f"{both[0]:.6f}", f"{single:.6f}", formatting.number(abs(float(both[0] - single)))),
            (None, None, "At most what a number of 32 bits is rounded by."),
            strict=True,
        ):
            place.metric(label, value, help=help)
        answer = "both alike" if a == b else names[int(b > a)]
        st.markdown(f"The answer of both: **{answer}**")
        st.altair_chart(
            sigmoid_curve(float(a - b), float(both[0]), 2 * _REACH),
            alt=f"Sigmoid over a − b; at {a - b:.1f} it is {both[0]:.4f}, as softmax",
            key="learn-softmax-sigmoid",
        )
    with text:
        _words(float(a), float(b), float(both[0]), names)
        ask()


def _words(a: float, b: float, probability: float, names: list[str]) -> None:
    st.markdown(
        "For two classes softmax divides $e^a$ by $e^a + e^b$. Divide above and below by $e^a$:"
        " what is left is **sigmoid** of the difference of the logits."
    )
    st.latex(
        rf"""\begin{{aligned}}
        p &= \frac{{e^a}}{{e^a + e^b}} = \frac{{1}}{{1 + e^{{-(a - b)}}}} \\
        &= \frac{{1}}{{1 + e^{{-{tex_in_brackets(a - b)}}}}} = {tex(probability)}
        \end{{aligned}}"""
    )
    st.markdown(
        f"Softmax says {names[0]} where $a > b$; sigmoid says so where it is above 0.5, which is where"
        " $a - b > 0$: the same decision. So one unit with sigmoid is enough for two classes, and two"
        " with softmax know no more."
    )
    st.code(
        f"keras.ops.softmax(np.array([{a:.1f}, {b:.1f}]))[0]\nkeras.ops.sigmoid({a:.1f} - {b:.1f})",
        language="python",
        wrap_lines=True,
    )
