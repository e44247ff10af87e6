"""The workers that train, on this machine or on a Dask cluster elsewhere, and how to talk to them."""

import itertools
import logging
import pickle
import queue
import secrets
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from functools import partial
from typing import Any

from distributed import Client
from distributed import Future as Task
from distributed.scheduler import KilledWorker

from cnn.training.events import Command, EpochEnd, Outcome, Point
from cnn.training.run import RunError
from cnn.training.scheduling import cluster
from cnn.training.worker import worker_tasks

Event = Point | EpochEnd | Outcome | None
"""What is heard of a run; None: its worker works on it no more, whatever the reason."""

_LAST_BREATH = 10.0
"""Seconds in which the scheduler notices that a worker was killed."""


class WorkerPool:
    """A connection to workers, made when it is first needed and again when it was lost.

    `hear` is called with the id of a run and an event, in order, from a thread that must not wait.
    `count` is how many workers there are, as last looked (before that, and while none is there: as
    many as were asked for).
    """

    def __init__(
        self, workers: int, scheduler: str | None, hear: Callable[[str, Event], None]
    ) -> None:
        self._workers = workers
        self.count = workers
        self._scheduler = scheduler
        self._hear = hear
        self._topic = f"cnn-{secrets.token_hex(8)}"
        self._tasks: dict[str, Task] = {}
        self._connecting = threading.Lock()
        self._calls: queue.PriorityQueue[tuple[bool, int, Future[Any], Callable[[], Any]]]
        self._calls = queue.PriorityQueue()
        self._number = itertools.count()  # calls of one kind stay in their order
        self._client: Client | None = None
        self._process: subprocess.Popen[str] | None = None
        # A daemon, unlike the threads of an executor: it must not keep the web process from ending.
        threading.Thread(target=self._answer, name="calls", daemon=True).start()

    def connect(self) -> Client:
        """The connection; the workers are started if there is need. Takes seconds the first time.

        Raises:
            OSError: Nobody answers at the scheduler's address, or no cluster could be started.
        """
        with self._connecting:
            if self._client is not None:
                process_lives = self._process is None or self._process.poll() is None
                if self._client.status == "running" and process_lives:
                    return self._client
                self._disconnect()
            address = self._scheduler
            if address is None:
                self._process, address = cluster.start(self._workers)
            self._client = Client(address, set_as_default=False, timeout="20s")
            self._client.register_plugin(worker_tasks.Forget(self._topic))
            self._client.register_plugin(worker_tasks.WarmUp())
            self._client.subscribe_topic(self._topic, self._on_event)
            return self._client

    def workers(self) -> list[str]:
        """The addresses of the workers there are now."""
        present = list(self.connect().nthreads())
        self.count = len(present) or self._workers
        return present

    def look(self) -> None:
        """Count the workers anew, where there is a connection."""
        if self._client is not None and self._client.status == "running":
            self.workers()

    def start(self, run_id: str, worker: str, order: worker_tasks.Order) -> None:
        """Send an order to a worker."""
        client = self.connect()
        # Scattered, for the images are too large for the scheduler to keep beside the task.
        [held] = client.scatter([order], workers=[worker], hash=False)
        task = client.submit(
            worker_tasks.work, self._topic, run_id, held, key=f"train-{run_id}", workers=[worker]
        )
        self._tasks[run_id] = task
        task.add_done_callback(lambda _: self._on_over(run_id))

    def tell(self, run_id: str, worker: str, command: Command) -> None:
        """Give a worker a command for a run; returns at once."""
        client = self._client
        if client is not None:
            say = partial(client.run, worker_tasks.tell, run_id, command)
            client.loop.add_callback(partial(say, workers=[worker], on_error="ignore"))

    def restart(self, worker: str) -> None:
        """Kill a worker, whatever it is doing; its nanny starts another in its place.

        Unlike Dask's own restart, this waits neither for the worker to come to an end by itself
        nor for the nanny's answer.
        """
        try:
            client = self.connect()
            kill = partial(client.run, worker_tasks.kill_worker, nanny=True, on_error="ignore")
            client.loop.add_callback(partial(kill, workers=[worker]))
            end = time.monotonic() + _LAST_BREATH
            while worker in self.workers() and time.monotonic() < end:
                time.sleep(0.05)
        except Exception:
            logging.getLogger(__name__).exception("The worker %s cannot be restarted", worker)

    def abandon(self, run_id: str) -> None:
        """Forget what was sent for a run whose worker is gone."""
        task = self._tasks.pop(run_id, None)
        if task is not None:
            task.cancel()

    def renew(self) -> None:
        """End the cluster that came with the app and start another, when its workers stay away."""
        if self._scheduler is None:
            with self._connecting:
                self._disconnect()
        self.connect()

    def call(
        self, function: Callable[..., Any], *arguments: Any, later: bool = False
    ) -> Future[Any]:
        """Run any other function on a worker, beside its training; `later`: when no other waits.

        The future raises what the function raises, and RunError where there is no worker for it.
        It can be cancelled until its turn comes, and is then not run.
        """
        result: Future[Any] = Future()
        run = partial(self._run, function, arguments)
        self._calls.put((later, next(self._number), result, run))
        return result

    def close(self) -> None:
        """End the connection, and the cluster if it came with the app."""
        with suppress(queue.Empty):
            while True:  # or a call that waits would connect again
                _, _, result, _ = self._calls.get_nowait()
                if result.set_running_or_notify_cancel():
                    result.set_exception(RunError("The server was closed before this was done."))
        with self._connecting:
            self._disconnect()

    def _answer(self) -> None:
        """Run the calls. One at a time: a worker's other thread is for its training."""
        while True:
            _, _, result, run = self._calls.get()
            if result.set_running_or_notify_cancel():
                try:
                    result.set_result(run())
                except Exception as error:
                    result.set_exception(error)

    def _run(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        try:
            client = self.connect()
        except Exception as error:
            raise RunError(f"There is no worker for this now ({error}).") from error
        try:
            return client.submit(function, *arguments, pure=False).result()
        except (KilledWorker, CancelledError) as error:
            raise RunError("The worker for this went away. Try it again.") from error

    def _disconnect(self) -> None:
        if self._client is not None:
            self._client.close(timeout=2)
            self._client = None
        if self._process is not None:
            cluster.stop(self._process)
            self._process = None

    def _on_event(self, event: tuple[float, tuple[str, bytes]]) -> None:
        _, (run_id, message) = event
        self._hear(run_id, pickle.loads(message))

    def _on_over(self, run_id: str) -> None:
        self._tasks.pop(run_id, None)
        self._hear(run_id, None)
