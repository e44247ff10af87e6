"""What a filter or unit looks for: the test patches at either end, classes, the best input.

The sentences are in `preferences.md`.
"""

from concurrent.futures import Future
from functools import partial

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.data.split import ChosenData
from cnn.inspection import worker_tasks
from cnn.inspection.features.maximization import GRAY, NOISE, SEED, STEP, STEPS, Ascent, aim, gray
from cnn.inspection.features.patch import cut_out
from cnn.inspection.features.preference import SHOWN, Extremes, Preference, preference
from cnn.inspection.forward import scaled
from cnn.inspection.units import Unit, to_text
from cnn.network.layers import Convolution, Dropout, Flatten, Layer
from cnn.network.plan import Plan
from cnn.ui.common import formatting
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.prose import read_sections
from cnn.ui.common.theme import NEGATIVE, POSITIVE, QUIET
from cnn.ui.common.waiting import when_there
from cnn.ui.components.patches import Shown, patches
from cnn.ui.inspect.view import InspectionView
from cnn.ui.state import services
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)
_ORDERS = {"value": "Value", "class": "Class"}


def preferences(session: Session, view: InspectionView) -> None:
    """Choose a map or unit of any layer, and see what excites it."""
    unit = _choice(session, view)
    images = formatting.thousands(len(view.data.test))
    when_there(
        preference_of(view, unit.layer),
        f"Running {images} test images through the network",
        lambda preference: _show(session, view, unit, preference),
    )
    st.subheader("The input that maximizes it")
    maximized(view, unit)


