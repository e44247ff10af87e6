"""The same image through two networks: their answers, maps and kernels on one scale, epoch by epoch."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd
import streamlit as st

from cnn.arrays import Pixels
from cnn.data.split import ChosenData
from cnn.inspection.forward import probabilities
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.choices import choice
from cnn.ui.common.prose import read_sections
from cnn.ui.compare import curves
from cnn.ui.compare.decisions import pair_choice
from cnn.ui.compare.run_library import Compared
from cnn.ui.components.image_grid import one_of_each
from cnn.ui.components.network_message import Limits, Picture, largest_sizes
from cnn.ui.components.network_view import ViewCallbacks, film, network_view, timeline
from cnn.ui.state import services
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)

TOGETHER = "compared"
"""What network views that move together have in common."""

_FILM = "compare-film"
_EPOCH, _OTHER_EPOCH = "compare-epoch", "compare-other-epoch"
"""The epoch of both networks, and that of the second where they are one run at two epochs."""


def panel(session: Session, runs: Sequence[Compared], data: ChosenData) -> None:
    """Two networks at work on one image that is chosen here."""
    pair = _networks(runs)
    twice = pair[0].run is pair[1].run
    keys = (_EPOCH, _OTHER_EPOCH if twice else _EPOCH)
    number = _image(session, data)
    image, label = data.dataset.images[number], int(data.labels[number])
    shown = [(named, _epoch(named.run, key)) for named, key in zip(pair, keys, strict=True)]
    both = " and ".join(f"**{named.label}**" for named in pair)
    _TEXT.show("image", number=number, name=formatting.escaped(data.classes[label]), both=both)
    _answers(shown, image, data.classes)
    limits = shared_limits(pair, number)
    filmed = st.session_state.get(_FILM)
    for (named, epoch), key in zip(shown, keys, strict=True):
        st.markdown(f"**{named.label}**: {formatting.network(named.run.job.network)}")
        picture = Picture(
            services.run_plan(named.run),
            services.weights(named.run.id, epoch),
            image,
            data.classes,
            label,
            timeline=timeline(named.run, epoch),
            film=film(named.run) if filmed else {},
            limits=limits,
            together=TOGETHER,
        )
        again = "-again" if key == _OTHER_EPOCH else ""
        network_view(picture, f"compared-{named.run.id}{again}", _callbacks(key))
    st.session_state[_FILM] = False  # not before both are on their way
    _TEXT.caption("two epochs" if twice else "together")


def _networks(runs: Sequence[Compared]) -> tuple[Compared, Compared]:
    """Two of the runs, or one of them twice."""
    pair = first, second = list(combinations(runs, 2))[pair_choice(runs)]
    pairs = {f"{first.label} and {second.label}": pair} | {
        f"{named.label} at two epochs": (named, replace(named, name=f"{named.name} again"))
        for named in pair
    }
    return pairs[choice("Networks", list(pairs), f"networks-{'-'.join(pairs)}", labeled=False)]


def _callbacks(key: str) -> ViewCallbacks:
    """Keep the epoch of a view by this key of the session."""
    return ViewCallbacks(
        show=lambda epoch: st.session_state.update({key: epoch}),
        want_film=lambda: st.session_state.update({_FILM: True}),
    )


def _image(session: Session, data: ChosenData) -> int:
    """The session's image; another one is chosen among one of each class and itself."""
    zoom = max(1, round(56 / data.image_shape[0]))
    number = one_of_each(session, data, "compared-images", zoom, and_current=True)
    choose = partial(session.choose_image, int(np.random.default_rng().choice(data.test)))
    st.button("Any test image", icon=":material/casino:", on_click=choose)
    return number


def _epoch(run: Run, key: str) -> int:
    """The kept epoch nearest to the one chosen by this key, at first the last, or the first beside it."""
    wanted = st.session_state.get(key, run.kept[0 if key == _OTHER_EPOCH else -1])
    return min(run.kept, key=lambda epoch: abs(epoch - wanted))


@st.cache_resource(show_spinner=False, max_entries=128)
def _limits(run_id: str, kept: tuple[int, ...], number: int) -> Limits:
    """The largest sizes for an image over the epochs that are kept."""
    run = replace(services.engine().run(run_id), kept=kept)
    image = services.chosen(run.job.data).dataset.images[number]
    return largest_sizes(services.run_plan(run), film(run).values(), image)


def shared_limits(runs: Sequence[Compared], number: int) -> Limits:
    """One scale for each layer over all of the runs and their epochs, for an image."""
    shared: dict[str, tuple[float, float]] = {}
    for named in runs:
        for layer, (values, kernels) in _limits(named.run.id, named.run.kept, number).items():
            most = shared.get(layer, (0.0, 0.0))
            shared[layer] = max(most[0], values), max(most[1], kernels)
    return shared


def _answers(
    shown: Sequence[tuple[Compared, int]], image: Pixels, classes: tuple[str, ...]
) -> None:
    """The probabilities of both, after the epochs that the legend names, beside each other."""
    at_epochs = [replace(named, name=f"{named.name}, epoch {epoch}") for named, epoch in shown]
    parts = []
    for named, (_, epoch) in zip(at_epochs, shown, strict=True):
        weights = services.weights(named.run.id, epoch)
        [shares] = probabilities(services.run_plan(named.run), weights, image[None])
        part = {"run": named.name, "class": classes, "probability": shares.astype(float)}
        parts.append(pd.DataFrame(part)[np.isfinite(shares)])
    table = pd.concat(parts)
    likely = [
        f"{row['run']}: {row['class']} {formatting.percent(row['probability'], 0)}"
        for row in table[table["probability"] > 0.1].to_dict("records")
    ]
    chart = curves.answer_chart(table, at_epochs)
    st.altair_chart(chart, key="compared-answers", alt="; ".join(likely))
