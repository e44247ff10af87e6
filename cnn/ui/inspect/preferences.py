"""What a filter or unit looks for: the test patches at either end, classes, the best input."""

from functools import partial

import pandas as pd
import streamlit as st

from cnn.inspection.features.patch import cut_out
from cnn.inspection.features.preference import Extremes, Preference
from cnn.inspection.units import Unit, to_text
from cnn.network.layers import Convolution, Dropout, Flatten, Layer
from cnn.network.plan import Plan
from cnn.ui.common import formatting
from cnn.ui.common.waiting import when_there
from cnn.ui.components.patches import Shown, patches
from cnn.ui.inspect import preference_charts, preference_words
from cnn.ui.inspect.maximized import maximized
from cnn.ui.inspect.test_set import preference_of
from cnn.ui.inspect.view import InspectionView
from cnn.ui.state.session import Session

_ORDERS = {"value": "Value", "class": "Class"}


def preferences(session: Session, look: InspectionView) -> None:
    """Choose a map or unit of any layer, and see what excites it."""
    unit = _choice(session, look)
    images = formatting.thousands(len(look.data.test))
    when_there(
        preference_of(look, unit.layer),
        f"Running {images} test images through the network",
        lambda found: _show(session, look, unit, found),
    )
    st.subheader("The input that maximizes it")
    maximized(look, unit)


def _choice(session: Session, look: InspectionView) -> Unit:
    """The map or unit that the session looks at, or another one that is chosen here."""
    plan, unit = look.plan, _looked_at(look)
    names = [layer.name for layer in _offered(plan)]
    here = plan.layer(unit.layer)
    with st.container(horizontal=True):
        # Made anew with every choice, for the network view may choose another one too.
        name = st.selectbox(
            "Layer",
            names,
            names.index(unit.layer),
            format_func=lambda one: formatting.layer_title(plan.layer(one)),
            key=f"preference-layer-{look.run.id}-{unit.layer}",
            width=260,
        )
        channel = st.selectbox(
            preference_words.kind(here).capitalize(),
            range(here.output_shape[-1]),
            unit.channel,
            format_func=lambda one: preference_words.numbered(here, one, look.data.classes),
            key=f"preference-number-{look.run.id}-{unit.layer}-{unit.channel}",
            width=200,
        )
    if name != unit.layer:
        channel = channel if channel < plan.layer(name).output_shape[-1] else 0
    if (name, channel) != (unit.layer, unit.channel):
        session.viewed.unit = to_text(Unit(name, channel), plan)
        st.rerun()
    return unit


def _offered(plan: Plan) -> tuple[Layer, ...]:
    """The layers with a preference of their own: the last one's is that of the logits."""
    return tuple(
        layer for layer in plan.layers[:-1] if not isinstance(layer.operation, Flatten | Dropout)
    )


def _looked_at(look: InspectionView) -> Unit:
    """The unit looked at; without one that is offered, the last convolution's first map."""
    plan, unit = look.plan, look.unit
    offered = _offered(plan)
    if unit is not None and unit.layer == plan.layers[-1].name:
        unit = Unit("logits", min(unit.channel, plan.layer("logits").outputs - 1))
    if unit is not None and unit.layer in {layer.name for layer in offered}:
        return unit
    convolutions = [one.name for one in offered if isinstance(one.operation, Convolution)]
    return Unit(["logits", *convolutions][-1], 0)


def _show(session: Session, look: InspectionView, unit: Unit, found: Preference) -> None:
    layer = look.plan.layer(unit.layer)
    if sentence := preference_words.oddity(found, layer, unit.channel):
        st.info(sentence, icon=":material/info:")
        return
    hatched = False
    for name, extremes in (("most", found.most), ("least", found.least)):
        st.subheader(f"The test images that excite it {name}")
        if sentence := preference_words.tie(extremes, unit.channel, found.images):
            st.caption(sentence)
        shown = _shown(session, look, unit, extremes)
        hatched |= not all(one.patch.seen.all() for one in shown)
        patches(shown, f"preference-{name}", partial(_jump, session, look, unit, extremes))
    st.caption(
        f"{preference_words.sight(layer, hatched)} Choose a picture to see that image, and that very"
        " number, in the network."
    )
    _classes(look, unit, found)


def _shown(session: Session, look: InspectionView, unit: Unit, extremes: Extremes) -> list[Shown]:
    """The patches of the images at one end."""
    layer, data = look.plan.layer(unit.layer), look.data
    shown = []
    for place, value in enumerate(extremes.values[unit.channel]):
        number, cell = _found(look, unit, extremes, place)
        row, column = cell.row or 0, cell.column or 0
        name, told = data.classes[data.labels[number]], formatting.number(value)
        where = f", row {row + 1}, column {column + 1}" if cell.row is not None else ""
        shown.append(
            Shown(
                cut_out(data.dataset.images[number], layer, row, column),
                told,
                f"image {number}",
                name,
                f"Image {number}, {name}, value {told}{where}",
                (session.viewed.image, session.viewed.unit) == (number, to_text(cell, look.plan)),
            )
        )
    return shown


def _found(look: InspectionView, unit: Unit, extremes: Extremes, place: int) -> tuple[int, Unit]:
    """The number of the image at a place among the extremes, and the very unit in it."""
    here = unit.channel, place
    number = int(look.data.test[extremes.images[here]])
    if preference_words.kind(look.plan.layer(unit.layer)) == "unit":
        return number, Unit(unit.layer, unit.channel)
    cell = int(extremes.rows[here]), int(extremes.columns[here])
    return number, Unit(unit.layer, unit.channel, *cell)


def _jump(
    session: Session, look: InspectionView, unit: Unit, extremes: Extremes, place: int
) -> None:
    number, cell = _found(look, unit, extremes, place)
    session.choose_image(number)
    session.viewed.unit = to_text(cell, look.plan)


def _classes(look: InspectionView, unit: Unit, found: Preference) -> None:
    """The mean value by class, as a sentence and as bars."""
    layer, classes = look.plan.layer(unit.layer), look.data.classes
    st.subheader("The classes it answers to")
    sentence = preference_words.answered(found, layer, unit.channel, classes)
    st.markdown(sentence)
    order = st.segmented_control(
        "Sort the classes by",
        list(_ORDERS),
        default="value",
        required=True,
        format_func=_ORDERS.__getitem__,
        key="preference-order",
        persist_state="session",
    )
    means = found.class_means[:, unit.channel]
    table = pd.DataFrame({"class": classes, "mean": means, "images": found.class_counts})
    table["text"] = [formatting.number(mean) for mean in means]
    if order == "value":
        table = table.sort_values("mean", ascending=False, kind="stable")
    listed = ", ".join(
        f"{name} {text}" for name, text in zip(table["class"], table["text"], strict=True)
    )
    st.altair_chart(preference_charts.class_bars(table), alt=f"Mean value by class: {listed}.")
    every = ", and over all cells of the map" if preference_words.kind(layer) == "map" else ""
    st.caption(f"Each bar is the mean over all test images of a class{every}.")
