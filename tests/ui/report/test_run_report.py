"""The report of a run, read as a page of HTML."""

from dataclasses import replace

import pytest

from cnn.training.run import Parent, Run
from cnn.training.script import script
from cnn.ui.report.run_report import run_report
from cnn.ui.state import services
from tests.ui.report.diverged import keep_diverged
from tests.ui.report.test_document import Tags


@pytest.fixture(scope="module")
def example_run() -> Run:
    return services.run_store().run(services.EXAMPLE_RUN)


def test_it_shows_what_was_recorded_and_brings_the_script_along(example_run: Run) -> None:
    data = services.chosen(example_run.job.data)
    seen = Tags(run_report(example_run, "A <b>name</b>", 30, int(data.test[0])))
    assert "Report: A <b>name</b>" in seen.text
    assert not seen.of("b")
    assert "83.5% of 2,000 test images are predicted correctly" in seen.text
    assert f"Image {data.test[0]}, Shirt" in seen.text
    assert script(example_run.job, data) in seen.text
    assert data.dataset.credit in seen.text
    for record in example_run.epochs:
        assert f"{record.validation_loss:.4f}" in seen.text
    live = [one["data-component"] for one in seen.of("div") if one.get("data-component")]
    assert live == ["confusion_matrix", "patches", "network_view"]


def test_nothing_in_it_points_outside(example_run: Run) -> None:
    page = run_report(example_run, "x", 30, 31)
    for _, attributes in Tags(page).tags:
        for name in ("src", "href", "action", "poster", "srcset"):
            assert (attributes.get(name) or "data:").startswith("data:")


def test_a_network_that_gives_no_numbers_is_explained_in_a_sentence(example_run: Run) -> None:
    run = keep_diverged(example_run, "report-diverged")
    seen = Tags(run_report(run, "x", 0, 31))
    assert "no valid probabilities" in seen.text
    assert "Confusion matrix" not in seen.text
    assert "Settings" in seen.text


def test_a_run_that_began_by_hand_has_no_script(example_run: Run) -> None:
    by_hand = replace(example_run, parent=Parent("another", 3, "digest"), imported=True)
    seen = Tags(run_report(by_hand, "x", 30, 31))
    assert "no script can train it again from" in seen.text
    assert "its training was not observed here" in seen.text
    assert not seen.of("pre")


def test_of_a_run_that_trains_it_says_how_far_it_was(example_run: Run) -> None:
    training = replace(example_run, status="training", message="Its worker is replaced.")
    training = replace(training, epochs=example_run.epochs[:13], kept=example_run.kept[:13])
    seen = Tags(run_report(training, "x", 10, 31))
    assert "still training then: 12 of 30 epochs" in seen.text
    assert "worker" not in seen.text
