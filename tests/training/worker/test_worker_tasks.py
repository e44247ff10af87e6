"""What runs on a worker, called here without Dask: what it publishes, obeys and answers."""

import pickle
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from cnn.network.plan import plan
from cnn.network.spec import Network
from cnn.training.events import Checkpoint, EpochEnd, Outcome, Point
from cnn.training.job import Settings
from cnn.training.run import RunError, epoch_record
from cnn.training.scheduling.limits import reference_seconds
from cnn.training.trial import Trial
from cnn.training.worker import task, worker_tasks
from cnn.training.worker.worker_tasks import TrainingRequest
from tests.training.examples import epoch_end
from tests.training.worker.test_task import PLAIN, Trained, blots, epochs, trained


class Worker:
    """Stands in for a Dask worker: notes what is published and calls `on_event` with it."""

    address = "tls://worker"

    def __init__(self) -> None:
        self.published: list[tuple[str, str, bytes | str]] = []
        self.on_event: Callable[[object], None] = lambda _: None

    def log_event(self, topic: str, message: tuple[str, bytes | str]) -> None:
        key, content = message
        self.published.append((topic, key, content))
        self.on_event(pickle.loads(content) if isinstance(content, bytes) else None)

    @property
    def events(self) -> list[Point | EpochEnd | Outcome]:
        return [pickle.loads(content) for _, _, content in self.published]


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    worker = Worker()
    monkeypatch.setattr(worker_tasks, "get_worker", lambda: worker)
    return worker


def request(number: int = 2, start: Checkpoint | None = None) -> TrainingRequest:
    return TrainingRequest(PLAIN, epochs(number), blots(), start)


def test_a_training_publishes_every_number_and_at_last_its_outcome(worker: Worker) -> None:
    worker_tasks.run_training("topic", "key", request())
    assert {(topic, key) for topic, key, _ in worker.published} == {("topic", "key")}
    *events, outcome = worker.events
    expected = trained(PLAIN, epochs(2))
    assert Trained(events).digest == expected.digest  # type: ignore[arg-type]
    assert outcome == expected.outcome


def test_a_training_obeys_the_commands_for_its_own_key(worker: Worker) -> None:
    def stop(event: object) -> None:
        if isinstance(event, EpochEnd) and event.epoch == 1:
            worker_tasks.set_command("other", "stop")
            worker_tasks.set_command("key", "stop")

    worker.on_event = stop
    worker_tasks.run_training("topic", "key", request(5))
    outcome = worker.events[-1]
    assert isinstance(outcome, Outcome) and outcome.ending == "stopped"
    assert [e.epoch for e in worker.events if isinstance(e, EpochEnd)] == [0, 1]
    worker.published.clear()
    worker.on_event = lambda _: None
    worker_tasks.run_training("topic", "key", request())  # the command has ended with the first
    assert worker.events[-1] == Outcome("done", "Finished all 2 epochs.")
    worker.published.clear()
    worker_tasks.run_training("topic", "other", request())  # it came before the training did
    outcome = worker.events[-1]
    assert isinstance(outcome, Outcome) and outcome.ending == "stopped"


def test_a_fault_is_published_as_a_failure(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    start = Checkpoint(0, np.zeros(3, np.float32), fresh=True)
    worker_tasks.run_training("topic", "key", request(start=start))
    [outcome] = worker.events
    assert isinstance(outcome, Outcome) and outcome.ending == "failed"
    assert "ValueError" in outcome.message

    def no_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(task, "train", no_memory)
    worker_tasks.run_training("topic", "key", request())
    outcome = worker.events[-1]
    assert isinstance(outcome, Outcome) and outcome.ending == "failed"
    assert "memory" in outcome.message and "smaller" in outcome.message


def test_an_answer_says_first_that_it_begins(worker: Worker) -> None:
    def division(number: int, by: int) -> tuple[int, int]:
        assert worker.published == [("topic", "key", worker.address)]
        return divmod(number, by)

    assert worker_tasks.answer("topic", "key", division, 7, 2) == (3, 1)


def test_the_speed_is_not_measured_during_a_training(worker: Worker) -> None:
    refused = []

    def measure(event: object) -> None:
        if isinstance(event, EpochEnd):
            with pytest.raises(RunError):
                worker_tasks.measured_speed()
            refused.append(event.epoch)

    worker.on_event = measure
    worker_tasks.run_training("topic", "key", request(1))
    assert refused == [0, 1]


def test_the_speed_is_that_of_the_last_epoch_against_the_reference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def two_epochs(network: Network, settings: Settings, images: int) -> Trial:
        reference = reference_seconds(plan(network, (28, 28, 1), 10), images, settings.batch_size)
        epochs = [
            epoch_record(replace(epoch_end(epoch), seconds=factor * reference))
            for epoch, factor in enumerate((50.0, 3.0))
        ]
        return Trial((), tuple(epochs), Outcome("done", ""))

    monkeypatch.setattr(worker_tasks, "trial", two_epochs)
    assert worker_tasks.measured_speed() == pytest.approx(3.0)
