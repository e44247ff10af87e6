"""Lesson: Convolution."""

from dataclasses import replace

import numpy as np
import streamlit as st

from cnn.inspection.classic_kernels import CLASSIC_KERNELS, turned
from cnn.inspection.edits import Edits, KernelEdit
from cnn.inspection.forward import forward
from cnn.network.presets import ARTICLE
from cnn.ui.common import formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.example_run import AtWork, on_a_garment
from cnn.ui.learn.figure import layers_at_work
from cnn.ui.learn.formula import tex
from cnn.ui.learn.lesson import Lesson, View
from cnn.ui.learn.lessons.convolution_form import Chosen, form
from cnn.ui.learn.next_steps import to_build, to_inspect
from cnn.ui.learn.question import Answer, question
from cnn.ui.state.session import Session

_VIEW = "learn-convolution"


def show(session: Session, setup: Setup) -> None:
    """Draw it."""
    text, picture = st.columns([1, 2], gap="large")
    with picture:
        at_work = on_a_garment(session, setup.lesson)
        chosen = form(setup, at_work.image)
        layers_at_work(_VIEW, chosen.plan, chosen.weights, chosen.image, follows=True)
    with text:
        _words(chosen)
        if chosen.compared:
            _comparison(chosen)
        _ask(setup)
        _onwards(session, at_work, chosen)


def _words(chosen: Chosen) -> None:
    size, _, channels = chosen.kernel.shape
    height = len(chosen.image)
    side = height - size + 1
    each = ", in every channel" if channels > 1 else ""
    st.markdown(
        "A **kernel** is a small grid of weights. Lay it on the image, multiply each weight with the"
        f" pixel under it{each}, add the products up and add a **bias**: that is one cell of the **map**."
        " Kernel and bias together are a **filter**. Then move on by one pixel. The weights stay the"
        " same: a kernel looks for one pattern, wherever it is."
    )
    over, more = (rf"\sum_{{d=1}}^{{{channels}}}", ",d") if channels > 1 else ("", "")
    st.latex(
        rf"""\begin{{aligned}} m_{{r,c}} = {{}} & b + {over} \sum_{{i=1}}^{{{size}}} \sum_{{j=1}}^{{{size}}}
        k_{{i,j{more}}} \\ & \quad \cdot x_{{r+i-1,\,c+j-1{more}}} \end{{aligned}}"""
    )
    channel = " $d$ is the channel: red, green, blue." if channels > 1 else ""
    st.caption(
        f"$m$ is the map, $k$ the kernel, $x$ the image from 0 to 1, $b = {tex(chosen.bias)}$ the"
        f" bias; $r$ and $c$ are row and column of the cell, $i$ and $j$ of a weight.{channel}"
    )
    if channels > 1:
        st.markdown(
            "A color image has three channels, so the filter has three kernels, one for each. Their"
            " three sums and one bias make **one** map. In these stripes green is as bright as red: the"
            " same kernel in all channels cannot see where one ends and the other begins. Set two of the"
            " kernels to zeros, and it can."
        )
    st.markdown(
        "A **blue** cell is above 0: the brighter pixels lie under positive weights. **Orange** is below"
        " 0: they lie under negative ones. The map is smaller than the image: the kernel must lie wholly"
        f" on it, and in a row of {height} pixels there are only so many places for it:"
    )
    st.latex(rf"{height} - {size} + 1 = {side}")
    st.code(
        f"keras.layers.Conv2D(1, {size})\n# 1 map; {chosen.kernel.size} weights + 1 bias",
        language="python",
        wrap_lines=True,
    )


