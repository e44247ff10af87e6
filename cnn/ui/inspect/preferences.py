"""What a filter or unit looks for: patches, classes, the best input; `preferences.md` has the text."""

from concurrent.futures import Future

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from cnn.data.split import ChosenData
from cnn.inspection.features import maximization
from cnn.inspection.features.maximization import GRAY, NOISE, SEED, STEP, STEPS, Ascent
from cnn.inspection.features.preference import SHOWN, Extremes, Preference, preference
from cnn.inspection.forward import scaled
from cnn.inspection.map_geometry import cut_out
from cnn.inspection.units import Unit, to_text
from cnn.network.layers import Convolution, Dropout, Flatten, Layer
from cnn.network.plan import Plan
from cnn.ui.common import formatting
from cnn.ui.common.charts import draw
from cnn.ui.common.choices import choice
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
_STARTS = {"gray": "Gray", "image": "The chosen image"}


def preferences(session: Session, view: InspectionView) -> None:
    """Choose a map or unit of any layer, and see what excites it."""
    unit = _choice(session, view)
    images = formatting.thousands(len(view.data.test))
    when_there(
        preference_of(view, unit.layer),
        f"Running {images} test images through the network",
        lambda preference: _show(session, view, unit, preference),
    )
    st.header("The input that maximizes it")
    maximized(view, unit)


def _choice(session: Session, view: InspectionView) -> Unit:
    """The map or unit that the session views, or another one that is chosen here."""
    plan, unit = view.plan, _viewed(view)
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


def _viewed(view: InspectionView) -> Unit:
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
    st.header("Strongest responses")
    most = extremes(session, view, unit, preference.most, "preference-most")
    st.header("Weakest responses")
    least = extremes(session, view, unit, preference.least, "preference-least")
    if layer.receptive_field is None:
        _TEXT.caption("sight/unit")
    else:
        hatched = not all(one.patch.seen.all() for one in (*most, *least))
        section = "sight/padded" if hatched else "sight/map"
        _TEXT.caption(section, size=layer.receptive_field.size)
    _classes(view, unit, preference)


def extremes(
    session: Session, view: InspectionView, unit: Unit, found: Extremes, key: str
) -> list[Shown]:
    """Show and return the patches of the images at one end; a click views the image and the cell."""
    layer, data, channel = view.plan.layer(unit.layer), view.data, unit.channel
    values, tied = found.values[channel], found.tied[channel]
    if tied > SHOWN:
        images = len(data.test)
        _TEXT.caption("tie", tied=tied, images=images, value=values[0], shown=SHOWN)
    numbers = data.test[found.images[channel]].tolist()
    cells = zip(found.rows[channel].tolist(), found.columns[channel].tolist(), strict=True)
    shown, units = [], []
    for number, value, (row, column) in zip(numbers, values, cells, strict=True):
        units.append(to_text(Unit(layer.name, channel, row, column), view.plan))
        name, text = data.classes[data.labels[number]], formatting.number(value)
        where = f", row {row + 1}, column {column + 1}" if kind_of(layer) == "map" else ""
        shown.append(
            Shown(
                cut_out(data.dataset.images[number], layer, row, column),
                text,
                f"image {number}",
                name,
                f"Image {number}, {name}, value {text}{where}",
                (session.viewed.image, session.viewed.unit) == (number, units[-1]),
            )
        )

    def jump(place: int) -> None:
        session.choose_image(numbers[place])
        session.viewed.unit = units[place]

    patches(shown, key, jump)
    return shown


