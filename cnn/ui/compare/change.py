"""Training the same once more with one thing changed: "would average pooling help?"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from cnn.data.dataset import DataError
from cnn.network.plan import plan
from cnn.network.spec import (
    FILTERS,
    Activation,
    ConvolutionBlock,
    Network,
    NetworkError,
    PoolingKind,
)
from cnn.training.job import SEED, Job
from cnn.ui.common import formatting
from cnn.ui.common.page import TRAIN
from cnn.ui.compare.run_library import Compared
from cnn.ui.state import services
from cnn.ui.state.session import Session


@dataclass(frozen=True)
class Change:
    """A job that differs from another in one thing, and that thing in words."""

    title: str
    job: Job


def changes(job: Job, image_shape: tuple[int, int, int], classes: int) -> list[Change]:
    """What can be changed in a job, one thing at a time; its images must still fit through."""
    return [
        change for change in _wished(job) if _is_possible(change.job.network, image_shape, classes)
    ]


def _wished(job: Job) -> Iterator[Change]:
    network = job.network
    kinds = {block.pooling.kind for block in network.blocks if block.pooling}
    if "max" in kinds:
        yield Change("average pooling instead of max", _pooled(job, "average"))
    if "average" in kinds:
        yield Change("max pooling instead of average", _pooled(job, "max"))
    for kernel in (3, 5, 7):
        if any(block.kernel != kernel for block in network.blocks):
            yield Change(f"kernels of {kernel} × {kernel}", _blocks(job, kernel=kernel))
    for activation in (Activation("relu"), Activation("tanh"), Activation("sigmoid")):
        if any(block.activation != activation for block in network.blocks):
            name = formatting.ACTIVATION_NAMES[activation.name]
            yield Change(f"{name} after every convolution", _blocks(job, activation=activation))
    if network.blocks and all(2 * block.filters <= FILTERS.high for block in network.blocks):
        doubled = tuple(replace(block, filters=2 * block.filters) for block in network.blocks)
        yield Change("twice as many filters", _with(job, doubled))
    seed = job.settings.seed + 1 if job.settings.seed < SEED.high else 1
    yield Change(f"another seed ({seed})", replace(job, settings=replace(job.settings, seed=seed)))


def _pooled(job: Job, kind: PoolingKind) -> Job:
    return _with(
        job,
        tuple(
            replace(block, pooling=block.pooling and replace(block.pooling, kind=kind))
            for block in job.network.blocks
        ),
    )


def _blocks(job: Job, **settings: object) -> Job:
    return _with(job, tuple(replace(block, **settings) for block in job.network.blocks))  # type: ignore[arg-type]


def _with(job: Job, blocks: tuple[ConvolutionBlock, ...]) -> Job:
    return replace(job, network=replace(job.network, blocks=blocks))


def _is_possible(network: Network, image_shape: tuple[int, int, int], classes: int) -> bool:
    try:
        plan(network, image_shape, classes)
    except NetworkError:
        return False
    return True


def panel(session: Session, runs: Sequence[Compared]) -> None:
    """Choose a run and one change of it; a click leads to Train with everything set."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = {named.run.id: named.name for named in runs}
        made = "-".join(f"{run_id}={name}" for run_id, name in names.items())
        base = st.selectbox(
            "Train the same as", list(names), format_func=names.__getitem__, key=f"same-{made}"
        )
        job = next(named.run.job for named in runs if named.run.id == base)
        try:
            data = services.chosen(job.data)
        except DataError as error:
            st.caption(formatting.escaped(str(error)))
            return
        jobs = {
            change.title: change.job for change in changes(job, data.image_shape, len(data.classes))
        }
        title = st.selectbox("but with", list(jobs), key=f"change-{base}")
        pressed = st.button("Set up on Train", icon=":material/arrow_forward:")
    if pressed:
        job = jobs[title]
        session.prepare_training(job.network, job.data, job.settings)
        st.switch_page(TRAIN)
