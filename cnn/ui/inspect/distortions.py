"""Sliders that change the image, and where the network's decision changes on their way."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.data.split import ChosenData
from cnn.inspection.forward import probabilities
from cnn.inspection.image.decision_changes import ever_said, nearest_flips
from cnn.inspection.image.distortion import Distortion, amounts, sweep
from cnn.training.run import Run
from cnn.ui.common import charts, formatting
from cnn.ui.common.waiting import when_there
from cnn.ui.inspect.view import InputImage, distortion_words
from cnn.ui.state import services
from cnn.ui.state.browser_echo import widget
from cnn.ui.state.session import Session


def panel(session: Session, run: Run, epoch: int, data: ChosenData, whole: InputImage) -> None:
    """One slider at a time, and where on its way the decision on `whole` changes."""
    opened = st.expander(
        "Shift, turn, hide, add noise",
        icon=":material/transform:",
        key="distortions",
        on_change="rerun",
    )
    with opened:
        name = st.pills(
            "What changes",
            [kind.name for kind in KINDS],
            default=KINDS[0].name,
            required=True,
            key="distortion-kind",
            persist_state="session",
            label_visibility="collapsed",
        )
        kind = next(kind for kind in KINDS if kind.name == name)
        side = data.image_shape[0]
        _slider(session, side, kind.field, kind.axis.capitalize())
        if kind.field == "hidden_side":
            _slider(session, side, "hidden_right", "Pixels right of the image's middle")
            _slider(session, side, "hidden_down", "Pixels below the image's middle")
        if kind.field == "noise":
            st.button(
                "Other noise", icon=":material/casino:", on_click=_other_noise, args=(session,)
            )
        if opened.open:
            decision_changes(session, run, epoch, data, whole, kind)


def summary(session: Session) -> None:
    """What is done to the image, if anything is, and one click to undo it."""
    if session.source.distortion.nothing:
        return
    st.markdown(f":material/transform: The image is {distortion_words(session.source.distortion)}.")
    st.button("Reset", icon=":material/undo:", on_click=_undo, args=(session,))


def _undo(session: Session) -> None:
    session.source.distortion = Distortion()


def _other_noise(session: Session) -> None:
    seed = session.source.distortion.noise_seed + 1
    session.source.distortion = replace(session.source.distortion, noise_seed=seed)


def _slider(session: Session, side: int, field: str, label: str) -> None:
    allowed = amounts(field, side)
    wanted = getattr(session.source.distortion, field)
    value = min(allowed, key=lambda amount: abs(amount - wanted))  # images may be smaller now
    if value != wanted:
        session.source.distortion = session.source.distortion.with_amount(field, value)
    slider = widget(f"distortion-{field}-{side}", value)

    def move(amount: float) -> None:
        session.source.distortion = session.source.distortion.with_amount(field, amount)

    step = allowed[1] - allowed[0]
    st.slider(
        label,
        allowed[0],
        allowed[-1],
        value,
        step=step,
        key=slider.key,
        on_change=slider.then(move),
    )


Array = NDArray[np.float32]


@dataclass(frozen=True)
class Kind:
    """One field of a Distortion that can be swept.

    `more` and `less` begin a sentence about larger and smaller amounts.
    """

    field: str
    name: str
    axis: str
    more: str
    less: str
    words: Callable[[float], str]


def _pixels(amount: float, positive: str, negative: str) -> str:
    if not amount:
        return "no shift"
    plural = "pixel" if abs(amount) == 1 else "pixels"
    return f"{abs(amount)} {plural} {positive if amount > 0 else negative}"


def _degrees(amount: float) -> str:
    return (
        f"{abs(amount):g}° {'counter-clockwise' if amount > 0 else 'clockwise'}" if amount else "0°"
    )


KINDS = [
    Kind(
        "shift_right",
        "Right or left",
        "pixels to the right",
        "Further right",
        "Further left",
        lambda amount: _pixels(amount, "to the right", "to the left"),
    ),
    Kind(
        "shift_down",
        "Down or up",
        "pixels down",
        "Further down",
        "Further up",
        lambda amount: _pixels(amount, "down", "up"),
    ),
    Kind(
        "angle",
        "Turn",
        "degrees counter-clockwise",
        "Turned counter-clockwise",
        "Turned clockwise",
        _degrees,
    ),
    Kind(
        "hidden_side",
        "Hide",
        "pixels on a side of the hidden square",
        "With a larger square",
        "With a smaller square",
        lambda amount: f"{amount} × {amount} pixels",
    ),
    Kind(
        "noise",
        "Noise",
        "standard deviation of the noise",
        "With more noise",
        "With less noise",
        lambda amount: f"{amount:g}",
    ),
]


def decision_changes(
    session: Session, run: Run, epoch: int, data: ChosenData, whole: InputImage, kind: Kind
) -> None:
    """The probabilities on the whole way of one slider, all else as the session has it."""
    plan = services.run_plan(run)
    tried = amounts(kind.field, data.image_shape[0])
    others = session.source.distortion.with_amount(kind.field, 0)
    key = (run.id, epoch, session.viewed.edits, whole.identity, others, kind.field)
    weights = services.edited_weights(run, epoch, session.viewed.edits)
    images = sweep(whole.pixels, others, kind.field)

    def show(shares: Array) -> None:
        present = tried.index(getattr(session.source.distortion, kind.field))
        _tell(shares, tried, present, kind, data.classes)

    if plan.multiply_accumulates * len(tried) > services.HEAVY:
        asked = services.ask("decision changes", key, probabilities, plan, weights, images)
        when_there(asked, f"Trying {len(tried)} images", show)
    else:
        show(_tried(key, lambda: probabilities(plan, weights, images)))


@st.cache_resource(show_spinner=False, max_entries=128)
def _tried(key: tuple[object, ...], _compute: Callable[[], Array]) -> Array:
    return _compute()


def _tell(
    shares: Array, tried: tuple[float, ...], present: int, kind: Kind, classes: tuple[str, ...]
) -> None:
    if not np.isfinite(shares).all():
        st.caption("The network's numbers are no longer numbers, so there is no decision to flip.")
        return
    ever_predicted = ever_said(shares)
    rows: list[dict[str, Any]] = [
        {"amount": amount, "class": classes[number], "probability": float(shares[place, number])}
        for number in ever_predicted
        for place, amount in enumerate(tried)
    ]
    said = shares.argmax(1)
    plain = decision_sentence(said, tried, present, kind, classes)
    bold = tuple(f"**{formatting.escaped(name)}**" for name in classes)
    chart = charts.probabilities_along(pd.DataFrame(rows), kind.axis, tried[present])
    st.altair_chart(chart, alt=f"Probability against {kind.axis}. {plain}")
    st.markdown(decision_sentence(said, tried, present, kind, bold))


def decision_sentence(
    said: NDArray[np.int64],
    tried: tuple[float, ...],
    present: int,
    kind: Kind,
    classes: tuple[str, ...],
) -> str:
    """Where the decisions `said` at the amounts `tried` first differ from the one at `present`."""
    now = classes[said[present]]
    less, more = nearest_flips(said, present)
    if less is None and more is None:
        return f"No flip: it is taken for {now} all along."
    sentences = []
    for place, towards, end in ((less, kind.less, 0), (more, kind.more, len(tried) - 1)):
        if place is not None:
            sentences.append(
                f"{towards}, first at {kind.words(tried[place])}, it is taken for"
                f" {classes[said[place]]} ({now} now)."
            )
        elif present != end:
            sentences.append(f"{towards}, it stays {now}.")
    return " ".join(sentences)
