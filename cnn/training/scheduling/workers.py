"""The workers that train, on this machine or on a Dask cluster elsewhere, and how to talk to them."""

import logging
import math
import pickle
import queue
import secrets
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from distributed import Client
from distributed import Future as Task
from distributed.scheduler import KilledWorker

from cnn.training.events import Command
from cnn.training.run import RunError
from cnn.training.scheduling import cluster
from cnn.training.scheduling.trainings import TrainingEvent
from cnn.training.worker import worker_tasks

SILENCE = 30.0
"""Seconds after which a scheduler that does not answer, or a worker that gives no sign of life, hangs.
Workers report to the scheduler every second."""

LONGEST_ANSWER = 600.0
"""Seconds that a worker may take for one question; what takes long is asked in steps."""

_TRAINING_PRIORITY, _FIRST, _LATER = 10, 0, -1

_CLOSED = "The server was closed before this was done."
_TOO_LONG = f"This took too long: more than {LONGEST_ANSWER / 60:.0f} minutes. Try again."
_WORKER_LOST = "The worker that computed this went away. Try again."

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Question:
    """A function to be run on a worker, the future that gets its answer, and the worker that began
    it and when."""

    key: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    priority: int
    answer: Future[Any] = field(default_factory=Future)
    sent: bool = False
    worker: str | None = None
    began: float = 0.0


