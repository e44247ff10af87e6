"""Has the runs of experiments done by the engine, and keeps what comes of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from cnn.data.split import ChosenData, DataChoice
from cnn.training.experiments.experiment import Experiment, Impossible, Planned, expand, result
from cnn.training.experiments.store import ExperimentStore, Record
from cnn.training.run import Run
from cnn.training.scheduling.background import BackgroundStatus, BackgroundTask
from cnn.training.scheduling.engine import Engine
from cnn.training.scheduling.limits import check_memory

_BEGINNING = 1.0
"""Seconds, about, that it takes to build a network before it learns."""


@dataclass(frozen=True)
class ExperimentStatus:
    """How an experiment stands: its record, what is still missing, and what the engine does of it."""

    record: Record
    planned: tuple[Planned, ...]
    impossible: tuple[Impossible, ...]
    missing: tuple[Planned, ...]
    background: BackgroundStatus

    @property
    def complete(self) -> bool:
        return not self.missing


class ExperimentRunner:
    """Starts, follows and cancels experiments. `chosen` gives the images of a choice of data."""

    def __init__(
        self, engine: Engine, store: ExperimentStore, chosen: Callable[[DataChoice], ChosenData]
    ) -> None:
        self._engine = engine
        self._store = store
        self._chosen = chosen

    def status(self, experiment_id: str) -> ExperimentStatus:
        """How it stands now. Raises ExperimentError where there is none, or its file is damaged."""
        background = self._engine.background(experiment_id)
        # Read after the background: a task that is no longer there has its result in the file.
        record = self._store.record(experiment_id)
        planned, impossible = expand(record.experiment, self._chosen)
        ended = [one for one in record.results if one.ending in ("done", "diverged")]
        over = {(one.levels, one.seed) for one in ended}
        missing = tuple(one for one in planned if (one.levels, one.seed) not in over)
        return ExperimentStatus(record, tuple(planned), tuple(impossible), missing, background)

    def begin(self, title: str, session: str, experiment: Experiment) -> Record:
        """Keep a new experiment and start it. Raises ExperimentError or RunError with a sentence."""
        images = len(self._chosen(experiment.base.data).test)
        if any(factor.setting == "train_share" for factor in experiment.factors):
            images = 0  # another number in each run
        record = self._store.create(title, session, experiment, images)
        self.start(record.id)
        return record

    def start(self, experiment_id: str) -> None:
        """Have done what is missing, for the first time or after a cancel or a restart.

        Raises ExperimentError where there is none, and RunError where too much waits already or a
        worker cannot hold one of its runs.
        """
        status = self.status(experiment_id)
        if status.background.busy:
            return
        for planned in status.missing:
            check_memory(planned.job, self._chosen(planned.job.data), self._engine.worker_memory)
        self._engine.submit_background(
            experiment_id,
            [
                BackgroundTask(
                    one.job,
                    self._chosen(one.job.data),
                    one.seconds / one.job.settings.epochs,
                    partial(_keep, self._store, experiment_id, one),
                )
                for one in status.missing
            ],
        )

    def seconds(self, planned: Sequence[Planned]) -> float | None:
        """How long some runs take on this machine, about; None until its speed is known."""
        factor = self._engine.speed_factor
        if factor is None or not planned:
            return None
        seconds = sum(one.seconds * factor + _BEGINNING for one in planned)
        return seconds / min(self._engine.workers, len(planned))

    def cancel(self, experiment_id: str) -> None:
        """Withdraw the runs that wait and stop those in training; what has come stays."""
        self._engine.cancel_background(experiment_id)


def _keep(store: ExperimentStore, experiment_id: str, planned: Planned, run: Run) -> None:
    store.add(experiment_id, result(planned, run))
