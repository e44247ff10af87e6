"""Why this class? Four maps of what the logit of a class hangs on, side by side."""

import numpy as np
import streamlit as st

from cnn.inspection import worker_tasks
from cnn.inspection.explain.explanation import Gradients, class_logits, explained_layers
from cnn.inspection.explain.occlusion import Occlusion, occlusion
from cnn.network.layers import Layer
from cnn.ui.common import formatting
from cnn.ui.common.waiting import when_there
from cnn.ui.components.heat_map import heat_maps, message
from cnn.ui.inspect import explanation_maps
from cnn.ui.inspect.view import InspectionView
from cnn.ui.state import services
from cnn.ui.state.session import Session

_STEPS = (8, 16, 32, 64, 128, 256, 512)


def explanation(session: Session, look: InspectionView) -> None:
    """Choose a class and see what its logit hangs on, told in four ways."""
    st.caption(
        "Four ways to ask which pixels the logit of a class hangs on. They answer different"
        " questions, and none of them is the reason: in a study, such maps helped people to foresee a"
        " network's answers only a little (Alqaraawi et al., 2020)."
    )
    logits = class_logits(look.outputs["logits"])[0]
    if not np.isfinite(logits).all():
        st.warning(
            "The logits of this image are not finite numbers, as happens when a training diverges:"
            " there is nothing to explain. Choose an earlier epoch or another run.",
            icon=":material/warning:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        target = _class(look, int(logits.argmax()))
        size = _square(look)
        steps = _steps()
        layer = _layer(look)
    st.markdown(_asked(look, logits.tolist(), target))
    name = layer.name if layer else None
    asked = (look.plan, look.weights, look.subject.pixels)
    gradients = services.ask(
        "gradients",
        (*look.key, target, steps, name),
        worker_tasks.attribution,
        *asked,
        target,
        steps,
        name,
    )
    hidden = services.ask("hidden parts", (*look.key, size), occlusion, *asked, size)

    def show(found: Gradients, occluded: Occlusion) -> None:
        classes = look.data.classes
        drawn = [
            explanation_maps.occlusion_map(occluded, target, classes, look.subject.pixels),
            explanation_maps.saliency_map(found, classes[target]),
            explanation_maps.integrated_gradients_map(found, steps, look.subject.pixels),
            explanation_maps.grad_cam_map(found, layer, look.plan),
        ]
        heat_maps(message(look.subject.pixels, drawn, classes), key="explanation")

    when_there(
        gradients,
        "Following the gradients back to the image",
        lambda found: when_there(
            hidden,
            "Hiding one part of the image after another",
            lambda occluded: show(found, occluded),
        ),
    )


def _class(look: InspectionView, answer: int) -> int:
    """The class to explain, by number."""
    # The label of the first does not say which class it is: a label must not change while shown.
    names = dict(enumerate(look.data.classes))
    chosen = st.selectbox(
        "Explain the logit of",
        [-1, *names],
        format_func=lambda number: names.get(number, "The network's answer"),
        key=f"why-class-{look.run.id}",
        persist_state="session",
        width=210,
    )
    return answer if chosen == -1 else chosen


def _square(look: InspectionView) -> int:
    """The side of the square that hides, in pixels."""
    side = look.plan.image_shape[0]
    largest = side // 3
    if largest < 2:
        return 1
    size: int = st.slider(
        "Hiding square",
        1,
        largest,
        max(1, round(side / 7)),
        format="%d px",
        key=f"why-square-{side}",
        persist_state="session",
        help="Its side in pixels. A larger one hides whole parts; a smaller one shows more detail.",
        width=180,
    )
    return size


def _steps() -> int:
    """At how many points the gradient is integrated."""
    steps: int = st.select_slider(
        "Steps of integration",
        _STEPS,
        64,
        key="why-steps",
        persist_state="session",
        help="Points between black and the image at which integrated gradients takes the gradient.",
        width=180,
    )
    return steps


def _layer(look: InspectionView) -> Layer | None:
    """The layer whose maps Grad-CAM weighs; None if the network has no convolution."""
    layers = {layer.name: layer for layer in explained_layers(look.plan)}
    if not layers:
        return None
    chosen = st.selectbox(
        "Grad-CAM of",
        list(layers),
        index=len(layers) - 1,
        format_func=lambda name: formatting.layer_title(layers[name]),
        key=f"why-layer-{look.run.id}",
        persist_state="session",
        width=180,
    )
    return layers[chosen]


def _asked(look: InspectionView, logits: list[float], target: int) -> str:
    """What is explained, and what the network and the truth say."""
    classes = list(map(formatting.escaped, look.data.classes))
    answer, label = int(np.argmax(logits)), look.subject.label
    text = f"**{classes[target]}** has the logit {formatting.number(logits[target])}"
    if target == answer:
        others = [logit for at, logit in enumerate(logits) if at != answer]
        text += f", the largest; the next is {formatting.number(max(others))}: it is the network's answer."
    else:
        text += f". The network's answer is {classes[answer]}, with {formatting.number(logits[answer])}."
    if label is not None:
        text += " That is the truth." if label == target else f" The truth is {classes[label]}."
    return text
