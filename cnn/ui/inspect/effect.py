"""What the changes made by hand do to the decision and to the test accuracy."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.edits import Edits
from cnn.inspection.evaluation import Evaluation, judged
from cnn.inspection.forward import probabilities
from cnn.statistics import ONCE_IN_TWENTY, chance
from cnn.ui import services, words
from cnn.ui.inspect.look import Look
from cnn.ui.waiting import when_there


def effect(look: Look) -> None:
    """Decision and test accuracy, as trained and as changed."""
    doing = f"Running {words.thousands(len(look.data.test))} test images through it"
    trained = services.test_answers("effect, trained", look.run, look.epoch, Edits())
    if not look.edits:
        when_there(trained, doing, lambda shares: _as_trained(judged(shares, look.data)))
        return
    st.markdown(
        f"**{_told(look)}.** {words.escaped(look.subject.name)}:"
        f" {_decision(look, services.weights(look.run.id, look.epoch))} as trained,"
        f" {_decision(look, look.weights)} as changed."
    )
    changed = services.test_answers("effect, changed", look.run, look.epoch, look.edits)

    def show(before: Evaluation, now: Evaluation) -> None:
        st.markdown(accuracies(before.right, now.right))

    when_there(
        trained,
        doing,
        lambda before: when_there(
            changed,
            doing,
            lambda now: show(judged(before, look.data), judged(now, look.data)),
        ),
    )


def _as_trained(found: Evaluation) -> None:
    images = len(found.right)
    st.caption(
        f"Nothing is changed yet. As trained, {words.accuracy(found.accuracy, images)} of"
        f" {words.thousands(images)} test images are right; in brackets the 95\u202f% interval."
    )


def accuracies(before: NDArray[np.bool_], now: NDArray[np.bool_]) -> str:
    """Test accuracy as trained and as changed, from whether each image is right, in sentences."""
    images = len(before)
    lost, gained = int((before & ~now).sum()), int((now & ~before).sum())
    return (
        f"Test accuracy: **{words.accuracy(float(before.mean()), images)}** as trained,"
        f" **{words.accuracy(float(now.mean()), images)}** as changed; in brackets the 95\u202f%"
        f" interval. Of {words.thousands(images)} test images {words.thousands(lost)} went from"
        f" right to wrong and {words.thousands(gained)} from wrong to right: {verdict(lost, gained)}."
    )


def verdict(lost: int, gained: int) -> str:
    """Whether images lost and gained differ by more than luck alone explains, in a few words."""
    if not lost + gained:
        return "no difference"
    if chance(lost, gained) >= ONCE_IN_TWENTY:
        return "within chance"
    return "worse, beyond chance" if lost > gained else "better, beyond chance"


def _told(look: Look) -> str:
    kernels, off = len(look.edits.kernels), len(look.edits.off)
    parts = []
    if kernels:
        parts.append(f"{kernels} kernel{'s' if kernels > 1 else ''} changed")
    if off:
        parts.append(f"{off} filter{'s' if off > 1 else ''} off")
    return ", ".join(parts)


def _decision(look: Look, weights: NDArray[np.float32]) -> str:
    [shares] = probabilities(look.plan, weights, look.subject.pixels[None])
    if not np.isfinite(shares).all():
        return "**no decision** (its probabilities are no numbers)"
    winner = int(shares.argmax())
    return f"**{words.escaped(look.data.classes[winner])}** with {words.percent(shares[winner])}"
