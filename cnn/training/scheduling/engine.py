"""The engine: trains networks for many sessions at once, in processes of their own."""

import hashlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.data.dataset import ChosenData
from cnn.network.spec import Network
from cnn.training.events import Checkpoint
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import Parent, Run, RunError, continued
from cnn.training.scheduling.active_run import ActiveRun
from cnn.training.scheduling.background import Lane, Wish
from cnn.training.scheduling.dispatcher import Dispatcher
from cnn.training.scheduling.limits import seconds_per_epoch
from cnn.training.scheduling.queue import Place, RunQueue
from cnn.training.store import RunStore

SCHEDULER_VARIABLE = "CNN_PLAYGROUND_SCHEDULER"
"""The environment variable with the address of a Dask scheduler to use instead of own workers."""

LONGEST_QUEUE = 60

MOST_IN_BACKGROUND = 600
"""Runs that all experiments together may still have to do."""


class Engine:
    """Queues, starts, follows and stops runs. All methods may be called from any thread.

    A session is any text that stands for one visitor. The workers are started in the background at
    once: `workers` processes on this machine, or those of the Dask cluster whose scheduler is at
    `scheduler` (or at the address in the environment). Each worker trains one run at a time.
    """

    def __init__(self, store: RunStore, workers: int = 1, scheduler: str | None = None) -> None:
        self._store = store
        self._roll = RunQueue(store)
        scheduler = scheduler or os.environ.get(SCHEDULER_VARIABLE)
        self._foreman = Dispatcher(self._roll, store, workers, scheduler)

    @property
    def workers(self) -> int:
        """How many trainings can go on at once, wherever the workers are."""
        return self._foreman.workforce.count

    def submit(self, network: Network, settings: Settings, chosen: ChosenData, session: str) -> Run:
        """Ask for a training; returns its run, which may be shared or already done.

        The same training is never done twice: a run that is done is returned as it is, one that is
        live is shared. A session waits for one run at most: asking for another gives up the first.

        Raises:
            RunError: It is beyond the limits, the queue is full, or it cannot be saved.
            NetworkError: The network cannot read these images.
        """
        return self._enter(Job(network, chosen.choice, settings), chosen, session)

    def continue_run(
        self, run_id: str, chosen: ChosenData, session: str, phase: Phase | None = None
    ) -> Run:
        """Go on from the last epoch of a run, in a new run that has the history of the first.

        With a `phase` it is trained for so many epochs more; without, to the end that was planned.

        Raises:
            RunError: The run cannot be continued, or not like this.
        """
        origin = self._trained_on(run_id, chosen)
        job = replace(origin.job, settings=continued(origin, phase))
        parent = Parent(origin.id, origin.last_epoch)
        if not origin.epochs:
            return self._enter(job, chosen, session, parent)
        return self._enter(job, chosen, session, parent, self._store.checkpoint(origin), origin)

    def train_edited(
        self,
        run_id: str,
        epoch: int,
        weights: NDArray[np.float32],
        chosen: ChosenData,
        session: str,
        phase: Phase,
    ) -> Run:
        """Train a network that was changed by hand, in a new run whose epoch 0 it is.

        `weights` are flat, those of the run after `epoch` with the changes made; they are trained
        with the run's settings for one `phase`, by an optimiser that starts afresh. The same
        changes and phase give the same run.

        Raises:
            RunError: As `submit`, or the images are not those of the run.
        """
        origin = self._trained_on(run_id, chosen)
        job = replace(origin.job, settings=replace(origin.job.settings, phases=(phase,)))
        digest = hashlib.sha256(weights.tobytes()).hexdigest()
        start = Checkpoint(0, weights, fresh=True)
        return self._enter(job, chosen, session, Parent(origin.id, epoch, digest), start)

    def submit_background(self, owner: str, wishes: Sequence[Wish]) -> None:
        """Have trainings done when no person waits, as many at once as there are workers.

        A run in training makes way for a person's and goes on after it from its last whole epoch;
        one whose worker goes away does so, too. Only the last epoch's weights are kept.

        Raises:
            RunError: Too many wait already.
        """
        if self._foreman.background.wishes + len(wishes) > MOST_IN_BACKGROUND:
            raise RunError(
                f"Experiments wait for {self._foreman.background.wishes} runs already; all together"
                f" may have {MOST_IN_BACKGROUND}. Try again when some are done."
            )
        self._foreman.background.enter(owner, wishes)
        self._foreman.wake()

    def cancel_background(self, owner: str) -> None:
        """Withdraw what waits for an owner in the background, and stop what is in training."""
        with self._roll.lock:
            for live in self._foreman.background.withdraw(owner):
                if live.command != "stop":
                    self._foreman.stop(live, "Its experiment was cancelled.")

    def background(self, owner: str) -> Lane:
        """What an owner has in the background."""
        return self._foreman.background.lane(owner)

    def run(self, run_id: str, session: str | None = None) -> Run:
        """The run as it is now. With a session, that session follows it from here on.

        Raises:
            RunError: There is no such run.
        """
        live = self._roll.find(run_id)
        if live is None:
            return self._roll.ended(run_id)
        if session is not None:
            with self._roll.lock:
                live.look(session)
        return live.run

    def place(self, run_id: str) -> Place | None:
        """Where a run is in the queue, and how long it will wait; None if it does not wait."""
        return self._roll.place(run_id)

    @property
    def pace(self) -> float | None:
        """How many times as long as the reference an epoch takes here; None until it is measured."""
        return self._roll.pace

    def stop(self, run_id: str, session: str) -> Run:
        """End a run and keep its whole epochs; withdraw it if it still waits.

        When others follow it too it goes on for them, and the session gets a stopped copy, which
        is the run returned.

        Raises:
            RunError: There is no such run, or it is an experiment's.
        """
        with self._roll.lock:
            live = self._roll.find(run_id)
            if live is None:
                return self._roll.ended(run_id)
            if live.followers() - {session}:
                return self._copy_for_leaver(live, session)
            _not_of_an_experiment(live)
            if live.worker is None:
                return self._roll.end(live, "stopped", "It was withdrawn before it began.")
            self._foreman.stop(live)
            return live.run

    def pause(self, run_id: str, session: str) -> Run:
        """Hold a run where it is, until `resume`.

        Raises:
            RunError: Others follow it too, or it is not training.
        """
        with self._roll.lock:
            live = self._roll.find(run_id)
            if live is None or live.run.status != "training" or live.command != "go":
                raise RunError("Only a run that is training can be paused.")
            _not_of_an_experiment(live)
            if live.followers() - {session}:
                raise RunError(
                    "Others follow this run too, so it cannot be paused. Stop it to keep a copy of"
                    " what it has learned so far."
                )
            self._foreman.command(live, "pause", "paused", "Paused; its worker waits.")
            return live.run

    def resume(self, run_id: str) -> Run:
        """Let a paused run go on.

        Raises:
            RunError: It is not paused.
        """
        with self._roll.lock:
            live = self._roll.find(run_id)
            if live is None or live.command != "pause":
                raise RunError("Only a paused run can be resumed.")
            self._foreman.command(live, "go", "training", "")
            return live.run

    def call(
        self, function: Callable[..., Any], *arguments: Any, later: bool = False
    ) -> Future[Any]:
        """Run another function on a worker, beside its training (a download, for example).

        With `later` it lets all others go first.
        """
        return self._foreman.workforce.call(function, *arguments, later=later)

    def keep(self, run: Run, weights: Mapping[int, NDArray[np.float32]]) -> Run:
        """Keep a run that came as a file. Raises RunError where it cannot be saved."""
        kept = self._store.save_imported(run, weights)
        with self._roll.lock:
            self._store.clear({live.run.id for live in self._roll.live()})
        return kept

    def close(self) -> None:
        """End the workers; the runs that are live are interrupted."""
        self._foreman.close()
        for live in self._roll.live():
            self._roll.end(live, "interrupted", "The server was closed during this run.")

    def _trained_on(self, run_id: str, chosen: ChosenData) -> Run:
        run = self.run(run_id)
        if chosen.choice != run.job.data:
            raise RunError("A run can be continued only with the images it was trained on.")
        return run

    def _enter(
        self,
        job: Job,
        chosen: ChosenData,
        session: str,
        parent: Parent | None = None,
        start: Checkpoint | None = None,
        history: Run | None = None,
    ) -> Run:
        """Find the run that does this job from this start, or queue a new one with a history."""
        seconds = seconds_per_epoch(job, chosen)
        with self._roll.lock:
            done = self._store.done(job, parent)
            if done is not None:
                return done
            live = self._roll.shared(job, parent)
            if live is None:
                if (
                    len([one for one in self._roll.waiting() if one.owners != {session}])
                    >= LONGEST_QUEUE
                ):
                    raise RunError(
                        f"{LONGEST_QUEUE} runs wait already, which is as many as can. Try again in"
                        " a few minutes."
                    )
                live = ActiveRun(self._new(job, parent, history), chosen, start, seconds)
                self._roll.give_up_waiting(session)
                self._roll.enter(live)
            elif live.worker is None and session not in live.owners:
                self._roll.give_up_waiting(session)
            live.owners.add(session)
            live.look(session)
        self._foreman.wake()
        return live.run

    def _new(self, job: Job, parent: Parent | None, history: Run | None) -> Run:
        now = time.time()
        run = Run(self._store.new_id(), job, "queued", "It waits for its turn.", now, now, parent)
        if history is not None:
            return self._store.save_copy(history, run)
        self._store.save(run)
        return run

    def _copy_for_leaver(self, live: ActiveRun, session: str) -> Run:
        live.leave(session)
        copy = replace(
            live.run,
            id=self._store.new_id(),
            status="stopped",
            message="You stopped here; the others who follow this run train it on.",
            updated=time.time(),
        )
        return self._store.save_copy(live.run, copy)


def _not_of_an_experiment(live: ActiveRun) -> None:
    if live.background:
        raise RunError("This run belongs to an experiment; cancel that on the Experiments page.")
