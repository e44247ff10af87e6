"""A comparison as files: a report (what differs, what came of it, where the runs disagree), and CSV."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from cnn.data.split import ChosenData
from cnn.evaluation.comparison import ComparisonError, check_same_images
from cnn.evaluation.predictions import of_test_images
from cnn.network.link import to_text
from cnn.ui.common import formatting
from cnn.ui.common.prose import read_sections
from cnn.ui.compare import curves, decisions, differences
from cnn.ui.compare.run_library import Compared
from cnn.ui.compare.side_by_side import TOGETHER, shared_limits
from cnn.ui.report.document import Chart, Part, Section, Table, render
from cnn.ui.report.download_menu import answer_table, download, plain_text, predicted
from cnn.ui.report.run_report import network_figure
from cnn.ui.state import services
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)


def comparison_report(runs: Sequence[Compared], number: int) -> bytes:
    """Two runs or more as an HTML page; `number` is that of the image that all are shown with."""
    data = [services.chosen(named.run.job.data) for named in runs]
    sections = [
        Section("What differs", _differences(runs)),
        Section("Curves and cost", _outcome(runs)),
    ]
    try:
        check_same_images([named.name for named in runs], data)
    except ComparisonError as error:
        sections.append(Section("Decisions", [formatting.escaped(str(error))]))
    else:
        kept = [named for named in runs if named.run.kept]
        if len(kept) > 1:
            sections.append(Section("Decisions", _decisions(kept, data[0])))
        if kept:
            sections.append(Section("The same image", _inside(kept, data[0], number)))
    lead = [f"**{named.label}**: {formatting.network(named.run.job.network)}" for named in runs]
    return render(f"Comparison of {len(runs)} runs", _bullets(lead), sections)


def _bullets(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _differences(runs: Sequence[Compared]) -> list[Part]:
    sentences, table = differences.in_words(runs)
    parts: list[Part] = [Table(table)] if not table.empty else []
    return [*parts, "\n".join(sentences)]


def _outcome(runs: Sequence[Compared]) -> list[Part]:
    table = curves.costs(runs)
    if table.empty:
        return ["None of them has finished an epoch yet."]
    drawn = curves.history_charts(runs) | curves.cost_charts(runs)
    charts = [Chart(chart, description) for chart, description in drawn.values()]
    return [Table(curves.in_words(table)), *charts, _TEXT.text("outcome")]


def _decisions(runs: Sequence[Compared], data: ChosenData) -> list[Part]:
    answers = [services.answers_now(named.run, named.run.kept[-1]) for named in runs]
    tests, left_out = decisions.pair_tests(runs, answers, data)
    parts: list[Part] = [*left_out]
    if len(tests) > 1:
        about = decisions.TEXT.text("table", pairs=len(tests))
        parts += [Table(decisions.table(tests)), about]
    if tests:
        verdicts = _bullets([test.verdict for test in tests])
        parts += [verdicts, decisions.TEXT.text("caution")]
    return parts


def _inside(runs: Sequence[Compared], data: ChosenData, number: int) -> list[Part]:
    """Each network at work on one image, all on one scale and moved through their epochs together."""
    actual = formatting.escaped(data.classes[int(data.labels[number])])
    parts: list[Part] = [_TEXT.text("image", number=number, actual=actual)]
    limits = shared_limits(runs, number)
    for named in runs:
        epoch = named.run.kept[-1]
        parts.append(f"**{named.label}** after epoch {epoch}")
        parts.append(network_figure(named.run, epoch, number, len(runs), limits, TOGETHER))
    return parts


def offer_comparison(session: Session, runs: Sequence[Compared], comparable: bool) -> None:
    """The report of a comparison, and its numbers; `comparable` runs are tested on the same images."""
    number = services.image_number(session.viewed.image, services.chosen(runs[0].run.job.data))
    key = "-".join(named.run.id for named in runs)

    def report() -> bytes:
        return comparison_report(as_they_are(runs), number)

    with st.popover("Report", icon=":material/description:"):
        st.markdown(_TEXT.text("menu", count=len(runs)))
        download("Report (HTML)", report, "comparison.html", key)
        download("Runs (CSV)", lambda: outcomes_csv(as_they_are(runs)), "runs.csv", key)
        if comparable and all(named.run.kept for named in runs):
            download("Answers (CSV)", lambda: decisions_csv(as_they_are(runs)), "answers.csv", key)


def outcomes_csv(runs: Sequence[Compared]) -> str:
    """A row a run that has an epoch: its settings and what came of it; networks as links spell them."""
    table = curves.costs(runs)
    if table.empty:
        return "run\n"
    jobs = [named.run.job for named in runs if named.run.epochs]
    settings = {
        "link of the network": [to_text(job.network) for job in jobs],
        "data set": [job.data.dataset for job in jobs],
        "seed": [job.settings.seed for job in jobs],
        "batch size": [job.settings.batch_size for job in jobs],
        "optimizer": [job.settings.optimizer for job in jobs],
    }
    names = table["run"].map(plain_text)
    return table.assign(run=names).join(pd.DataFrame(settings)).to_csv(index=False)


def decisions_csv(runs: Sequence[Compared]) -> str:
    """A row a test image: its number in the data set, its class, the answer of every run.

    The runs must be tested on the same images, and have an epoch whose weights were kept. An answer
    is empty where the probabilities are no numbers.
    """
    data = services.chosen(runs[0].run.job.data)
    answers = {
        f"answer of {named.name}": predicted(
            of_test_images(services.answers_now(named.run, named.run.kept[-1]), data)
        )
        for named in runs
    }
    return answer_table(data, answers).to_csv(index=False)


def as_they_are(runs: Sequence[Compared]) -> list[Compared]:
    """The runs by the time of a click: a live one has gone on since its page was drawn.

    Raises RunError for one that is no longer here.
    """
    return [replace(named, run=services.engine().run(named.run.id)) for named in runs]
