"""The runs that are still to end, and the queue of those that wait."""

import logging
import threading
import time
from dataclasses import dataclass, replace

from cnn.training.events import Ending
from cnn.training.job import Job
from cnn.training.run import Parent, Run, RunError, without_unfinished_epoch
from cnn.training.scheduling.active_run import ActiveRun
from cnn.training.store import RunStore


@dataclass(frozen=True)
class Place:
    """A place in the queue, from 1, and the seconds to wait there, roughly."""

    position: int
    seconds: float


class RunQueue:
    """The live runs. `lock` is held by whoever changes one; the methods hold it too.

    `pace` is how many times as long as the reference an epoch takes here, as last measured.
    """

    def __init__(self, store: RunStore) -> None:
        self.lock = threading.RLock()
        self.pace: float | None = None
        self._store = store
        self._live: dict[str, ActiveRun] = {}
        self._waiting: list[str] = []
        self._unsaved: dict[str, Run] = {}

    def find(self, run_id: str) -> ActiveRun | None:
        """The live run called `run_id`."""
        return self._live.get(run_id)

    def shared(self, job: Job, parent: Parent | None, background: bool = False) -> ActiveRun | None:
        """The live run that does this very job, if none has paused or stopped it.

        With `background` those count, too, that keep only their last epoch's weights.
        """
        with self.lock:
            wanted = (job, parent, "go")
            runs = [live for live in self._live.values() if background or not live.background]
            return next((r for r in runs if (r.run.job, r.run.parent, r.command) == wanted), None)

    def ended(self, run_id: str) -> Run:
        """The run called `run_id`, which is not live; RunError if there is none."""
        return self._unsaved.get(run_id) or self._store.run(run_id)

    def live(self) -> list[ActiveRun]:
        """All live runs."""
        with self.lock:
            return list(self._live.values())

    def training(self) -> list[ActiveRun]:
        """The runs that have a worker."""
        return [live for live in self.live() if live.worker]

    def waiting(self) -> list[ActiveRun]:
        """The runs that wait, in order."""
        with self.lock:
            return [self._live[run_id] for run_id in self._waiting]

    def next(self) -> ActiveRun | None:
        """The first to wait of those whose sessions have not all a run in training."""
        with self.lock:
            busy = {session for live in self.training() for session in live.owners}
            return next((live for live in self.waiting() if live.owners - busy), None)

    def place(self, run_id: str) -> Place | None:
        """Where a run is in the queue; None if it does not wait."""
        with self.lock:
            if run_id not in self._waiting:
                return None
            index = self._waiting.index(run_id)
            training = [live for live in self.training() if not live.background]
            ahead = training + self.waiting()[:index]
            seconds = sum(live.seconds_left(self.pace or 1.0) for live in ahead)
            return Place(index + 1, seconds / max(1, len(training)))

    def enter(self, live: ActiveRun) -> None:
        """Put a run at the end of the queue."""
        with self.lock:
            self._live[live.run.id] = live
            self._waiting.append(live.run.id)

    def begin(self, live: ActiveRun, worker: str) -> bool:
        """Give a waiting run to a worker; False if it was withdrawn meanwhile."""
        with self.lock:
            if live.run.id not in self._waiting:
                return False
            self._waiting.remove(live.run.id)
            live.worker = worker
            live.show("starting", "The worker gets ready.")
            return True

    def end(self, live: ActiveRun, ending: Ending, message: str) -> Run:
        """Take a run from the roll and save it as it ended; returns it. Does nothing twice."""
        with self.lock:
            run_id = live.run.id
            if run_id not in self._live:
                return self.ended(run_id)
            run = replace(
                without_unfinished_epoch(live.run),
                status=ending,
                message=live.reason or message,
                updated=time.time(),
            )
            try:
                self._store.save(run)
                self._store.clear(set(self._live))
            except (RunError, OSError) as error:
                logging.getLogger(__name__).error("%s: %s", run_id, error)
                self._unsaved[run_id] = run
            if run_id in self._waiting:
                self._waiting.remove(run_id)
            del self._live[run_id]
            return run

    def give_up_waiting(self, session: str) -> None:
        """End the runs that wait for this session only."""
        with self.lock:
            for live in self.waiting():
                if session in live.owners:
                    live.leave(session)
                    if not live.owners:
                        self.end(live, "stopped", "Given up for a newer run before it began.")
