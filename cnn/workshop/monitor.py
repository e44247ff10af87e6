"""What a server does for its workshops by itself: it follows their runs, holds them in a pause, ends it all."""

import logging
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from cnn.training.run import Run, RunError
from cnn.workshop.store import WorkshopStore
from cnn.workshop.workshop import TrainedRun, Workshop, WorkshopError

_EVERY = 0.5
_SWEEP_EVERY = 60.0
_AFTER_ERROR = 5.0

_log = logging.getLogger(__name__)


class Trainings(Protocol):
    """What the monitor asks of the engine; see there."""

    def run(self, run_id: str) -> Run: ...
    def pause(self, run_id: str, person: str, others: Collection[str] = ()) -> Run: ...
    def resume(self, run_id: str, person: str) -> Run: ...


def updated(known: TrainedRun, run: Run, now: float) -> TrainedRun:
    """What is told of a run, as it is `now` (seconds since 1970)."""
    last = run.epochs[-1] if run.epochs else None
    return replace(
        known,
        status=run.status,
        since=known.since if run.status == known.status else now,
        epochs=run.last_epoch,
        planned=run.planned_epochs,
        # Epoch 0 is the network before it learns, which is no result.
        accuracy=last.validation_accuracy if last and last.epoch else known.accuracy,
    )


class Monitor:
    """Looks after the workshops in `store` twice a second, in a thread of its own.

    The pages read from the store only, so that a page costs the same however many people train.
    """

    def __init__(
        self, store: WorkshopStore, trainings: Trainings, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._trainings = trainings
        self._clock = clock
        self._swept = 0.0

    def start(self) -> None:
        """Begin; it goes on for as long as the process does."""
        threading.Thread(target=self._go_on, name="workshops", daemon=True).start()

    def look(self) -> None:
        """Bring everything up to date once."""
        if self._clock() - self._swept > _SWEEP_EVERY:
            self._swept = self._clock()
            self._store.sweep()
        for workshop, runs in self._store.under_way():
            people = set()
            if workshop.paused:
                people = {one.person for one in self._store.participants(workshop.id)}
            for known, held in runs:
                self._follow(workshop, known, held, people)

    def _follow(self, workshop: Workshop, known: TrainedRun, held: bool, people: set[str]) -> None:
        try:
            run = self._trainings.run(known.run)
        except RunError:  # it was deleted
            self._store.update_run(workshop.id, replace(known, status="interrupted"), False)
            return
        now_held = held and run.status == "paused"
        with suppress(
            RunError
        ):  # it has just ended, or somebody outside of the workshop watches it
            if workshop.paused and run.status == "training" and run.owner in people:
                run, now_held = self._trainings.pause(run.id, run.owner, people), True
            elif now_held and not workshop.paused:
                run, now_held = self._trainings.resume(run.id, run.owner), False
        told = updated(known, run, self._clock())
        if (told, now_held) != (known, held):
            self._store.update_run(workshop.id, told, now_held)

    def _go_on(self) -> None:
        while True:
            try:
                self.look()
            except WorkshopError as error:
                _log.warning("%s", error)
                time.sleep(_AFTER_ERROR)
            except Exception:
                _log.exception("The workshops could not be looked after")
                time.sleep(_AFTER_ERROR)
            time.sleep(_EVERY)
