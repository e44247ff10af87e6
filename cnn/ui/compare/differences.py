"""What compared runs were given differently, in words."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from cnn.evaluation.comparison import MISSING, Difference, differences
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Pooling
from cnn.ui.common import formatting
from cnn.ui.common.prose import read_sections
from cnn.ui.compare.run_library import Compared

_TEXT = read_sections(__file__)
_NAMES = {
    "flattening": "between maps and vector",
    "dataset": "data set",
    "classes": "classes kept",
    "train_share": "training share",
    "patience": "patience of early stopping",
}
"""The settings that are not simply called what their field is called."""

_PARTS = {"block": "Block", "dense": "Dense layer", "data": "Data"}


def panel(runs: Sequence[Compared]) -> None:
    """One sentence for two runs that differ in little, a table for all that differ in more."""
    sentences, table = in_words(runs)
    if not table.empty:
        st.markdown("**What differs**")
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
        return [_TEXT.text("nothing")], pd.DataFrame()
    if len(runs) == 2 and len(groups) <= 4:
        sentences = [sentence(group, names) for group in groups] + sentences
        groups = []
    rows = [{"": place(group)} | dict(zip(names, values(group), strict=True)) for group in groups]
    return [f"- {line}" for line in sentences], pd.DataFrame(rows)


def grouped(all_differences: Sequence[Difference]) -> list[list[Difference]]:
    """Differences that are the same in several blocks or layers, together."""
    groups: dict[tuple[object, ...], list[Difference]] = {}
    for each in all_differences:
        groups.setdefault((each.part, each.setting, each.values), []).append(each)
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
    setting = _NAMES.get(first.setting, first.setting.replace("_", " "))
    if first.part not in _PARTS:
        return setting.capitalize()
    numbers = [str(each.number + 1) for each in same if each.number is not None]
    plural = "s" if len(numbers) > 1 else ""
    where = f"{_PARTS[first.part]}{plural} {formatting.listed(numbers)}".strip()
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
    match setting:
        case "kernel":
            return f"{value} × {value}"
        case "learning_rate":
            return ", then ".join(f"{rate:g}" for rate in value)
        case "classes":
            return ", ".join(map(str, value))
        case "dropout" | "train_share":
            return formatting.percent(value, 0)
    return str(value).replace("_", " ")


def _histories(runs: Sequence[Compared]) -> list[str]:
    """What a job does not say: where a run began."""
    sentences = []
    for named in runs:
        if parent := named.run.parent:
            section = "edited" if parent.edits else "continued"
            sentences.append(_TEXT.text_from(section, run=named.label, epoch=parent.epoch))
        if named.run.imported:
            sentences.append(_TEXT.text("imported", run=named.label))
    return sentences