class WorkerPool:
    """A connection to workers, made when it is first needed and again when it was lost.

    `events` receives the key of a training and what its worker reports, in order; None wakes its
    reader.
    `count` is the number of workers when they were last counted (before that, and while there are
    none: as many as were requested), `memory` the bytes that the smallest of them may take. `call` and `send_command` may be called from any thread, all
    else from the dispatcher's.
    """

    def __init__(self, workers: int, scheduler: str | None) -> None:
        self.count = self._requested = workers
        self.memory = cluster.worker_bytes(workers) if scheduler is None else math.inf
        self.events: queue.SimpleQueue[tuple[str, TrainingEvent] | None] = queue.SimpleQueue()
        self._scheduler = scheduler
        self._topic = f"cnn-{secrets.token_hex(8)}"
        self._tasks: dict[str, Task] = {}
        self._lock = threading.Lock()  # of the questions
        self._open: list[_Question] = []
        self._closed = False
        self._client: Client | None = None
        self._process: subprocess.Popen[str] | None = None
        self._signs: dict[str, tuple[float, float]] = {}
        self._killed: set[str] = set()
        self._used = time.monotonic()
        self._expected = False

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.status == "running"

    @property
    def idle_seconds(self) -> float:
        """How long the app's own workers have had nothing to do; 0 for those of a cluster elsewhere."""
        with self._lock:
            if self._open or self._tasks or not self.connected or self._scheduler is not None:
                self._used = time.monotonic()
                return 0.0
            return time.monotonic() - self._used

    def expect(self) -> None:
        """Have the workers ready soon: somebody will ask for something. May be called from any thread."""
        with self._lock:
            self._used = time.monotonic()
        if not self.connected:
            self._expected = True
            self.events.put(None)  # wakes the dispatcher, which connects

    def release(self) -> None:
        """End the app's own workers until they are needed again."""
        _log.info("The workers are idle and give back their memory")
        self._disconnect()

    def connect(self) -> Client:
        """Return the connection; start the workers first if needed, which takes seconds.

        Raises OSError if nobody answers at the scheduler's address, or no cluster can be started.
        """
        process_lives = self._process is None or self._process.poll() is None
        if self._client is not None and self.connected and process_lives:
            return self._client
        self._disconnect()
        address, security = self._scheduler, None
        if address is None:
            self._process, address, security = cluster.start(self._requested)
        client = Client(address, security=security, set_as_default=False, timeout="20s")
        client.register_plugin(worker_tasks.PrepareWorker())
        client.subscribe_topic(self._topic, self._on_event)
        self._client = client
        return client

    def workers(self) -> list[str]:
        """Return the addresses of the workers that can train and give signs of life.

        Those that hang are killed, and so is the scheduler that came with the app if it does not
        answer. Raises OSError where there is no answer.
        """
        client = self.connect()
        try:
            # Not `client.scheduler_info()`: at times that gives what the client itself asked last,
            # which has no workers in it.
            identity = client.sync(
                client.scheduler.identity, n_workers=-1, callback_timeout=SILENCE
            )
        except TimeoutError:
            _log.error("The scheduler has not answered for %.0f seconds", SILENCE)
            self._disconnect(hung=True)
            raise
        workers = {
            address: about["last_seen"]
            for address, about in identity["workers"].items()
            if worker_tasks.TRAIN in about["resources"]
        }
        alive = self._alive(workers)
        self.count = len(alive) or self._requested
        memory = (identity["workers"][address]["memory_limit"] or math.inf for address in alive)
        self.memory = min(memory, default=self.memory)
        return alive

    def _alive(self, workers: dict[str, float]) -> list[str]:
        """The workers whose last sign of life is new, by this machine's clock; kills the others."""
        now = time.monotonic()
        for address, sign in workers.items():
            if self._signs.get(address, (None,))[0] != sign:
                self._signs[address] = sign, now
        self._signs = {address: self._signs[address] for address in workers}
        silent = [one for one, (_, at) in self._signs.items() if now - at > SILENCE]
        with self._lock:
            long = [one for one in self._open if one.worker and now - one.began > LONGEST_ANSWER]
        self._fail(long, _TOO_LONG)
        hung = {*silent, *(one.worker for one in long if one.worker in workers)}
        for worker in hung - self._killed:
            _log.error("The worker %s hangs and is replaced", worker)
            self._kill(worker)
        self._killed = (self._killed | hung) & workers.keys()
        return [one for one in workers if one not in silent]

    def start(self, key: str, worker: str, request: worker_tasks.TrainingRequest) -> None:
        """Have a worker train; `key` names this training in events and commands.

        Raises OSError if the worker does not take the images, because it hangs or has died.
        """
        client = self.connect()
        # Scattered, because the images are too large for the scheduler to keep next to the task.
        scatter = partial(client.scatter, workers=[worker], hash=False, asynchronous=True)
        [data] = client.sync(scatter, [request], callback_timeout=SILENCE)
        task = self._tasks[key] = client.submit(
            worker_tasks.run_training,
            self._topic,
            key,
            data,
            key=key,
            workers=[worker],
            resources={worker_tasks.TRAIN: 1},
            priority=_TRAINING_PRIORITY,
        )
        task.add_done_callback(lambda _: self._training_over(key))

    def send_command(self, key: str, worker: str, command: Command) -> None:
        """Send a worker a command for a training; returns at once."""
        client = self._client
        if client is not None:
            send = partial(client.run, worker_tasks.set_command, key, command)
            client.loop.add_callback(partial(send, workers=[worker], on_error="ignore"))

    def stop_trainings(self) -> None:
        """Have the workers of a cluster elsewhere end what a process before this one had them train.

        Raises OSError if nobody answers at the scheduler's address.
        """
        if self._scheduler is not None:
            self.connect().run(worker_tasks.stop_trainings)

    def forget(self, key: str) -> None:
        """Cancel a training whose worker is gone."""
        task = self._tasks.pop(key, None)
        if task is not None:
            task.cancel()

    def restart(self, worker: str) -> None:
        """Kill a worker, whatever it is doing; its nanny starts another in its place.

        Unlike Dask's own restart, this waits neither for the worker to end by itself nor for the
        nanny's answer.
        """
        try:
            self._kill(worker)
            end = time.monotonic() + SILENCE
            while worker in self.workers() and time.monotonic() < end:
                time.sleep(0.05)
        except Exception:
            _log.exception("The worker %s cannot be restarted", worker)

    def _kill(self, worker: str) -> None:
        client = self.connect()
        kill = partial(client.run, worker_tasks.kill_worker, nanny=True, on_error="ignore")
        client.loop.add_callback(partial(kill, workers=[worker]))

    def restart_cluster(self) -> None:
        """End the cluster that came with the app and start another."""
        if self._scheduler is None:
            self._disconnect()
        self.connect()

    def call(
        self,
        function: Callable[..., Any],
        *arguments: Any,
        later: bool = False,
        key: str | None = None,
    ) -> Future[Any]:
        """Run a function on a worker, next to its training; return the future of its answer.

        Each worker runs several at a time. Those that are to run `later` let all others go first.
        Calls with the same `key`, which must name function and arguments wholly, share one answer
        while it is being computed.

        The future raises what the function raises, and RunError if no worker can run it. It can be
        canceled until the function begins. Then the function does not run, unless it begins before
        word of that reaches the worker.
        """
        name = f"question-{key or secrets.token_hex(8)}"
        question = _Question(name, function, arguments, _LATER if later else _FIRST)
        with self._lock:
            if self._closed:
                question.answer.set_exception(RunError(_CLOSED))
                return question.answer
            self._open.append(question)
        client = self._client
        if client is not None and self.connected:
            self._send(client, question)
        else:
            self.events.put(None)  # wakes the dispatcher, which connects
        return question.answer

    def submit_backlog(self) -> None:
        """Send the workers what was asked, or expected, while there was no connection."""
        with self._lock:
            backlog = [question for question in self._open if not question.sent]
        if not backlog and not self._expected:
            return
        self._expected = False
        try:
            client = self.connect()
        except Exception as error:
            _log.error("There is no connection to workers: %s", error)
            self._fail(
                backlog, f"No worker is available right now ({error}). Try again in a minute."
            )
            return
        for question in backlog:
            self._send(client, question)

    def close(self) -> None:
        """End the connection, and the cluster if it came with the app. Open questions fail."""
        with self._lock:
            self._closed = True
        self._fail(self._open, _CLOSED)
        self._disconnect()

    def _disconnect(self, hung: bool = False) -> None:
        """End the connection, and the cluster if it came with the app: at once if it is `hung`."""
        if self._process is not None and hung:
            cluster.kill(self._process)
        if self._client is not None:
            with suppress(TimeoutError):
                self._client.close(timeout=2)
            self._client = None
        if self._process is not None:
            cluster.stop(self._process)
            self._process = None
        self._signs.clear()
        self._fail([question for question in self._open if question.sent], _WORKER_LOST)

    def _send(self, client: Client, question: _Question) -> None:
        with self._lock:
            if question.sent or question not in self._open:
                return
            question.sent = True
        try:
            task = client.submit(
                worker_tasks.answer,
                self._topic,
                question.key,
                question.function,
                *question.arguments,
                key=question.key,
                priority=question.priority,
                fifo_timeout=0,  # equal priorities keep their order, however quickly they come
            )
        except Exception as error:
            self._settle(question, error=error)
            return
        # Also when it is canceled. Dask drops a task that no future needs, unless it has begun.
        question.answer.add_done_callback(lambda _: task.release())
        client.loop.add_callback(self._wait_for, task, question)

    def _fail(self, questions: list[_Question], message: str) -> None:
        for question in list(questions):
            self._settle(question, error=RunError(message))

    async def _wait_for(self, task: Task, question: _Question) -> None:
        try:
            self._settle(question, await task)
        except (KilledWorker, CancelledError):
            self._settle(question, error=RunError(_WORKER_LOST))
        except Exception as error:
            self._settle(question, error=error)

    def _settle(
        self, question: _Question, answer: Any = None, error: Exception | None = None
    ) -> None:
        """Give a question its answer or error, unless it has one or was canceled."""
        future = question.answer
        with self._lock:
            if question in self._open:
                self._open.remove(question)
            if future.done() or not (future.running() or future.set_running_or_notify_cancel()):
                return
        if error is None:
            future.set_result(answer)
        else:
            future.set_exception(error)

    def _on_event(self, event: tuple[float, tuple[str, bytes | str]]) -> None:
        _, (key, message) = event
        if isinstance(message, bytes):
            self.events.put((key, pickle.loads(message)))
            return
        with self._lock:  # a question whose function begins now, on the worker named
            for question in [one for one in self._open if one.key == key]:
                question.worker, question.began = message, time.monotonic()
                future = question.answer
                if not (future.running() or future.done()):
                    future.set_running_or_notify_cancel()

    def _training_over(self, key: str) -> None:
        self._tasks.pop(key, None)
        self.events.put((key, None))