def _classes(view: InspectionView, unit: Unit, preference: Preference) -> None:
    """The mean value by class, as a sentence and as bars."""
    classes, means = view.data.classes, preference.class_means[:, unit.channel]
    st.header("The classes it responds to")
    most, least = (formatting.escaped(classes[at]) for at in (means.argmax(), means.argmin()))
    sentence = _TEXT.text("classes", most=most, high=means.max(), least=least, low=means.min())
    if zeros := preference.zeros[unit.channel]:
        sentence = _TEXT.text("zeros", classes=sentence, share=zeros)
    st.markdown(sentence)
    order = choice("Sort the classes by", _ORDERS, "preference-order")
    table = pd.DataFrame({"class": classes, "mean": means, "images": preference.class_counts})
    table["text"] = table["mean"].map(formatting.number)
    if order == "value":
        table = table.sort_values("mean", ascending=False, kind="stable")
    listed = ", ".join(table["class"] + " " + table["text"])
    draw(class_bars, table, alt=f"Mean value by class: {listed}.")
    _TEXT.caption(f"bars/{kind_of(view.plan.layer(unit.layer))}")


def maximized(view: InspectionView, unit: Unit) -> None:
    """Show the input that raises the value of a map or unit, where from, and how far it got."""
    climbed = maximization.aim(view.plan, unit.layer, unit.channel)
    if choice("Start from", _STARTS, "ascent-start") == "gray":
        pixels, name = maximization.gray(view.plan.image_shape), "gray"
        start = _TEXT.text("start/gray", gray=GRAY, noise=NOISE, seed=SEED)
    else:
        pixels, name = scaled(view.subject.pixels), view.subject.identity
        start = _TEXT.text("start/image", name=formatting.escaped(view.subject.name))
    what = _climbed(view.plan.layer(climbed.layer), climbed, view.data.classes)
    method = _TEXT.text("method", what=what, start=start, steps=STEPS, step=STEP)
    if climbed.layer != unit.layer:
        method = _TEXT.text("method/before", method=method)
    st.markdown(method)
    key = (*view.network_key, climbed, name)
    arguments = view.plan, view.weights, climbed, pixels
    asked = services.ask("maximized", key, maximization.maximize, *arguments)
    when_there(asked, "Climbing", lambda ascent: _show_ascent(view, climbed, ascent))


def _show_ascent(view: InspectionView, climbed: Unit, ascent: Ascent) -> None:
    ended, layer = _ended(ascent), view.plan.layer(climbed.layer)
    st.markdown(ended)
    if len(ascent.values) == 1:
        return
    pictures = []
    for name, step, pixels in (("Start", 0, ascent.start), ("Result", ascent.best, ascent.result)):
        image = np.rint(pixels * 255).astype(np.uint8)
        patch = cut_out(image, layer, climbed.row or 0, climbed.column or 0)
        value = f"Step {step}: {formatting.number(ascent.values[step])}"
        pictures.append(Shown(patch, name, value, "", f"{name}. {value}"))
    left, right = st.columns([1, 1.4], gap="large")
    with left:
        patches(pictures, "ascent-pictures", on_choice=None, side=140)
    with right:
        steps = pd.DataFrame({"step": range(len(ascent.values)), "value": ascent.values})
        draw(climb, steps, ascent.best, alt=f"The value by step. {ended}")

    def compare(preference: Preference) -> None:
        if sentence := compared(ascent, preference, climbed, view.data):
            st.markdown(sentence)

    doing = "Comparing it with the test images"
    when_there(preference_of(view, climbed.layer), doing, compare)
    _TEXT.caption("one_of_many")


def preference_of(view: InspectionView, layer: str) -> Future[Preference]:
    """What every map or unit of a layer makes of all test images; images are places in `data.test`."""
    data, key = view.data, (*view.network_key, layer)
    images, labels = data.dataset.images[data.test], data.labels[data.test]
    arguments = view.plan, view.weights, layer, images, labels
    # Two layers may be asked for on one page.
    return services.ask(f"preference-{layer}", key, preference, *arguments)


def kind_of(layer: Layer) -> str:
    """What the numbers of a layer belong to: "map" or "unit"."""
    return "map" if len(layer.output_shape) == 3 else "unit"