def _choice(session: Session, view: InspectionView) -> Unit:
    """The map or unit that the session looks at, or another one that is chosen here."""
    plan, unit = view.plan, _looked_at(view)
    names = [layer.name for layer in _offered(plan)]
    here = plan.layer(unit.layer)
    with st.container(horizontal=True):
        # Made anew with every choice, for the network view may choose another one too.
        name = st.selectbox(
            "Layer",
            names,
            names.index(unit.layer),
            format_func=lambda layer: formatting.layer_title(plan.layer(layer)),
            key=f"preference-layer-{view.run.id}-{unit.layer}",
            width=260,
        )
        channel = st.selectbox(
            kind_of(here).capitalize(),
            range(here.output_shape[-1]),
            unit.channel,
            format_func=lambda option: _numbered(here, option, view.data.classes),
            key=f"preference-number-{view.run.id}-{unit.layer}-{unit.channel}",
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


def _looked_at(view: InspectionView) -> Unit:
    """The chosen unit; without a layer that is offered, the last convolution's first map."""
    plan, unit = view.plan, view.unit
    offered = _offered(plan)
    if unit is not None and unit.layer == plan.layers[-1].name:
        unit = Unit("logits", min(unit.channel, plan.layer("logits").outputs - 1))
    if unit is not None and unit.layer in {layer.name for layer in offered}:
        return unit
    convolutions = [layer.name for layer in offered if isinstance(layer.operation, Convolution)]
    return Unit(["logits", *convolutions][-1], 0)


def _show(session: Session, view: InspectionView, unit: Unit, preference: Preference) -> None:
    layer = view.plan.layer(unit.layer)
    if sentence := _oddity(preference, layer, unit.channel):
        st.info(sentence, icon=":material/info:")
        return
    hatched = False
    for name, extremes in (("most", preference.most), ("least", preference.least)):
        st.subheader(f"{'Strongest' if name == 'most' else 'Weakest'} responses")
        if sentence := _tie(extremes, unit.channel, preference.images):
            st.caption(sentence)
        shown = _shown(session, view, unit, extremes)
        hatched |= not all(patch.patch.seen.all() for patch in shown)
        patches(shown, f"preference-{name}", partial(_jump, session, view, unit, extremes))
    field = layer.receptive_field
    if field is None:
        sight = _TEXT.text("sight/unit")
    else:
        sight = _TEXT.text("sight/padded" if hatched else "sight/map", size=field.size)
    st.caption(_TEXT.text("sight/choose", sight=sight))
    _classes(view, unit, preference)


def _shown(session: Session, view: InspectionView, unit: Unit, extremes: Extremes) -> list[Shown]:
    """The patches of the images at one end."""
    layer, data = view.plan.layer(unit.layer), view.data
    shown = []
    for place, value in enumerate(extremes.values[unit.channel]):
        number, cell = _found(view, unit, extremes, place)
        row, column = cell.row or 0, cell.column or 0
        name, text = data.classes[data.labels[number]], formatting.number(value)
        where = f", row {row + 1}, column {column + 1}" if cell.row is not None else ""
        shown.append(
            Shown(
                cut_out(data.dataset.images[number], layer, row, column),
                text,
                f"image {number}",
                name,
                f"Image {number}, {name}, value {text}{where}",
                (session.viewed.image, session.viewed.unit) == (number, to_text(cell, view.plan)),
            )
        )
    return shown


def _found(view: InspectionView, unit: Unit, extremes: Extremes, place: int) -> tuple[int, Unit]:
    """The number of the image at a place among the extremes, and the very unit in it."""
    here = unit.channel, place
    number = int(view.data.test[extremes.images[here]])
    if kind_of(view.plan.layer(unit.layer)) == "unit":
        return number, Unit(unit.layer, unit.channel)
    cell = int(extremes.rows[here]), int(extremes.columns[here])
    return number, Unit(unit.layer, unit.channel, *cell)


def _jump(
    session: Session, view: InspectionView, unit: Unit, extremes: Extremes, place: int
) -> None:
    number, cell = _found(view, unit, extremes, place)
    session.choose_image(number)
    session.viewed.unit = to_text(cell, view.plan)


def _classes(view: InspectionView, unit: Unit, preference: Preference) -> None:
    """The mean value by class, as a sentence and as bars."""
    classes = view.data.classes
    st.subheader("The classes it responds to")
    st.markdown(_favorites(preference, unit.channel, classes))
    order = st.segmented_control(
        "Sort the classes by",
        list(_ORDERS),
        default="value",
        required=True,
        format_func=_ORDERS.__getitem__,
        key="preference-order",
        persist_state="session",
    )
    means = preference.class_means[:, unit.channel]
    table = pd.DataFrame({"class": classes, "mean": means, "images": preference.class_counts})
    table["text"] = [formatting.number(mean) for mean in means]
    if order == "value":
        table = table.sort_values("mean", ascending=False, kind="stable")
    listed = ", ".join(
        f"{name} {text}" for name, text in zip(table["class"], table["text"], strict=True)
    )
    st.altair_chart(class_bars(table), alt=f"Mean value by class: {listed}.")
    st.caption(_TEXT.text(f"bars/{kind_of(view.plan.layer(unit.layer))}"))


_STARTS = {"gray": "Gray", "image": "The chosen image"}


def maximized(view: InspectionView, unit: Unit) -> None:
    """Show the input that raises the value of a map or unit, where from, and how far it got."""
    climbed = aim(view.plan, unit.layer, unit.channel)
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
        pixels, name = gray(view.plan.image_shape), "gray"
        told = _TEXT.text("start/gray", gray=GRAY, noise=NOISE, seed=SEED)
    else:
        pixels, name = scaled(view.subject.pixels), view.subject.identity
        told = _TEXT.text("start/image", name=formatting.escaped(view.subject.name))
    what = _climbed(view.plan.layer(climbed.layer), climbed, view.data.classes)
    method = _TEXT.text("method", what=what, start=told, steps=STEPS, step=STEP)
    if climbed.layer != unit.layer:
        method = _TEXT.text("method/before", method=method)
    st.markdown(method)
    asked = services.ask(
        "maximized",
        (*view.network_key, climbed, name),
        worker_tasks.maximized,
        view.plan,
        view.weights,
        climbed,
        pixels,
    )
    when_there(asked, "Climbing", lambda ascent: _show_ascent(view, climbed, ascent))


def _show_ascent(view: InspectionView, climbed: Unit, ascent: Ascent) -> None:
    st.markdown(_ended(ascent))
    if len(ascent.values) == 1:
        return
    left, right = st.columns([1, 1.4], gap="large")
    with left:
        first = f"Step 0: {formatting.number(ascent.values[0])}"
        last = f"Step {ascent.best}: {formatting.number(ascent.values[ascent.best])}"
        shown = [
            _picture(view, climbed, ascent.start, "Start", first),
            _picture(view, climbed, ascent.result, "Result", last),
        ]
        patches(shown, "ascent-pictures", on_choice=None, side=140)
    with right:
        steps = pd.DataFrame({"step": range(len(ascent.values)), "value": ascent.values})
        chart = climb(steps, ascent.best)
        st.altair_chart(chart, alt=f"The value by step. {_ended(ascent)}")
    when_there(
        preference_of(view, climbed.layer),
        "Comparing it with the test images",
        lambda preference: _compare(view, climbed, ascent, preference),
    )
    st.caption(_TEXT.text("one_of_many"))


def _picture(
    view: InspectionView, climbed: Unit, pixels: NDArray[np.float32], name: str, value: str
) -> Shown:
    image = np.rint(pixels * 255).astype(np.uint8)
    layer = view.plan.layer(climbed.layer)
    patch = cut_out(image, layer, climbed.row or 0, climbed.column or 0)
    return Shown(patch, name, value, "", f"{name}. {value}")


def _compare(view: InspectionView, climbed: Unit, ascent: Ascent, preference: Preference) -> None:
    sentence = compared(ascent, preference, climbed, view.data)
    if sentence:
        st.markdown(sentence)


def preference_of(view: InspectionView, layer: str) -> Future[Preference]:
    """What every map or unit of a layer makes of all test images; images are places in `data.test`."""
    numbers = view.data.test
    return services.ask(
        f"preference-{layer}",  # two layers may be asked for on one page
        (*view.network_key, layer),
        preference,
        view.plan,
        view.weights,
        layer,
        view.data.dataset.images[numbers],
        view.data.labels[numbers],
    )


def kind_of(layer: Layer) -> str:
    """What the numbers of a layer belong to: "map" or "unit"."""
    return "map" if len(layer.output_shape) == 3 else "unit"


def _numbered(layer: Layer, channel: int, classes: tuple[str, ...]) -> str:
    """The number of a map or unit, from 1, with the class if it is one's: "3", "3: Bag"."""
    a_class = layer.name == "logits" and layer.output_shape[-1] == len(classes)
    return f"{channel + 1}: {classes[channel]}" if a_class else str(channel + 1)


def _oddity(preference: Preference, layer: Layer, channel: int) -> str | None:
    """Why this map or unit has no preference; None if it has one."""
    kind, images = kind_of(layer), formatting.thousands(preference.images)
    if broken := preference.broken[channel]:
        counted = formatting.thousands(broken)
        return _TEXT.text("oddity/broken", broken=counted, images=images, kind=kind)
    if preference.is_dead(channel):
        return _TEXT.text(f"dead/{kind}", images=images)
    if preference.is_constant(channel):
        value = formatting.number(preference.most.values[channel, 0])
        return _TEXT.text("oddity/constant", kind=kind, value=value, images=images)
    return None


def _tie(extremes: Extremes, channel: int, images: int) -> str | None:
    """That more images share the most extreme value than are shown; None if they do not."""
    tied = int(extremes.tied[channel])
    if tied <= SHOWN:
        return None
    return _TEXT.text(
        "tie",
        tied=formatting.thousands(tied),
        images=formatting.thousands(images),
        value=formatting.number(extremes.values[channel, 0]),
        shown=SHOWN,
    )


def _favorites(preference: Preference, channel: int, classes: tuple[str, ...]) -> str:
    """The classes it responds to most and least, and how often it is silent."""
    means = preference.class_means[:, channel]
    high, low = int(means.argmax()), int(means.argmin())
    sentence = _TEXT.text(
        "classes",
        most=formatting.escaped(classes[high]),
        high=formatting.number(means[high]),
        least=formatting.escaped(classes[low]),
        low=formatting.number(means[low]),
    )
    zeros = preference.zeros[channel]
    if not zeros:
        return sentence
    return _TEXT.text("zeros", classes=sentence, share=formatting.percent(zeros))


def _climbed(layer: Layer, unit: Unit, classes: tuple[str, ...]) -> str:
    """The number that gradient ascent raises."""
    number = formatting.escaped(_numbered(layer, unit.channel, classes))
    name = f"{formatting.layer_title(layer)}, {kind_of(layer)} {number}"
    if unit.row is None or unit.column is None:
        return name
    return f"{name}, the cell in the middle (row {unit.row + 1}, column {unit.column + 1})"


def _ended(ascent: Ascent) -> str:
    """How the ascent went and why it stopped."""
    steps = len(ascent.values) - 1
    first, last = (formatting.number(ascent.values[at]) for at in (0, ascent.best))
    if ascent.end == "broken" and not steps:
        return _TEXT.text("broken_at_start")
    if ascent.end == "flat" and not steps:
        return _TEXT.text("flat_at_start", first=first)
    went = _TEXT.text("went", first=first, last=last, steps=formatting.counted(steps, "step"))
    ended = _TEXT.text(f"end/{ascent.end}", went=went)
    return ended if ascent.best == steps else _TEXT.text("highest", ended=ended, best=ascent.best)


def compared(ascent: Ascent, preference: Preference, climbed: Unit, data: ChosenData) -> str | None:
    """How the result stands against the test image with the largest value of the same map or unit.

    None where the numbers are not finite.
    """
    reached = float(ascent.values[ascent.best])
    if preference.broken[climbed.channel] or not np.isfinite(reached):
        return None
    best = float(preference.most.values[climbed.channel, 0])
    image = int(data.test[preference.most.images[climbed.channel, 0]])
    sentence = _TEXT.text(
        "compared/unit" if climbed.row is None else "compared/map",
        images=formatting.thousands(preference.images),
        image=image,
        name=formatting.escaped(data.classes[data.labels[image]]),
        best=formatting.number(best),
    )
    section = "compared/above" if reached > best else f"below/{ascent.end}"
    return _TEXT.text(section, compared=sentence, reached=formatting.number(reached))


def class_bars(table: pd.DataFrame) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """A bar per class from zero, in the table's order; columns "class", "mean", "images" and "text"."""
    base = alt.Chart(table).encode(
        y=alt.Y("class:N", sort=list(table["class"]), title=None, axis=alt.Axis(labelLimit=160)),
        x=alt.X("mean:Q", title="mean value", scale=alt.Scale(zero=True)),
    )
    negative = alt.datum.mean < 0
    bars = base.mark_bar().encode(
        color=alt.condition(negative, alt.value(NEGATIVE), alt.value(POSITIVE)),
        tooltip=["class", alt.Tooltip("mean:Q", format=".4g"), alt.Tooltip("images:Q")],
    )
    right = base.transform_filter(~negative).mark_text(align="left", dx=4, color=QUIET)
    left = base.transform_filter(negative).mark_text(align="right", dx=-4, color=QUIET)
    zero = alt.Chart(pd.DataFrame({"mean": [0.0]})).mark_rule(color=QUIET).encode(x="mean:Q")
    texts = [layer.encode(text="text:N") for layer in (right, left)]
    return alt.layer(bars, *texts, zero).properties(padding=CHART_PADDING, height=alt.Step(24))


def climb(table: pd.DataFrame, best: int) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    """The value by step; columns "step" and "value". `best` is the step to point out."""
    line = alt.Chart(table).encode(
        x=alt.X("step:Q", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("value:Q", scale=alt.Scale(zero=False)),
        tooltip=["step", alt.Tooltip("value:Q", format=".4g")],
    )
    top = line.transform_filter(alt.datum.step == best).mark_point(filled=True, size=60)
    return alt.layer(line.mark_line(color=POSITIVE), top).properties(
        padding=CHART_PADDING, height=180
    )
