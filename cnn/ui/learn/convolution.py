"""Lesson: Convolution."""

import numpy as np
import streamlit as st

from cnn.inspection.classic_kernels import CLASSIC_KERNELS
from cnn.network.plan import plan
from cnn.network.spec import Activation, ConvolutionBlock, Network
from cnn.ui import services
from cnn.ui.address import DEFAULT_DATA
from cnn.ui.garments import one_of_each
from cnn.ui.learn.lesson import Lesson, View
from cnn.ui.learn.picture import layers_at_work
from cnn.ui.learn.question import Answer, question
from cnn.ui.learn.setup import Setup
from cnn.ui.session import Session


def show(session: Session, setup: Setup) -> None:
    """Draw it."""
    data = services.chosen(DEFAULT_DATA)
    words, picture = st.columns([1, 2], gap="large")
    with words:
        st.markdown("A kernel slides over the image.")
        size = setup.whole("size", "Kernel size", 1, 7, 3)
        names = {str(number): kernel.name for number, kernel in enumerate(CLASSIC_KERNELS)}
        kernel = CLASSIC_KERNELS[int(setup.choice("kernel", "Kernel", names, "3"))]
        st.code("keras.layers.Conv2D(1, 3)")
        question(
            setup,
            "How many cells are left?",
            (Answer("26", "28 − 3 + 1.", right=True), Answer("28", "The kernel must fit.")),
        )
    with picture:
        number = one_of_each(session, data, "learn-garments", zoom=1)
        block = ConvolutionBlock(
            1, max(size, kernel.side), activation=Activation("linear"), pooling=None
        )
        layers = plan(Network((block,)), (28, 28, 1), 10).upto("convolution_1")
        weights = np.append(kernel.sized(block.kernel).ravel(), np.float32(0))
        layers_at_work(
            "learn-convolution", layers, weights, data.dataset.images[number], data.classes
        )


LESSON = Lesson(
    "convolution",
    "Convolution",
    "A small grid of weights slides over an image: **click any cell** of the result to see its sum.",
    show,
    (View("Sobel's kernel on edges", "kernel-4"),),
)
