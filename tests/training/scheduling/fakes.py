"""The scheduler with workers and a clock that do what a test tells them: no process, no waiting."""

import queue
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from cnn.training.events import Command, Outcome, Point
from cnn.training.job import Job
from cnn.training.run import Run
from cnn.training.scheduling.background import BackgroundTask
from cnn.training.scheduling.dispatcher import Dispatcher
from cnn.training.scheduling.queue import RunQueue
from cnn.training.scheduling.trainings import TrainingEvent
from cnn.training.store import RunStore
from cnn.training.worker.worker_tasks import TrainingRequest
from tests.training.examples import NETWORK, chosen, epoch_end, settings

DATA = chosen()


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Pool:
    """Stands in for a `WorkerPool`: notes what it is asked to do."""

    connected = True

    def __init__(self, *workers: str) -> None:
        self.events: queue.SimpleQueue[tuple[str, TrainingEvent] | None] = queue.SimpleQueue()
        self.present = list(workers)
        self.requests: dict[str, TrainingRequest] = {}
        self.commands: list[tuple[str, str, Command]] = []
        self.restarted: list[str] = []
        self.forgotten: list[str] = []
        self.cluster_restarts = 0
        self.error: Exception | None = None
        self.start_errors: list[Exception] = []
        self.idle_seconds = 0.0
        self.released = 0

    def workers(self) -> list[str]:
        if self.error is not None:
            raise self.error
        return list(self.present)

    def start(self, key: str, worker: str, request: TrainingRequest) -> None:
        if self.start_errors:
            raise self.start_errors.pop()
        self.requests[key] = request

    def send_command(self, key: str, worker: str, command: Command) -> None:
        self.commands.append((key, worker, command))

    def restart(self, worker: str) -> None:
        self.restarted.append(worker)

    def restart_cluster(self) -> None:
        self.cluster_restarts += 1

    def forget(self, key: str) -> None:
        self.forgotten.append(key)

    def release(self) -> None:
        self.released += 1
        self.idle_seconds = 0.0

    def stop_trainings(self) -> None:
        self.forgotten.append("all")

    def submit_backlog(self) -> None:
        pass

    def call(self, *_: object) -> Future[float]:
        return Future()

    def close(self) -> None:
        pass


class Scheduler:
    """A queue and a dispatcher that works when a test calls `step`."""

    def __init__(self, folder: Path, workers: int = 1) -> None:
        self.clock = Clock()
        self.store = RunStore(folder)
        self.pool = Pool(*(f"worker-{number}" for number in range(1, workers + 1)))
        self.queue = RunQueue(self.store, self.pool.send_command, self.clock)
        self.dispatcher = Dispatcher(self.queue.trainings, self.pool, self.clock)  # type: ignore[arg-type]

    def step(self, seconds: float = 0.0) -> None:
        """Let time pass, then the dispatcher work until nothing is left to do."""
        self.clock.now += seconds
        self.dispatcher.step()
        while not self.pool.events.empty():
            self.dispatcher.step()

    def submit(self, session: str, seed: int = 1, epochs: int = 5) -> Run:
        """A visitor's request."""
        return self.queue.submit(_job(seed, epochs), DATA, session)

    def submit_background(
        self, owner: str, *seeds: int, epochs: int = 5, on_end: Callable[[Run], None] | None = None
    ) -> list[BackgroundTask]:
        """An experiment's request."""
        ended = on_end or (lambda _: None)
        tasks = [BackgroundTask(_job(seed, epochs), DATA, 1.0, ended) for seed in seeds]
        self.queue.submit_background(owner, tasks)
        return tasks

    def key(self, run_id: str) -> str:
        """The latest training of a run."""
        return [key for key in self.pool.requests if key.startswith(f"training-{run_id}-")][-1]

    def report(self, run_id: str, *events: TrainingEvent) -> None:
        """Let the worker of a run report, and the dispatcher take it up."""
        for event in events:
            self.pool.events.put((self.key(run_id), event))
        self.step()

    def learn(self, run_id: str, *epochs: int) -> None:
        """Let the worker of a run finish epochs."""
        self.report(run_id, Point(0.1, 1.0, 0.5), *map(epoch_end, epochs))

    def work(self, seconds: float) -> None:
        """Let time pass in which every worker reports points, as one that is well does."""
        end = self.clock.now + seconds
        while self.clock.now < end:
            for key in self.queue.trainings.workers():
                run = self.queue.run(key[len("training-") : -len("-12345678")])
                self.pool.events.put((key, Point(run.last_epoch + 0.5, 1.0, 0.5)))
            self.step(min(10.0, end - self.clock.now))

    def obey(self) -> None:
        """Let all workers stop that were told to, and have not yet."""
        commands = ("stop", "yield")
        keys = [key for key, _, command in self.pool.commands if command in commands]
        for key in keys:
            self.pool.events.put((key, Outcome("stopped", "Stopped.")))
            self.pool.events.put((key, None))
        self.step()

    def in_training(self, owner: str) -> list[Run]:
        """An owner's runs in the background that have a worker."""
        return list(self.queue.background(owner).training)


def _job(seed: int, epochs: int) -> Job:
    return Job(NETWORK, DATA.choice, settings(epochs, seed))
