"""The report of a comparison, read as a page of HTML."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from cnn.data.dataset import Dataset
from cnn.data.split import DataChoice
from cnn.training.job import Settings
from cnn.training.run import Run
from cnn.ui.compare.report import comparison_report
from cnn.ui.compare.run_library import Compared
from cnn.ui.state import services
from tests.ui.report.diverged import keep_diverged
from tests.ui.report.test_document import Tags

IMAGE = 31


@pytest.fixture(scope="module")
def example_run() -> Run:
    return services.run_store().run(services.EXAMPLE_RUN)


def shorter(example_run: Run, epochs: int) -> Compared:
    part = replace(
        example_run, epochs=example_run.epochs[: epochs + 1], kept=example_run.kept[: epochs + 1]
    )
    job = replace(example_run.job, settings=Settings(seed=epochs))
    name = f"report-{epochs}"
    return Compared(services.run_store().save_copy(part, replace(part, id=name, job=job)), name)


def text_of(page: bytes) -> str:
    return " ".join(Tags(page).text.split())


def test_two_runs_with_their_differences_and_mcnemars_test(example_run: Run) -> None:
    one, other = Compared(example_run, "Example run"), shorter(example_run, 2)
    text = text_of(comparison_report([one, other], IMAGE))
    assert "Seed: 1 in Example run, 2 in report-2" in text
    assert "83.5% (81.8 to 85.0)" in text
    data = services.chosen(example_run.job.data)
    right = [
        services.answers_now(run, run.kept[-1]).argmax(axis=1) == data.labels[data.test]
        for run in (one.run, other.run)
    ]
    first, second = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    assert f"Only Example run is correct on {first}, only report-2 on {second}." in text
    assert binomtest(second, first + second).pvalue < 1e-5
    assert "in less than 1 of" in text


def test_three_runs_have_every_pair_and_every_network(example_run: Run) -> None:
    runs = [Compared(example_run, "Example run"), shorter(example_run, 2), shorter(example_run, 3)]
    seen = Tags(comparison_report(runs, IMAGE))
    assert len([one for one in seen.of("div") if one.get("data-component")]) == 3
    assert len(seen.of("img")) == 4
    assert seen.text.count("beyond chance") + seen.text.count("not distinguishable") == 3
    assert "Holm" in seen.text


def test_runs_on_different_images_are_not_set_against_each_other(example_run: Run) -> None:
    data = replace(example_run.job.data, seed=9)
    elsewhere = replace(example_run, id="report-else", job=replace(example_run.job, data=data))
    other = Compared(services.run_store().save_copy(example_run, elsewhere), "Elsewhere")
    text = text_of(comparison_report([Compared(example_run, "Example run"), other], IMAGE))
    assert "different images" in text and "Elsewhere" in text
    assert "is correct on" not in text


def test_a_network_that_gives_no_numbers_is_not_judged(example_run: Run) -> None:
    broken = Compared(keep_diverged(example_run, "compared-diverged"), "*Broken*")
    text = text_of(comparison_report([Compared(example_run, "Example run"), broken], IMAGE))
    why = "*Broken* gives no valid probabilities for"
    assert why in text
    assert "is correct on" not in text
    others = [Compared(example_run, "Example run"), broken, Compared(example_run, "Same")]
    text = text_of(comparison_report(others, IMAGE))
    assert why in text
    assert "Example run and Same get exactly the same" in text


def test_what_somebody_called_their_images_stays_text(example_run: Run) -> None:
    # The name of a data set is that of a file, the names of its classes are labels in it.
    picture = "![x](http://evil.example/x.png)"
    images = np.random.default_rng(1).integers(0, 256, (40, 28, 28, 1), np.uint8)
    data = Dataset(picture, "hostile-names", images, np.arange(40) % 2, (picture, "</b>"), "")
    services.data_store().add(data)
    own = replace(
        example_run, job=replace(example_run.job, data=DataChoice("hostile-names")), kept=()
    )
    both = [Compared(own, "*One*"), Compared(own, "Two")]
    named = text_of(comparison_report([Compared(example_run, "Example run"), both[0]], IMAGE))
    assert picture in named.replace("\u200b", "")  # zero-width: an address is no link
    assert text_of(comparison_report(both, IMAGE)).count("*One*") > 1
