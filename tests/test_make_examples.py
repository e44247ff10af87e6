"""The programs that make what comes with the app, with a job that takes no time."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

import make_examples
from cnn.data.example import EXAMPLE_DATASET
from cnn.data.split import DataChoice
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.training.experiments.experiment import Experiment
from cnn.training.experiments.store import EXAMPLES as EXAMPLE_EXPERIMENTS
from cnn.training.experiments.store import ExperimentStore
from cnn.training.job import Job
from cnn.training.store import EXAMPLES, RunStore
from make_examples import COMMAND, EXPERIMENT, NAME, make_experiment, make_images, make_run
from tests.data.idx_files import random_part, write_part
from tests.training.examples import settings

JOB = Job(Network(), DataChoice(EXAMPLE_DATASET, train_share=0.1), settings(1))


def test_the_example_run_is_made_whole_and_the_same_each_time(tmp_path: Path) -> None:
    weights = []
    for _ in range(2):
        run = make_run(tmp_path, JOB)
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
    record = make_experiment(tmp_path / "new", Experiment(JOB, (), (7, 3)))
    [kept] = ExperimentStore(tmp_path / "nothing", tmp_path / "new").examples()
    assert kept == record
    assert (kept.id, kept.owner, kept.test_images) == ("article", "", 9000)
    assert [(one.seed, one.run, one.ending) for one in kept.results] == [
        (3, "", "done"),
        (7, "", "done"),
    ]
    alone = make_run(tmp_path, replace(JOB, settings=replace(JOB.settings, seed=7)))
    last = alone.epochs[-1]
    seventh = kept.results[1]
    assert (seventh.accuracy, seventh.loss) == (last.validation_accuracy, last.validation_loss)


def test_what_comes_with_the_app_was_made_by_these_programs() -> None:
    run = RunStore(EXAMPLES / "nothing").run(NAME)
    assert run.job == make_examples.JOB
    assert run.job.network == ARTICLE
    [record] = ExperimentStore(EXAMPLES / "nothing").examples()
    assert record.experiment == EXPERIMENT
    assert record.command == COMMAND
    assert COMMAND in (make_examples.__doc__ or "")
    text = (EXAMPLE_EXPERIMENTS / "article.json").read_text("utf-8")
    assert json.loads(text)["owner"] == ""


def test_the_same_official_files_give_the_same_bytes(tmp_path: Path) -> None:
    images, labels = random_part(9, seed=1)
    write_part(tmp_path, "t10k", images, labels)
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    make_images(tmp_path, first)
    make_images(tmp_path, second)
    assert first.read_bytes() == second.read_bytes()
    # A zip archive stores the time of each member; at the format's own zero it tells nothing.
    assert first.read_bytes()[10:14] == bytes.fromhex("00002100")
    with np.load(first, allow_pickle=False) as arrays:
        assert np.array_equal(arrays["images"], images)
        assert np.array_equal(arrays["labels"], labels)
