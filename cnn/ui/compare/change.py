"""Training a run again with one change."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from cnn.data.dataset import DataError
from cnn.network.plan import plan
from cnn.network.spec import Activation, ConvolutionBlock, NetworkError, PoolingKind
from cnn.training.job import SEED, Job
from cnn.ui.common import formatting
from cnn.ui.common.page import TRAIN
from cnn.ui.compare.run_library import compared
from cnn.ui.state import services
from cnn.ui.state.session import Session


def changes(job: Job, image_shape: tuple[int, int, int], classes: int) -> dict[str, Job]:
    """Jobs that differ from this one in one thing, by that thing in words.

    They are for images of this shape (height, width, channels), which fit through their networks.
    """
    found = {}
    for title, change in _BLOCK_CHANGES.items():
        try:
            network = replace(job.network, blocks=tuple(map(change, job.network.blocks)))
            plan(network, image_shape, classes)
        except NetworkError:
            continue
        if network != job.network:
            found[title] = replace(job, network=network)
    seed = job.settings.seed + 1 if job.settings.seed < SEED.high else 1
    found[f"another seed ({seed})"] = replace(job, settings=replace(job.settings, seed=seed))
    return found


def _pooled(block: ConvolutionBlock, kind: PoolingKind) -> ConvolutionBlock:
    return replace(block, pooling=block.pooling and replace(block.pooling, kind=kind))


_BLOCK_CHANGES: dict[str, Callable[[ConvolutionBlock], ConvolutionBlock]] = {
    "average pooling instead of max": lambda block: _pooled(block, "average"),
    "max pooling instead of average": lambda block: _pooled(block, "max"),
    "kernels of 3 × 3": partial(replace, kernel=3),
    "kernels of 5 × 5": partial(replace, kernel=5),
    "kernels of 7 × 7": partial(replace, kernel=7),
    "ReLU after every convolution": partial(replace, activation=Activation("relu")),
    "Tanh after every convolution": partial(replace, activation=Activation("tanh")),
    "Sigmoid after every convolution": partial(replace, activation=Activation("sigmoid")),
    "twice as many filters": lambda block: replace(block, filters=2 * block.filters),
}
"""What can be changed in every block of a network at once."""


def change_panel(session: Session) -> None:
    """Choose a run and one change of it; a click leads to Train with everything set."""
    runs = compared(session, [services.EXAMPLE_RUN, *reversed(session.own_runs.ids)])
    names = {named.run.id: named.name for named in runs}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = "-".join(f"{run_id}={name}" for run_id, name in names.items())
        base = st.selectbox(
            "Train the same as", list(names), format_func=names.__getitem__, key=f"same-{key}"
        )
        job = services.engine().run(base).job
        try:
            data = services.chosen(job.data)
        except DataError as error:
            st.caption(formatting.escaped(str(error)))
            return
        jobs = changes(job, data.image_shape, len(data.classes))
        title = st.selectbox("but with", list(jobs), key=f"change-{base}")
        pressed = st.button("Set up on Train", icon=":material/arrow_forward:")
    if pressed:
        job = jobs[title]
        session.prepare_training(job.network, job.data, job.settings)
        st.switch_page(TRAIN)