def _comparison(chosen: Chosen) -> None:
    """Cross-correlation and convolution, by what they make of the image."""
    maps = forward(chosen.plan, chosen.weights, chosen.image[None])["convolution_1"][0]
    difference = np.abs(maps[..., 0] - maps[..., 1])
    row, column = (int(at) for at in np.unravel_index(difference.argmax(), difference.shape))
    one, other = (formatting.number(float(value)) for value in maps[row, column])
    st.markdown("**Cross-correlation or convolution?**")
    st.markdown(
        "Mathematics turns the kernel by 180° before it slides and calls that *convolution*; without"
        " the turn it is *cross-correlation*. Keras, like nearly all of deep learning, does not, and says"
        " convolution all the same. Map 1 is Keras's, map 2 has the turned kernel."
    )
    if np.array_equal(chosen.kernel, turned(chosen.kernel)):
        st.markdown(
            "Turned, this kernel is what it was: **both maps are equal** in every cell. So it is with"
            f" {_symmetric()}."
        )
    else:
        opposite = np.array_equal(chosen.kernel, -turned(chosen.kernel)) and not chosen.bias
        told = "Every sum only changes its sign. " if opposite else ""
        st.markdown(
            f"{told}They differ most at row {row + 1}, column {column + 1}: **{one}** and **{other}**."
        )
    st.markdown(
        "For learning it makes no difference: a network that turned its kernels would learn the same"
        " numbers, turned, and get the same maps. So hardly anybody turns them."
    )


def _symmetric() -> str:
    """The classic kernels that a turn leaves as they are, in words."""
    names = [
        kernel.name
        for kernel in CLASSIC_KERNELS
        if np.array_equal(kernel.sized(kernel.side), turned(kernel.sized(kernel.side)))
    ]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _ask(setup: Setup) -> None:
    question(
        setup,
        "“Sobel, level edges” has −1, −2, −1 in its top row, zeros in the middle and 1, 2, 1 below. A"
        " sneaker is bright on black. What color is the map along the underside of its sole?",
        (
            Answer(
                "Blue",
                "That is its upper side, where black is above and bright below, under the positive row."
                " At the underside the positive row lies on black, and times 0 it adds nothing.",
            ),
            Answer(
                "Orange",
                "The bright sole lies under the negative row, and the positive row lies on black, which"
                " adds nothing. Choose the sneaker and the kernel to see it.",
                right=True,
            ),
            Answer(
                "Neither: it is 0",
                "It is 0 where the rows above and below are equally bright, as inside the cloth or far"
                " from it. An edge is where they are not.",
            ),
        ),
    )


def _onwards(session: Session, at_work: AtWork, chosen: Chosen) -> None:
    size = len(chosen.kernel)
    first = at_work.plan.layer("convolution_1")
    place = f"{first.name}-map1"
    if chosen.kernel.shape == first.weights[0].shape[:3]:
        numbers = tuple(chosen.kernel.ravel().tolist())
        unit = st.session_state.get(f"{_VIEW}-unit", "")
        to_inspect(
            session,
            "As filter 1 of the trained network",
            at_work.run.id,
            at_work.number,
            unit if unit.startswith(f"{place}-") else place,
            Edits().with_kernel(KernelEdit(first.name, 0, 0, numbers)),
        )
    else:
        side, _, reads, _ = first.weights[0].shape
        kind = "a gray image" if reads == 1 else f"{reads} channels"
        st.caption(
            f"The trained network has kernels of {formatting.shape((side, side))} for {kind}: with these set"
            " here, yours can take the place of one of them in Inspect."
        )
    block = replace(ARTICLE.blocks[0], kernel=size)
    to_build(
        session,
        f"Build a network with {formatting.shape((size, size))} kernels",
        replace(ARTICLE, blocks=(block, *ARTICLE.blocks[1:])),
    )


LESSON = Lesson(
    "convolution",
    "Convolution",
    "A small grid of weights slides over an image. **Point at either picture** for the products and"
    " their sum, and type over the weights.",
    show,
    (
        View("Sobel's kernel on upright edges: what is blue, what is orange?"),
        View(
            "A mean over 7 × 7 pixels: what is lost, and how small the map gets",
            "kernel-mean_size-7",
        ),
        View(
            "In color, a kernel for red alone: stripes that gray cannot see",
            "image-color_channel-red_green-0_blue-0",
        ),
        View(
            "Emboss, turned by 180° beside it: is it convolution?",
            "turned-yes_kernel-emboss",
        ),
    ),
)
