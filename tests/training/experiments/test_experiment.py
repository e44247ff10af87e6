"""From an experiment to its runs, to its file and back, and through the engine."""

import json
import os
import time
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from cnn.network.spec import ConvolutionBlock, Network
from cnn.storage import read_file
from cnn.training.experiments import store as store_module
from cnn.training.experiments.experiment import Experiment, Result, expand
from cnn.training.experiments.factors import ExperimentError, Factor, with_value
from cnn.training.experiments.runner import ExperimentRunner
from cnn.training.experiments.store import LARGEST_FILE, ExperimentStore
from cnn.training.job import Job
from cnn.training.scheduling.engine import Engine
from tests.training.engines import DATA, until
from tests.training.examples import settings

BASE = Job(Network((ConvolutionBlock(2, 3),)), DATA.choice, settings(1))
POOLING = Factor("pooling", ("max", "average", "none"))
KERNEL = Factor("kernel", ("3", "9"))
EXPERIMENT = Experiment(BASE, (POOLING, KERNEL), (3, 1))


def test_every_combination_is_planned_with_every_seed_and_what_cannot_be_says_why() -> None:
    planned, impossible = expand(EXPERIMENT, lambda _: DATA)
    assert [(one.seed, one.levels) for one in planned] == [
        (seed, (pooling, "3")) for seed, pooling in product((3, 1), POOLING.values)
    ]
    for one in planned:
        job = with_value(BASE, POOLING, one.levels[0])
        assert one.job == replace(job, settings=replace(job.settings, seed=one.seed))
        assert one.seconds > 0 and one.parameters > 0
    assert {one.levels for one in impossible} == {(pooling, "9") for pooling in POOLING.values}
    assert all("9 x 9 convolution" in one.why for one in impossible)
    assert EXPERIMENT.reference(0) == "max"
    assert Experiment(BASE, (Factor("kernel", ("7", "5")),), (1,)).reference(0) == "7"


@pytest.mark.parametrize(
    ("factors", "seeds", "sentence"),
    [
        ((POOLING, POOLING), (1,), "varied twice"),
        ((POOLING, Factor("pooling", ("max", "none"), 0)), (1,), "varied twice"),
        ((), (), "needs 1 to"),
        ((), (1, 1), "different seeds"),
        ((), (-1,), "seed must be between"),
        ((POOLING, KERNEL, Factor("epochs", ("1", "2", "3"))), tuple(range(10)), "180 runs"),
        (tuple(Factor("kernel", ("1", "2"), n) for n in range(5)), (1,), "At most 4 settings"),
    ],
)
def test_an_experiment_that_cannot_be_is_refused(factors, seeds, sentence) -> None:
    with pytest.raises(ExperimentError, match=sentence):
        Experiment(BASE, factors, seeds)


def test_an_experiment_is_kept_with_its_results_and_found_by_its_owner(tmp_path: Path) -> None:
    store = ExperimentStore(tmp_path, examples=tmp_path / "none")
    made = store.create("  Pooling?  ", "ann", EXPERIMENT, 40)
    first = Result(("max", "3"), 3, "run", "failed", "It broke.", 0, 0.0, 0.0, 10, 1.0)
    store.add(made.id, first)
    store.add(made.id, replace(first, ending="done", accuracy=0.75))
    store.add(made.id, replace(first, seed=1))
    again = ExperimentStore(tmp_path, examples=tmp_path / "none")
    found = again.record(made.id)
    assert found.title == "Pooling?" and found.experiment == EXPERIMENT
    assert [(one.seed, one.accuracy) for one in found.results] == [(3, 0.75), (1, 0.0)]
    assert again.of("ann") == [found] and again.of("ben") == []
    assert "ann" not in (tmp_path / f"{made.id}.json").read_text("utf-8")


