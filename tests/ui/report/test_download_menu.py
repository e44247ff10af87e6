"""The CSV files hold the numbers that Keras recorded, and nothing that a spreadsheet would execute."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cnn.network.link import from_text
from cnn.training.run import Run
from cnn.ui.compare.report import decisions_csv, outcomes_csv
from cnn.ui.compare.run_library import Compared
from cnn.ui.report import download_menu
from cnn.ui.state import services
from tests.ui.report.diverged import keep_diverged

EARLY = 2


def read(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text))


@pytest.fixture(scope="module")
def example_run() -> Run:
    return services.run_store().run(services.EXAMPLE_RUN)


@pytest.fixture(scope="module")
def early(example_run: Run) -> Run:
    part = replace(
        example_run, epochs=example_run.epochs[: EARLY + 1], kept=example_run.kept[: EARLY + 1]
    )
    return services.run_store().save_copy(part, replace(part, id="report-early"))


@pytest.fixture(scope="module")
def diverged(example_run: Run) -> Run:
    return keep_diverged(example_run, "sheet-diverged")


def test_the_epochs_are_those_that_were_recorded(example_run: Run) -> None:
    table = read(download_menu.epochs_csv(example_run))
    assert table["epoch"].tolist() == list(range(31))
    recorded = [one.validation_accuracy for one in example_run.epochs]
    assert table["validation_accuracy"].tolist() == recorded


@pytest.mark.parametrize("epoch", [0, 30])
def test_the_answers_come_to_the_accuracy_that_keras_recorded(example_run: Run, epoch: int) -> None:
    table = read(download_menu.answers_csv(example_run, epoch))
    data = services.chosen(example_run.job.data)
    assert table["image"].tolist() == data.test.tolist()
    assert table["class"].tolist() == [data.classes[one] for one in data.labels[data.test]]
    right = (table["class"] == table["answer"]).mean()
    assert right == pytest.approx(example_run.epochs[epoch].validation_accuracy, abs=1e-6)
    shares = table[[f"probability of {name}" for name in data.classes]]
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert shares.idxmax(axis=1).str.removeprefix("probability of ").tolist() == list(
        table["answer"]
    )


def test_a_row_a_run_with_a_network_that_a_link_can_open(example_run: Run, early: Run) -> None:
    table = read(outcomes_csv([Compared(example_run, "Whole"), Compared(early, "Early")]))
    assert table["run"].tolist() == ["Whole", "Early"]
    assert table["epochs"].tolist() == [30, EARLY]
    assert table["accuracy"].tolist() == [
        example_run.epochs[-1].validation_accuracy,
        example_run.epochs[EARLY].validation_accuracy,
    ]
    assert [from_text(one) for one in table["link of the network"]] == [example_run.job.network] * 2


def test_decisions_stand_beside_each_other_and_no_name_is_a_formula(
    example_run: Run, early: Run
) -> None:
    runs = [Compared(example_run, '=HYPERLINK("x")'), Compared(early, "Early")]
    table = read(decisions_csv(runs))
    assert list(table.columns) == ["image", "class", 'answer of =HYPERLINK("x")', "answer of Early"]
    for column, epoch in zip(table.columns[2:], (30, EARLY), strict=True):
        right = (table["class"] == table[column]).mean()
        assert right == pytest.approx(example_run.epochs[epoch].validation_accuracy, abs=1e-6)
    assert read(outcomes_csv(runs))["run"][0].startswith("'=")


def test_a_run_called_like_another_column_takes_nothing_from_it(
    example_run: Run, early: Run
) -> None:
    runs = [Compared(example_run, "class"), Compared(early, "image")]
    table = read(decisions_csv(runs))
    data = services.chosen(example_run.job.data)
    assert table["image"].tolist() == data.test.tolist()
    assert table["class"].tolist() == [data.classes[one] for one in data.labels[data.test]]


def test_runs_without_an_epoch_have_no_rows(example_run: Run) -> None:
    live = replace(example_run, epochs=(), kept=(), points=(), status="training")
    assert read(outcomes_csv([Compared(live, "One"), Compared(live, "Two")])).empty


def test_a_network_that_gives_no_numbers_has_no_answers(diverged: Run) -> None:
    table = read(download_menu.answers_csv(diverged, 0))
    assert len(table) == 2000
    assert table["answer"].isna().all()
    both = read(decisions_csv([Compared(diverged, "a"), Compared(diverged, "b")]))
    assert both[["answer of a", "answer of b"]].isna().all(axis=None)
