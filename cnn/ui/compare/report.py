"""A comparison as files: a report (what differs, what came of it, where the runs disagree), and CSV."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import pandas as pd
import streamlit as st

from cnn.data.split import ChosenData
from cnn.evaluation.comparison import (
    ComparisonError,
    Pair,
    check_same_images,
    comparable,
    holm,
)
from cnn.evaluation.predictions import Predictions, of_test_images
from cnn.network.link import to_text
from cnn.ui.common import formatting
from cnn.ui.compare import curves, decisions, differences
from cnn.ui.compare.run_library import Compared
from cnn.ui.compare.side_by_side import shared_reach
from cnn.ui.report.document import Chart, Part, Section, Table, Text, render
from cnn.ui.report.download_menu import answer_table, download, plain_text, predicted
from cnn.ui.report.run_report import network_figure
from cnn.ui.state import services
from cnn.ui.state.session import Session

_TOGETHER = "compared"


def comparison_report(runs: Sequence[Compared], number: int) -> bytes:
    """Two runs or more as an HTML page; `number` is that of the image that all are shown with."""
    names = [named.name for named in runs]
    data = [services.chosen(named.run.job.data) for named in runs]
    sections = [
        Section("What they were given differently", _differences(runs)),
        Section("What came of it", _outcome(runs)),
    ]
    try:
        check_same_images(names, data)
    except ComparisonError as error:
        sections.append(Section("Their answers", [Text(formatting.escaped(str(error)))]))
    else:
        kept = [named for named in runs if named.run.kept]
        if len(kept) > 1:
            sections.append(Section("Their answers", _decisions(kept, data[0])))
        if kept:
            sections.append(Section("The same image through each", _inside(kept, data[0], number)))
    lead = "\n".join(
        f"- **{formatting.escaped(name)}**: {formatting.network(named.run.job.network)}"
        for name, named in zip(names, runs, strict=True)
    )
    return render(f"Comparison of {len(runs)} runs", lead, sections)


def _differences(runs: Sequence[Compared]) -> list[Part]:
    sentences, table = differences.in_words(runs)
    parts: list[Part] = [Table(table)] if not table.empty else []
    return [*parts, Text("\n".join(sentences))]


def _outcome(runs: Sequence[Compared]) -> list[Part]:
    names = [named.name for named in runs]
    table = curves.costs(runs)
    if table.empty:
        return [Text("None of them has finished an epoch yet.")]
    epochs = max(named.run.planned_epochs for named in runs)
    every = curves.every_epoch(runs)
    drawn: list[Part] = [
        Chart(curves.curves(every, measure, names, epochs), curves.ends(runs, measure))
        for measure in ("loss", "accuracy")
    ]
    drawn += [
        Chart(
            curves.accuracy_against(table, measure, title, names, powers),
            curves.against(table, measure),
        )
        for measure, (title, powers) in curves.MEASURES.items()
    ]
    about = (
        "Solid lines: on the test images after each epoch; dashed: on the training images while"
        " learning. Bars and brackets: the 95% interval for test images like these."
    )
    return [Table(curves.in_words(table)), *drawn, Text(about)]


def _decisions(runs: Sequence[Compared], data: ChosenData) -> list[Part]:
    """McNemar's test of every pair, as a table and in sentences."""
    usable, unable = comparable(
        [named.name for named in runs], [_predictions(named, data) for named in runs]
    )
    left_out: list[Part] = [Text(formatting.escaped(sentence)) for sentence in unable]
    if len(usable) < 2:
        return left_out
    pairs = [Pair(one, other) for one, other in combinations(usable.values(), 2)]
    names = list(combinations([runs[place].name for place in usable], 2))
    corrected = holm([pair.p_value for pair in pairs])
    sentences = [
        decisions.verdict(pair, *both, p_value, len(pairs))
        for pair, both, p_value in zip(pairs, names, corrected, strict=True)
    ]
    table: list[Part] = []
    if len(pairs) > 1:
        table = [
            Table(decisions.table(pairs, names, corrected)),
            Text(decisions.about_table(len(pairs))),
        ]
    caution = (
        "This is about these networks as they were trained. Whether a setting made the difference or"
        " the seed did, only several seeds of each can tell."
    )
    return [
        *left_out,
        *table,
        Text("\n".join(f"- {sentence}" for sentence in sentences)),
        Text(caution),
    ]


def _predictions(named: Compared, data: ChosenData) -> Predictions:
    return of_test_images(services.answers_now(named.run, named.run.kept[-1]), data)


def _inside(runs: Sequence[Compared], data: ChosenData, number: int) -> list[Part]:
    """Each network at work on one image, all on one scale and moved through their epochs together."""
    label = int(data.labels[number])
    parts: list[Part] = [
        Text(
            f"Image {number}, {formatting.escaped(data.classes[label])}. They move together, through the epochs and"
            " through the layers; a layer that several of them have is drawn on one scale. Click any"
            " cell for the arithmetic that made it."
        )
    ]
    reach = shared_reach(runs, number)
    for named in runs:
        epoch = named.run.kept[-1]
        parts.append(Text(f"**{formatting.escaped(named.name)}** after epoch {epoch}"))
        parts.append(network_figure(named.run, epoch, number, len(runs), reach, _TOGETHER))
    return parts


def offer_comparison(session: Session, runs: Sequence[Compared], comparable: bool) -> None:
    """The report of a comparison, and its numbers; `comparable` runs are tested on the same images."""
    number = services.image_number(session.viewed.image, services.chosen(runs[0].run.job.data))
    with st.popover("Report", icon=":material/description:"):
        st.markdown(
            f"**These {len(runs)} runs** in one file that opens offline, without this app:"
            " differences, curves, decisions, and the same image through each."
        )
        key = "-".join(named.run.id for named in runs)
        download(
            "Report (HTML)",
            lambda: comparison_report(as_they_are(runs), number),
            "comparison.html",
            key,
        )
        download("Runs (CSV)", lambda: outcomes_csv(as_they_are(runs)), "runs.csv", key)
        if comparable and all(named.run.kept for named in runs):
            download(
                "Answers (CSV)",
                lambda: decisions_csv(as_they_are(runs)),
                "answers.csv",
                key,
            )


def outcomes_csv(runs: Sequence[Compared]) -> str:
    """A row a run that has an epoch: its settings and what came of it; networks as links spell them."""
    settings = [
        {
            "link of the network": to_text(named.run.job.network),
            "data set": named.run.job.data.dataset,
            "seed": named.run.job.settings.seed,
            "batch size": named.run.job.settings.batch_size,
            "optimizer": named.run.job.settings.optimizer,
        }
        for named in runs
        if named.run.epochs
    ]
    if not settings:
        return "run\n"
    table = curves.costs(runs)
    table["run"] = table["run"].map(plain_text)
    return table.join(pd.DataFrame(settings)).to_csv(index=False)


def decisions_csv(runs: Sequence[Compared]) -> str:
    """A row a test image: its number in the data set, its class, the answer of every run.

    The runs must be tested on the same images, and have an epoch whose weights were kept. An answer
    is empty where the probabilities are no numbers.
    """
    data = services.chosen(runs[0].run.job.data)
    classes = {f"answer of {named.name}": predicted(_predictions(named, data)) for named in runs}
    return answer_table(data, classes).to_csv(index=False)


def as_they_are(runs: Sequence[Compared]) -> list[Compared]:
    """The runs by the time of a click: a live one has gone on since its page was drawn.

    Raises RunError for one that is no longer here.
    """
    return [replace(named, run=services.engine().run(named.run.id)) for named in runs]