def _numbered(layer: Layer, channel: int, classes: tuple[str, ...]) -> str:
    """The number of a map or unit, from 1, with the class if it is one's: "3", "3: Bag"."""
    a_class = layer.name == "logits" and layer.output_shape[-1] == len(classes)
    return f"{channel + 1}: {classes[channel]}" if a_class else str(channel + 1)


def _oddity(preference: Preference, layer: Layer, channel: int) -> str | None:
    """Why this map or unit has no preference; None if it has one."""
    kind, images = kind_of(layer), preference.images
    if broken := preference.broken[channel]:
        return _TEXT.text("oddity/broken", broken=broken, images=images, kind=kind)
    if preference.is_dead(channel):
        return _TEXT.text(f"dead/{kind}", images=images)
    if preference.is_constant(channel):
        value = preference.most.values[channel, 0]
        return _TEXT.text("oddity/constant", kind=kind, value=value, images=images)
    return None


def _climbed(layer: Layer, unit: Unit, classes: tuple[str, ...]) -> str:
    """The number that gradient ascent raises."""
    number = formatting.escaped(_numbered(layer, unit.channel, classes))
    name = f"{formatting.layer_title(layer)}, {kind_of(layer)} {number}"
    if unit.row is None or unit.column is None:
        return name
    return f"{name}, the cell in the middle (row {unit.row + 1}, column {unit.column + 1})"


def _ended(ascent: Ascent) -> str:
    """How the ascent went and why it stopped."""
    steps, first, last = len(ascent.values) - 1, ascent.values[0], ascent.values[ascent.best]
    if ascent.end == "broken" and not steps:
        return _TEXT.text("broken_at_start")
    if ascent.end == "flat" and not steps:
        return _TEXT.text("flat_at_start", first=first)
    went = _TEXT.text("went", first=first, last=last, steps=formatting.counted(steps, "step"))
    ended = _TEXT.text(f"end/{ascent.end}", went=went)
    return ended if ascent.best == steps else _TEXT.text("highest", ended=ended, best=ascent.best)


def compared(ascent: Ascent, preference: Preference, climbed: Unit, data: ChosenData) -> str | None:
    """How the result compares with the test image with the largest value of the same map or unit.

    None where the numbers are not finite.
    """
    reached, best = ascent.values[ascent.best], preference.most.values[climbed.channel, 0]
    if preference.broken[climbed.channel] or not np.isfinite(reached):
        return None
    image = int(data.test[preference.most.images[climbed.channel, 0]])
    name = formatting.escaped(data.classes[data.labels[image]])
    numbers = {"images": preference.images, "image": image, "best": best}
    kind = "unit" if climbed.row is None else "map"
    sentence = _TEXT.text(f"compared/{kind}", name=name, **numbers)
    section = "compared/above" if reached > best else f"below/{ascent.end}"
    return _TEXT.text(section, compared=sentence, reached=reached)


def class_bars(table: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
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
    texts = base.encode(text="text:N")
    right = texts.transform_filter(~negative).mark_text(align="left", dx=4, color=QUIET)
    left = texts.transform_filter(negative).mark_text(align="right", dx=-4, color=QUIET)
    zero = alt.Chart().mark_rule(color=QUIET).encode(x=alt.datum(0))
    return alt.layer(bars, right, left, zero, padding=CHART_PADDING, height=alt.Step(24))


def climb(table: pd.DataFrame, best: int) -> alt.LayerChart | alt.FacetChart:
    """The value by step; columns "step" and "value". `best` is the step to point out."""
    line = alt.Chart(table).encode(
        x=alt.X("step:Q", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("value:Q", scale=alt.Scale(zero=False)),
        tooltip=["step", alt.Tooltip("value:Q", format=".4g")],
    )
    top = line.transform_filter(alt.datum.step == best).mark_point(filled=True, size=60)
    return alt.layer(line.mark_line(color=POSITIVE), top, padding=CHART_PADDING, height=180)
