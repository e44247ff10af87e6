"""This run compared with people and with published results, each with its number of images."""

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from cnn.evaluation.published import (
    HUMAN,
    HUMAN_IMAGES,
    OFFICIAL_TEST,
    OFFICIAL_TRAIN,
    PUBLISHED,
    SOURCE,
    official_split,
    why_not_comparable,
)
from cnn.statistics import wilson
from cnn.ui.common import formatting
from cnn.ui.common.prose import read_sections
from cnn.ui.common.theme import POSITIVE
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)


def published(session: Session, seen: EvaluatedRun) -> None:
    """The human accuracy and the published rows, with this run among them by its accuracy."""
    if reason := why_not_comparable(seen.data):
        st.info(reason, icon=":material/info:")
        return
    st.markdown(compared_with_people(seen))
    if not official_split(seen.data):
        own = {"train": len(seen.data.train), "test": len(seen.data.test)}
        official = {"official_train": OFFICIAL_TRAIN, "official_test": OFFICIAL_TEST}
        st.warning(_TEXT.text("split", **own, **official), icon=":material/balance:")
    st.dataframe(
        _table(seen),
        hide_index=True,
        height="content",
        placeholder="–",
        column_config={
            # Fixed: otherwise a column is only as wide as its first rows need.
            "What": st.column_config.TextColumn(width=340),
            "Preparation of images": st.column_config.TextColumn(width=250),
            "Accuracy": st.column_config.NumberColumn(format="%.1f %%", width=70),
            "Trained on": st.column_config.NumberColumn(format="localized", width=75),
            "Tested on": st.column_config.NumberColumn(format="localized", width=75),
        },
    )
    _TEXT.caption("source", source=SOURCE, human_images=HUMAN_IMAGES)


def compared_with_people(seen: EvaluatedRun) -> str:
    """Whether this run is better or worse than people, in a sentence."""
    accuracy, images = seen.metrics.accuracy, len(seen.predictions)
    low, high = seen.interval
    people = wilson(HUMAN, HUMAN_IMAGES)
    better, worse = low > people[1], high < people[0]
    verdict = "better" if better else "worse" if worse else "equal"
    return _TEXT.text(
        "people",
        verdict=_TEXT.text(f"verdict/{verdict}"),
        accuracy=formatting.accuracy(accuracy, images),
        images=images,
        human=formatting.accuracy(HUMAN, HUMAN_IMAGES),
        human_images=HUMAN_IMAGES,
    )


def _table(seen: EvaluatedRun) -> Styler:
    """The rows by their accuracy, this run's one marked."""
    this, data = f"This run, epoch {seen.epoch}", seen.data
    official = OFFICIAL_TRAIN, OFFICIAL_TEST
    rows: list[tuple[object, ...]] = [
        *(
            (accuracy, *official, name, preparation)
            for name, preparation, accuracy in PUBLISHED.to_numpy()
        ),
        (HUMAN, None, HUMAN_IMAGES, "People", "none"),
        (seen.metrics.accuracy, len(data.train), len(data.test), this, "none"),
    ]
    # The counts next to the accuracy, so that a phone never shows one without the others.
    names = ["Accuracy", "Trained on", "Tested on", "What", "Preparation of images"]
    table = pd.DataFrame(rows, columns=names).sort_values("Accuracy", kind="stable")
    table["Accuracy"] *= 100
    table["Trained on"] = table["Trained on"].astype("Int64")
    marked = f"background-color: {POSITIVE}33"
    return table.style.apply(
        lambda row: [marked if row["What"] == this else ""] * len(row), axis="columns"
    )
