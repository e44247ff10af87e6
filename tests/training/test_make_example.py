"""The programs that make what comes with the app, with a job that takes no time."""

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from cnn.data.example import EXAMPLE_DATASET
from cnn.data.split import DataChoice
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.training import make_example
from cnn.training.experiments import make_example as make_example_experiment
from cnn.training.experiments.experiment import Experiment
from cnn.training.experiments.store import EXAMPLES as EXAMPLE_EXPERIMENTS
from cnn.training.experiments.store import ExperimentStore
from cnn.training.job import Job
from cnn.training.store import EXAMPLES, RunStore
from tests.training.examples import settings

JOB = Job(Network(), DataChoice(EXAMPLE_DATASET, train_share=0.1), settings(1))


def test_the_example_run_is_made_whole_and_the_same_each_time(tmp_path: Path) -> None:
    weights = []
    for _ in range(2):
        run = make_example.make(tmp_path, JOB)
        store = RunStore(tmp_path / "nothing", tmp_path)
        assert store.run("article") == run
        assert (run.job, run.status, run.kept, run.imported) == (JOB, "done", (0, 1), False)
        assert run.points and run.updated >= run.created
        weights.append([store.weights("article", epoch) for epoch in run.kept])
        assert not (tmp_path / "article" / "resume").exists()
        (tmp_path / "article" / "weights" / "epoch_099.npy").write_bytes(b"of a run before")
    assert not np.array_equal(*weights[0])
    assert np.array_equal(weights[0], weights[1])


def test_the_example_experiment_has_the_results_of_its_runs_and_nothing_of_its_maker(
    tmp_path: Path,
) -> None:
    record = make_example_experiment.make(tmp_path / "new", Experiment(JOB, (), (7, 3)))
    [kept] = ExperimentStore(tmp_path / "nothing", tmp_path / "new").examples()
    assert kept == record
    assert (kept.id, kept.owner, kept.test_images) == ("article", "", 9000)
    assert [(one.seed, one.run, one.ending) for one in kept.results] == [
        (3, "", "done"),
        (7, "", "done"),
    ]
    alone = make_example.make(tmp_path, replace(JOB, settings=replace(JOB.settings, seed=7)))
    last = alone.epochs[-1]
    seventh = kept.results[1]
    assert (seventh.accuracy, seventh.loss) == (last.validation_accuracy, last.validation_loss)


def test_what_comes_with_the_app_was_made_by_these_programs() -> None:
    run = RunStore(EXAMPLES / "nothing").run(make_example.NAME)
    assert run.job == make_example.JOB
    assert run.job.network == ARTICLE
    [record] = ExperimentStore(EXAMPLES / "nothing").examples()
    assert record.experiment == make_example_experiment.EXPERIMENT
    assert record.command == make_example_experiment.COMMAND
    assert importlib.util.find_spec(record.command.split()[-1])
    text = (EXAMPLE_EXPERIMENTS / "article.json").read_text("utf-8")
    assert json.loads(text)["owner"] == ""
