"""What the changes made by hand do to the decision and to the test accuracy."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.evaluation.predictions import Evaluation, judged
from cnn.inspection.edits import Edits
from cnn.statistics import ONCE_IN_TWENTY, chance
from cnn.ui.common import formatting
from cnn.ui.common.waiting import when_there
from cnn.ui.inspect.view import InspectionView, Outputs
from cnn.ui.state import services


def effect(look: InspectionView) -> None:
    """Decision and test accuracy, as trained and as changed."""
    doing = f"Running {formatting.thousands(len(look.data.test))} test images through it"
    trained = services.test_answers("effect, trained", look.run, look.epoch, Edits())
    if not look.edits:
        when_there(trained, doing, lambda shares: _as_trained(judged(shares, look.data)))
        return
    st.markdown(
        f"**{_told(look)}.** {formatting.escaped(look.subject.name)}:"
        f" {_decision(look, look.trained_outputs)} as trained,"
        f" {_decision(look, look.outputs)} as changed."
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
        f"Nothing is changed yet. As trained, {formatting.accuracy(found.accuracy, images)} of"
        f" {formatting.thousands(images)} test images are right; in brackets the 95\u202f% interval."
    )


def accuracies(before: NDArray[np.bool_], now: NDArray[np.bool_]) -> str:
    """Test accuracy as trained and as changed, from whether each image is right, in sentences."""
    images = len(before)
    lost, gained = int((before & ~now).sum()), int((now & ~before).sum())
    return (
        f"Test accuracy: **{formatting.accuracy(float(before.mean()), images)}** as trained,"
        f" **{formatting.accuracy(float(now.mean()), images)}** as changed; in brackets the 95\u202f%"
        f" interval. Of {formatting.thousands(images)} test images {formatting.thousands(lost)} went from"
        f" right to wrong and {formatting.thousands(gained)} from wrong to right: {verdict(lost, gained)}."
    )


def verdict(lost: int, gained: int) -> str:
    """Whether images lost and gained differ by more than luck alone explains, in a few words."""
    if not lost + gained:
        return "no difference"
    if chance(lost, gained) >= ONCE_IN_TWENTY:
        return "within chance"
    return "worse, beyond chance" if lost > gained else "better, beyond chance"


def _told(look: InspectionView) -> str:
    kernels, off = len(look.edits.kernels), len(look.edits.off)
    parts = []
    if kernels:
        parts.append(f"{kernels} kernel{'s' if kernels > 1 else ''} changed")
    if off:
        parts.append(f"{off} filter{'s' if off > 1 else ''} off")
    return ", ".join(parts)


def _decision(look: InspectionView, outputs: Outputs) -> str:
    shares = look.probabilities(outputs)
    if not np.isfinite(shares).all():
        return "**no decision** (its probabilities are no numbers)"
    winner = int(shares.argmax())
    return f"**{formatting.escaped(look.data.classes[winner])}** with {formatting.percent(shares[winner])}"
