"""What ResNet added, to be moved: how a signal fares on its way through many layers."""

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn import operations
from cnn.inspection.forward import scaled
from cnn.lessons.shortcut import backwards, forwards, random_kernels, size
from cnn.ui.common import charts, formatting
from cnn.ui.learn.controls import Setup

_MAPS = 16
_SEED = 1
_WAYS = {False: "plain", True: "shortcut"}


def depth(setup: Setup, image: NDArray[np.uint8]) -> None:
    """The size of signal and gradient at each layer, with and without a shortcut past every layer."""
    left, right = st.columns(2)
    with left:
        layers = setup.whole("layers", "Layers", 2, 40, 30)
    with right:
        spread = setup.decimal(
            "spread",
            "Size of the random weights",
            0.2,
            1.5,
            0.3,
            0.1,
            "1 is what He and others proposed in 2015 to begin with; training may make them larger"
            " or smaller.",
        )
    table = _sizes(image, layers, spread)
    ends = {
        (way, measure): float(rows[measure].iloc[at])
        for way, rows in table.groupby("way")
        for measure, at in (("signal", -1), ("gradient", 0))
    }
    for column, measure, what in zip(
        st.columns(2),
        ("signal", "gradient"),
        ("The signal, on its way forwards", "The gradient, on its way back"),
        strict=True,
    ):
        with column:
            told = ", ".join(
                f"{formatting.number(ends[way, measure])} {way}" for way in _WAYS.values()
            )
            st.markdown(f"**{what}**")
            st.altair_chart(
                charts.sizes_along_layers(table, measure),
                key=f"learn-depth-{measure}",
                alt=f"{what} through {layers} layers: {told}",
            )
    plain, short = _WAYS.values()
    st.markdown(
        f"The maps of this garment, {layers} layers on: **{formatting.number(ends[plain, 'signal'])}**"
        f" times as large in a plain stack, **{formatting.number(ends[short, 'signal'])}** times with a"
        f" shortcut past every layer. A gradient, {layers} layers back:"
        f" **{formatting.number(ends[plain, 'gradient'])}** and"
        f" **{formatting.number(ends[short, 'gradient'])}** times."
    )
    st.caption(
        "Signal: the numbers in the maps. Gradient: how much the loss would change with each of"
        " them, which is what a layer learns from. Size is the root of the mean square."
        f" {_MAPS} maps of 14 × 14, kernels of 3 × 3 drawn at random, the same for both; nothing is"
        " learned here."
    )


@st.cache_data(show_spinner=False, max_entries=64)
def _sizes(image: NDArray[np.uint8], layers: int, spread: float) -> pd.DataFrame:
    """Columns "layer", "way", "signal" and "gradient", both beside what they begin with."""
    halved = operations.average_pooling(scaled(image[None]).mean(axis=3, keepdims=True), 2, 2)
    x = np.repeat(halved, _MAPS, axis=3)
    kernels = random_kernels(layers, _MAPS, spread, _SEED)
    asked = np.random.default_rng(_SEED).standard_normal(x.shape).astype(np.float32)
    rows = []
    for shortcut, way in _WAYS.items():
        signals = forwards(x, kernels, shortcut)
        gradients = backwards(signals, kernels, shortcut, asked)
        for layer, (signal, gradient) in enumerate(zip(signals, gradients, strict=True)):
            sizes = {"signal": size(signal) / size(x), "gradient": size(gradient) / size(asked)}
            rows.append({"layer": layer, "way": way} | sizes)
    return pd.DataFrame(rows)
