"""What compared runs were given differently, and training one of them again with one change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from cnn.data.dataset import DataError
from cnn.evaluation.comparison import MISSING, Difference, differences
from cnn.network.plan import plan
from cnn.network.spec import (
    FILTERS,
    Activation,
    ConvolutionBlock,
    DenseLayer,
    Network,
    NetworkError,
    Pooling,
    PoolingKind,
)
from cnn.training.job import SEED, Job
from cnn.ui.common import formatting
from cnn.ui.common.page import TRAIN
from cnn.ui.compare.run_library import Compared
from cnn.ui.state import services
from cnn.ui.state.session import Session

_SETTINGS = {
    "filters": "filters",
    "kernel": "kernel",
    "stride": "stride",
    "padding": "padding",
    "batch_normalization": "batch normalization",
    "activation": "activation",
    "pooling": "pooling",
    "dropout": "dropout",
    "dilation": "dilation",
    "units": "units",
    "flattening": "between maps and vector",
    "output": "output",
    "dataset": "data set",
    "classes": "classes kept",
    "train_share": "share to train on",
    "seed": "seed",
    "epochs": "epochs",
    "learning_rate": "learning rate",
    "batch_size": "batch size",
    "optimizer": "optimizer",
    "momentum": "momentum",
    "patience": "patience of early stopping",
}


def panel(runs: Sequence[Compared]) -> None:
    """One sentence for two runs that differ in little, a table for all that differ in more."""
    sentences, table = in_words(runs)
    if not table.empty:
        st.markdown("**What they were given differently**")
        lines = (": ".join(map(str, row)) for row in table.itertuples(index=False))
        st.dataframe(table, hide_index=True, alt="; ".join(lines))
    for sentence in sentences:
        st.markdown(sentence)


def in_words(runs: Sequence[Compared]) -> tuple[list[str], pd.DataFrame]:
    """Sentences in Markdown, and a table where there is too much for sentences."""
    groups = grouped(differences([named.run.job for named in runs]))
    names = [named.name for named in runs]
    sentences = _histories(runs)
    if not groups and not sentences:
        return ["They were given **the same**: network, data, settings and seed."], pd.DataFrame()
    if len(runs) == 2 and len(groups) <= 4:
        sentences = [sentence(group, names) for group in groups] + sentences
        groups = []
    rows = [{"": place(group)} | dict(zip(names, values(group), strict=True)) for group in groups]
    return [f"- {line}" for line in sentences], pd.DataFrame(rows)


def grouped(all_differences: Sequence[Difference]) -> list[list[Difference]]:
    """Differences that are the same in several blocks or layers, together."""
    groups: dict[tuple[object, ...], list[Difference]] = {}
    for difference in all_differences:
        groups.setdefault((difference.part, difference.setting, difference.values), []).append(
            difference
        )
    return list(groups.values())


def sentence(same: Sequence[Difference], names: Sequence[str]) -> str:
    """Who has what: "Block 1, pooling: max 2 × 2 in A, average 2 × 2 in B"."""
    parts = [
        f"{value} in {formatting.escaped(name)}"
        for name, value in zip(names, values(same), strict=True)
    ]
    return f"**{place(same)}**: {', '.join(parts)}"


def place(same: Sequence[Difference]) -> str:
    """Where in a job a difference lies: "Block 1, pooling", "Blocks 1 and 2, pooling"."""
    first = same[0]
    numbers = [str(each.number + 1) for each in same if each.number is not None]
    number = f" {numbers[0]}" if numbers else ""
    if len(numbers) > 1:
        number = f"s {', '.join(numbers[:-1])} and {numbers[-1]}"
    setting = _SETTINGS.get(first.setting, "")
    match first.part:
        case "block":
            where = f"Block{number}"
        case "dense":
            where = f"Dense layer{number}"
        case "network":
            return setting.capitalize()
        case "data":
            where = "Data"
        case "training":
            return "Seed" if first.setting == "seed" else setting.capitalize()
    return f"{where}, {setting}" if setting else where


def values(same: Sequence[Difference]) -> list[str]:
    """What each run has there, in words."""
    return [_value(same[0].setting, value) for value in same[0].values]


def _value(setting: str, value: Any) -> str:
    match value:
        case "missing" if value is MISSING:
            return "none"
        case ConvolutionBlock():
            return formatting.block(value)
        case DenseLayer():
            return formatting.dense_layer(value)
        case Activation() | Pooling():
            return value.label
        case bool():
            return "yes" if value else "no"
        case None:
            return {"classes": "all", "train_share": "as its authors split it"}.get(setting, "none")
    if setting == "kernel":
        return f"{value} × {value}"
    if setting == "learning_rate":
        return ", then ".join(f"{rate:g}" for rate in value)
    if setting == "classes":
        return ", ".join(map(str, value))
    if setting in ("dropout", "train_share"):
        return formatting.percent(value, 0)
    return str(value).replace("_", " ")


def _histories(runs: Sequence[Compared]) -> list[str]:
    """What a job does not say: where a run began."""
    sentences = []
    for named in runs:
        name = formatting.escaped(named.name)
        if named.run.parent and named.run.parent.edits:
            sentences.append(f"**{name}** began with a network that was changed by hand.")
        elif named.run.parent:
            sentences.append(
                f"**{name}** went on from epoch {named.run.parent.epoch} of another run."
            )
        if named.run.imported:
            sentences.append(
                f"**{name}** was imported from a file; its training was not observed here."
            )
    return sentences


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


def change_panel(session: Session, runs: Sequence[Compared]) -> None:
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
