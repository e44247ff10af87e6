"""Lesson: Where it goes from here."""

import streamlit as st

from cnn.network.keras_code import keras_code
from cnn.network.plan import Plan, plan
from cnn.network.presets import PRESETS
from cnn.network.spec import ConvolutionBlock, Network
from cnn.ui.build.overview import layer_table
from cnn.ui.common import formatting
from cnn.ui.components.volumes import volumes
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.example_run import AtWork, on_a_garment
from cnn.ui.learn.lesson import Lesson, View
from cnn.ui.learn.lessons.beyond_depth import depth
from cnn.ui.learn.lessons.beyond_networks import MILESTONES, Milestone, counted, original, small
from cnn.ui.learn.lessons.beyond_windows import of_nothing, windows
from cnn.ui.learn.next_steps import to_build, to_inspect
from cnn.ui.learn.question import Answer, question
from cnn.ui.state import services
from cnn.ui.state.session import Session

_MAPS = 16
"""Maps read and made by each convolution where a stack is compared with one large kernel."""

_PLAIN = Network((ConvolutionBlock(_MAPS, 3, padding="same", pooling=None),) * 5)


def show(session: Session, setup: Setup) -> None:
    """Draw it."""
    words_column, picture = st.columns([1, 2], gap="large")
    with picture:
        titles = {name: one.title for name, one in MILESTONES.items()}
        name = setup.choice("net", "Network", titles, "lenet5")
        milestone, shown, at_work = MILESTONES[name], None, None
        if name in PRESETS:
            shown = _as_large_as(setup, name, milestone)
        else:
            at_work = on_a_garment(session, "beyond")
    with words_column:
        _words(milestone, shown)
        answered = _question(setup)
        if name in PRESETS:
            preset = PRESETS[name]
            to_build(session, f"Open “{preset.title}” in Build", preset.network)
        elif name == "resnet":
            to_build(session, "Open a plain stack of five in Build", _PLAIN)
        elif at_work:
            to_inspect(session, "Look into this classifier", at_work.run.id, at_work.number)
    with picture:
        if name == "vgg":
            _stack(setup)
        if shown:
            volumes(shown)
            st.caption("To scale: a box holds as many unit cubes as the layer gives values.")
            layer_table(shown)
        elif name == "resnet" and at_work:
            depth(setup, at_work.image)
        elif at_work:
            windows(setup, at_work, answered)


def _words(milestone: Milestone, shown: Plan | None) -> None:
    st.markdown(f"**{milestone.title}**, {milestone.year}: {milestone.authors}")
    st.markdown(milestone.idea)
    if shown:
        st.markdown(f"What is drawn here has {counted(shown)}")
    st.latex(milestone.formula)
    st.caption(milestone.symbols)
    st.code(
        keras_code(shown) if shown else milestone.keras,
        language="python",
        height=220 if shown else "content",
        wrap_lines=True,
    )
    st.caption(milestone.differs)


def _as_large_as(setup: Setup, name: str, milestone: Milestone) -> Plan:
    """The network at the size that is chosen."""
    sizes = {"small": "Small, to train here", "original": f"As in {milestone.year}"}
    chosen = setup.choice("size", "As large as", sizes, "original")
    return original(name) if chosen == "original" else small(name)


def _stack(setup: Setup) -> None:
    """A few small kernels one after the other against one that sees as much."""
    count = setup.whole("stack", "3 × 3 convolutions, one after the other", 1, 5, 2)
    side = 2 * count + 1
    layers, large = _beginning(3, count), _beginning(side, 1)
    field = layers.layers[-1].receptive_field
    assert field is not None
    st.markdown(
        f"{count} of 3 × 3 see **{field.size} × {field.size}** cells with"
        f" **{formatting.thousands(layers.parameters)}** parameters; one convolution {side} × {side} sees"
        f" as much with **{formatting.thousands(large.parameters)}**. Both read {_MAPS} maps and make"
        f" {_MAPS}."
    )


def _beginning(kernel: int, count: int) -> Plan:
    block = ConvolutionBlock(_MAPS, kernel, pooling=None)
    whole = plan(Network((block,) * count), (28, 28, _MAPS), 10)
    return whole.upto(f"convolution_{count}")


def _question(setup: Setup) -> bool:
    """On what sets YOLO apart from a classifier that is moved over an image."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    weights = services.weights(run.id, run.last_epoch)
    answer, probability = of_nothing(AtWork(run, data, services.run_plan(run), weights, 0))
    sure = formatting.percent(probability)
    return question(
        setup,
        "The article's classifier reads a window with nothing in it, all black. What does it answer?",
        (
            Answer(
                "Nothing",
                "It has ten classes and none of them means “nothing”; its probabilities add up to"
                " 100 % whatever it reads. That is why YOLO has a number of its own for “is there"
                " anything at all?”.",
            ),
            Answer(
                "Ten per cent for each of the ten garments",
                "So it would be if all ten logits were the same. Black makes every product 0, but"
                f" what was learned as biases stays: {answer} comes out first with {sure}.",
            ),
            Answer(
                "One of the ten garments",
                f"{answer}, {sure} sure: softmax has to share out 100 % among ten garments. Open YOLO"
                " here and move the garments away: YOLO has a number of its own for “is there"
                " anything at all?”.",
                right=True,
            ),
        ),
    )


LESSON = Lesson(
    "beyond",
    "Where it goes from here",
    "LeNet-5, AlexNet, VGG, ResNet, YOLO: choose one and **move what it added**.",
    show,
    (
        View("AlexNet's layers: nearly all parameters are in the dense ones", "net-alexnet"),
        View("Three 3 × 3 kernels against one 7 × 7, and VGG's 138 million", "net-vgg_stack-3"),
        View("Forty layers: the signal is lost without a shortcut", "net-resnet_layers-40"),
        View("With large weights it is the shortcut that overdoes it", "net-resnet_spread-1.2"),
        View(
            "One garment on a black canvas: everything is named",
            "net-yolo_garments-1_down-14_right-14",
        ),
    ),
)
