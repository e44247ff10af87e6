"""The input that maximizes a filter or unit, climbed to by gradient ascent."""

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection import worker_tasks
from cnn.inspection.features.maximization import GRAY, NOISE, SEED, Ascent, aim, gray
from cnn.inspection.features.patch import cut_out
from cnn.inspection.features.preference import Preference
from cnn.inspection.forward import scaled
from cnn.inspection.units import Unit
from cnn.ui.common import formatting
from cnn.ui.common.waiting import when_there
from cnn.ui.components.patches import Shown, patches
from cnn.ui.inspect import preference_charts, preference_words
from cnn.ui.inspect.test_set import preference_of
from cnn.ui.inspect.view import InspectionView
from cnn.ui.state import services

_STARTS = {"gray": "Gray", "image": "The chosen image"}


def maximized(look: InspectionView, unit: Unit) -> None:
    """Show the input that raises the value of a map or unit, where from, and how far it got."""
    climbed = aim(look.plan, unit.layer, unit.channel)
    start = st.segmented_control(
        "Start from",
        list(_STARTS),
        default="gray",
        required=True,
        format_func=_STARTS.__getitem__,
        key="ascent-start",
        persist_state="session",
    )
    if start == "gray":
        pixels, name = gray(look.plan.image_shape), "gray"
        told = f"gray ({GRAY} everywhere, with noise of up to ±{NOISE} drawn with seed {SEED})"
    else:
        pixels, name = scaled(look.subject.pixels), look.subject.identity
        told = f"the chosen image ({formatting.escaped(look.subject.name)})"
    layer = look.plan.layer(climbed.layer)
    what = preference_words.climbed(layer, climbed, look.data.classes)
    st.markdown(preference_words.method(what, climbed.layer != unit.layer, told))
    asked = services.ask(
        "maximized",
        (*look.network_key, climbed, name),
        worker_tasks.maximized,
        look.plan,
        look.weights,
        climbed,
        pixels,
    )
    when_there(asked, "Climbing", lambda ascent: _show(look, climbed, ascent))


def _show(look: InspectionView, climbed: Unit, ascent: Ascent) -> None:
    st.markdown(preference_words.ended(ascent))
    if len(ascent.values) == 1:
        return
    left, right = st.columns([1, 1.4], gap="large")
    with left:
        first = f"Step 0: {formatting.number(ascent.values[0])}"
        last = f"Step {ascent.best}: {formatting.number(ascent.values[ascent.best])}"
        shown = [
            _picture(look, climbed, ascent.start, "Start", first),
            _picture(look, climbed, ascent.result, "Result", last),
        ]
        patches(shown, "ascent-pictures", on_choice=None, side=140)
    with right:
        steps = pd.DataFrame({"step": range(len(ascent.values)), "value": ascent.values})
        chart = preference_charts.climb(steps, ascent.best)
        st.altair_chart(chart, alt=f"The value by step. {preference_words.ended(ascent)}")
    when_there(
        preference_of(look, climbed.layer),
        "Comparing it with the test images",
        lambda found: _compare(look, climbed, ascent, found),
    )
    st.caption(
        "This is an input that nobody would photograph, and one of many: another start leads to"
        " another one. It shows what raises this one number, not what the network needs to see."
    )


def _picture(
    look: InspectionView, climbed: Unit, pixels: NDArray[np.float32], name: str, value: str
) -> Shown:
    image = np.rint(pixels * 255).astype(np.uint8)
    layer = look.plan.layer(climbed.layer)
    patch = cut_out(image, layer, climbed.row or 0, climbed.column or 0)
    return Shown(patch, name, value, "", f"{name}. {value}")


def _compare(look: InspectionView, climbed: Unit, ascent: Ascent, found: Preference) -> None:
    sentence = preference_words.compared(ascent, found, climbed, look.data)
    if sentence:
        st.markdown(sentence)