def test_a_damaged_or_hostile_file_gets_a_sentence(tmp_path: Path) -> None:
    store = ExperimentStore(tmp_path, examples=tmp_path / "none")
    made = store.create("Fine", "ann", EXPERIMENT, 40)
    text = read_file(tmp_path / f"{made.id}.json").decode()
    wrong = json.loads(text)
    wrong["experiment"]["seeds"] = list(range(10**5))
    result = {"levels": ["max"], "seed": 1, "run": "", "ending": "done", "message": "", "epochs": 1}
    numbers = {"accuracy": 0.5, "loss": 1.0, "parameters": 1, "seconds": 1.0}
    one_level = json.loads(text) | {"results": [result | numbers]}
    too_good = [result | numbers | {"levels": ["max", "3"], "accuracy": 7.0}]
    hostile = [
        text[:-9],
        "[" * 100_000,
        '{"a": 1}',
        json.dumps(wrong),
        json.dumps(one_level),
        json.dumps(json.loads(text) | {"results": too_good}),
        " " * (LARGEST_FILE + 1),
    ]
    for content in hostile:
        (tmp_path / "bad.json").write_text(content, "utf-8")
        with pytest.raises(ExperimentError, match="damaged"):
            store.record("bad")
    assert store.of("ann") == [made]
    for name in ("../bad", "no such", "nothing"):
        with pytest.raises(ExperimentError, match="There is no experiment"):
            store.record(name)


def test_an_id_that_leads_to_a_real_experiment_outside_is_refused(tmp_path: Path) -> None:
    outside = ExperimentStore(tmp_path, examples=tmp_path / "none").create("x", "y", EXPERIMENT, 1)
    store = ExperimentStore(tmp_path / "in", examples=tmp_path / "none")
    store.create("Fine", "ann", EXPERIMENT, 40)
    assert (tmp_path / "in" / ".." / f"{outside.id}.json").exists()
    with pytest.raises(ExperimentError, match="There is no experiment"):
        store.record(f"../{outside.id}")


def test_a_full_folder_loses_its_oldest_experiments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_EXPERIMENTS", 2)
    store = ExperimentStore(tmp_path, examples=tmp_path / "none")
    made = []
    for age in (300, 200, 100):
        made.append(store.create(f"{age} s old", "ann", EXPERIMENT, 40))
        then = time.time() - age
        os.utime(tmp_path / f"{made[-1].id}.json", (then, then))
    assert store.of("ann") == [made[2], made[1]]


def test_a_write_that_fails_leaves_the_experiment_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ExperimentStore(tmp_path, examples=tmp_path / "none")
    made = store.create("Fine", "ann", EXPERIMENT, 40)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ExperimentError, match="No space left"):
        store.add(made.id, Result(("max", "3"), 3, "", "done", "", 1, 0.5, 0.5, 10, 1.0))
    assert store.record(made.id) == made
    assert len(list(tmp_path.iterdir())) == 1


def test_an_experiment_runs_and_goes_on_with_what_is_missing(
    engine: Engine, tmp_path: Path
) -> None:
    store = ExperimentStore(tmp_path, examples=tmp_path / "none")
    runner = ExperimentRunner(engine, store, lambda _: DATA)
    made = store.create("Pooling?", "ann", replace(EXPERIMENT, seeds=(71, 72)), 40)
    runner.start(made.id)
    until(lambda: bool(store.record(made.id).results))
    runner.cancel(made.id)
    status = runner.status(made.id)
    assert not status.background.busy and 0 < len(status.missing) < 6
    before = {(one.levels, one.seed): one.run for one in status.record.results}
    runner.start(made.id)
    until(lambda: runner.status(made.id).complete)
    results = store.record(made.id).results
    assert len(results) == 6 and all(one.counts for one in results)
    for one in results:
        run = engine.run(one.run)
        assert one.accuracy == run.epochs[-1].validation_accuracy
        assert before.get((one.levels, one.seed), one.run) == one.run
    until(lambda: not runner.status(made.id).background.busy)
    runner.start(made.id)
    assert not runner.status(made.id).background.busy
