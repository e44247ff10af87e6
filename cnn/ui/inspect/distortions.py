"""Sliders that change the image, and what the network then decides; `distortions.md` has the text."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st

from cnn.arrays import Array, Numbers
from cnn.inspection.forward import probabilities
from cnn.inspection.image.distortion import (
    Distortion,
    amounts,
    distorted,
    nearest_flips,
    sweep,
    winning_classes,
)
from cnn.inspection.pooling_swap import Change, changes
from cnn.ui.common import charts, formatting
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import when_there
from cnn.ui.inspect.image_choice import original
from cnn.ui.inspect.view import InputImage, InspectionView
from cnn.ui.state import services
from cnn.ui.state.browser_echo import widget
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)


@dataclass(frozen=True)
class Kind:
    """One field of a Distortion that a slider changes.

    `done` is what it does to an image. `more` and `less` begin a sentence about larger and smaller
    amounts. `above` and `below` are how amounts above and below 0 are written.
    """

    field: str
    name: str
    axis: str
    done: str
    more: str
    less: str
    above: str
    below: str = ""

    def words(self, amount: float) -> str:
        """An amount in words: "2 px left", "10° clockwise", "4 × 4 px"; "0" for none."""
        if not amount:
            return "0"
        return (self.above if amount > 0 else self.below).format(abs(amount))


KINDS = tuple(
    Kind(field, *_TEXT.sections[field].split("\n\n"))
    for field in ("shift_right", "shift_down", "angle", "hidden_side", "noise")
)


def distortion_words(distortion: Distortion) -> str:
    """What is done to an image: "shifted 3 px right, turned 10° clockwise"."""
    done = ((kind, getattr(distortion, kind.field)) for kind in KINDS)
    return ", ".join(f"{kind.done} {kind.words(amount)}" for kind, amount in done if amount)


def changed(whole: InputImage, distortion: Distortion) -> InputImage:
    """What the network reads: `whole` after `distortion`. Its class stays."""
    if distortion.nothing:
        return whole
    name = f"{whole.name}, {distortion_words(distortion)}"
    return InputImage(distorted(whole.pixels, distortion), whole.label, name)


def distortions(session: Session, view: InspectionView) -> None:
    """One slider at a time, and where on its way the decision changes."""
    kinds = {kind.name: kind for kind in KINDS}
    side = view.data.image_shape[0]
    sliders, chart = responsive_columns(2, 3)
    with sliders:
        name = st.pills(
            "What changes",
            list(kinds),
            default=KINDS[0].name,
            required=True,
            key="distortion-kind",
            persist_state="session",
            label_visibility="collapsed",
        )
        kind = kinds[name]
        _slider(session, side, kind.field, kind.axis.capitalize())
        if kind.field == "hidden_side":
            _slider(session, side, "hidden_right", "Pixels right of the image's middle")
            _slider(session, side, "hidden_down", "Pixels below the image's middle")
        if kind.field == "noise":
            now = session.source.distortion
            other = session.source, "distortion", replace(now, noise_seed=now.noise_seed + 1)
            st.button("Other noise", icon=":material/casino:", on_click=setattr, args=other)
    with chart:
        decision_changes(session, view, kind)
        if kind.field.startswith("shift"):
            one_pixel(session, view, kind)


def reset(session: Session) -> None:
    """One click to undo what is done to the image, if anything is."""
    source = session.source
    if not source.distortion.nothing:
        back = source, "distortion", Distortion()
        st.button("Reset the image", icon=":material/undo:", on_click=setattr, args=back)


def _slider(session: Session, side: int, field: str, label: str) -> None:
    allowed = amounts(field, side)
    first, second, *_, last = allowed
    wanted = getattr(session.source.distortion, field)
    value = min(allowed, key=lambda amount: abs(amount - wanted))  # images may be smaller now

    def move(amount: float) -> None:
        session.source.distortion = session.source.distortion.with_amount(field, amount)

    if value != wanted:
        move(value)
    slider = widget(f"distortion-{field}-{side}", value)
    step, moved = second - first, slider.then(move)
    st.slider(label, first, last, value, step, key=slider.key, on_change=moved)


def decision_changes(session: Session, view: InspectionView, kind: Kind) -> None:
    """The probabilities on the whole way of one slider, all else as the session has it."""
    data, whole = view.data, original(session, view.data)
    tried = amounts(kind.field, data.image_shape[0])
    others = session.source.distortion.with_amount(kind.field, 0)
    present = tried.index(getattr(session.source.distortion, kind.field))

    def show(found: Array) -> None:
        if not np.isfinite(found).all():
            _TEXT.caption("diverged")
            return
        ever, decisions = winning_classes(found), found.argmax(1)
        table = pd.DataFrame(found[:, ever], tried, [data.classes[one] for one in ever])
        rows = table.melt(var_name="class", value_name="probability", ignore_index=False)
        rows = rows.rename_axis("amount").reset_index()
        plain = decision_sentence(decisions, tried, present, kind, data.classes)
        bold = tuple(f"**{formatting.escaped(name)}**" for name in data.classes)
        words = f"Probability against {kind.axis}. {plain}"
        charts.draw(charts.probabilities_along, rows, kind.axis, tried[present], alt=words)
        st.markdown(decision_sentence(decisions, tried, present, kind, bold))

    key = *view.network_key, whole.identity, others, kind.field
    cost = view.plan.multiply_accumulates * len(tried)
    inputs = view.plan, view.weights, sweep(whole.pixels, others, kind.field)
    asked = services.compute_or_ask("decision changes", key, cost, probabilities, *inputs)
    when_there(asked, f"Trying {len(tried)} images", show)


def one_pixel(session: Session, view: InspectionView, kind: Kind) -> None:
    """What one more pixel of a shift changes, with the run's own pooling and with the other kind."""
    whole, now = original(session, view.data), session.source.distortion
    then = now.with_amount(kind.field, getattr(now, kind.field) + 1)
    classes, moved = list(map(formatting.escaped, view.data.classes)), kind.words(1)

    def show(found: tuple[Change, ...]) -> None:
        if not found or not np.isfinite(found[0].probabilities).all():
            return
        own, other = (" and ".join(change.kinds) for change in found)
        rows = [_TEXT.text("pixel/own", pooling=own), _TEXT.text("pixel/other", pooling=other)]
        answers = [
            [f"{classes[chances.argmax()]} {chances.max():.1%}" for chances in change.probabilities]
            + [f"{change.maps:.1%}" if np.isfinite(change.maps) else "–"]
            for change in found
        ]
        _TEXT.show("pixel/about", moved=moved)
        st.table(pd.DataFrame(answers, rows, ["now", f"moved {moved}", "maps change by"]))
        _TEXT.caption("pixel/unfair", pooling=own)

    key, cost = (*view.network_key, whole.identity, now, then), 4 * view.plan.multiply_accumulates
    images = np.stack([distorted(whole.pixels, each) for each in (now, then)])
    inputs = view.plan, view.weights, images
    asked = services.compute_or_ask("one pixel", key, cost, changes, *inputs)
    when_there(asked, "Moving the image by one pixel", show)


def decision_sentence(
    decisions: Numbers, tried: tuple[float, ...], present: int, kind: Kind, classes: tuple[str, ...]
) -> str:
    """Where the decisions at the amounts `tried` first differ from the one at `present`."""
    now = classes[decisions[present]]
    less, more = nearest_flips(decisions, present)
    if less is None and more is None:
        return _TEXT.text("flip/none", now=now)
    sentences = []
    for place, towards, end in ((less, kind.less, 0), (more, kind.more, len(tried) - 1)):
        if place is not None:
            amount, then = kind.words(tried[place]), classes[decisions[place]]
            flip = _TEXT.text("flip/there", towards=towards, amount=amount, then=then, now=now)
            sentences.append(flip)
        elif present != end:
            sentences.append(_TEXT.text("flip/not there", towards=towards, now=now))
    return " ".join(sentences)
