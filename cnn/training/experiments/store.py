"""Experiments on disk: a JSON file each, with what was planned and what came of it so far."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from cnn.storage import (
    RecordError,
    is_safe_id,
    last_write,
    new_id,
    read_record,
    remove,
    remove_leftovers,
    write_record,
)
from cnn.training.experiments.experiment import Experiment, Result
from cnn.training.experiments.factors import ExperimentError

EXAMPLES = Path(__file__).parent.parent / "example" / "experiments"
"""Experiments that come with the app, only their figures."""

MOST_EXPERIMENTS = 500
LARGEST_FILE = 1_000_000
LONGEST_TITLE = 80

_adding = threading.Lock()  # of all stores: one is sent from process to process


@dataclass(frozen=True)
class Record:
    """An experiment as it is kept.

    `owner` is a digest of the session that made it, "" for an example; `created` is in seconds
    since 1970; `test_images` says how many the accuracies are measured on (0: it differs); `results`
    are there for the runs that have ended. `command` makes an example.
    """

    id: str
    title: str
    owner: str
    created: float
    experiment: Experiment
    test_images: int
    results: tuple[Result, ...] = ()
    command: str = ""

    def __post_init__(self) -> None:
        names = len(self.experiment.factors)
        if any(len(result.levels) != names for result in self.results):
            raise ExperimentError("A result does not belong to this experiment.")


class ExperimentStore:
    """The experiments in `folder`, and those in `examples`, which are read only."""

    def __init__(self, folder: Path, examples: Path = EXAMPLES) -> None:
        self._folder = folder
        self._examples = examples
        remove_leftovers(folder)

    def create(self, title: str, session: str, experiment: Experiment, test_images: int) -> Record:
        """Keep a new experiment. Like all that writes, raises ExperimentError where it cannot."""
        title = title.strip()[:LONGEST_TITLE] or "Experiment"
        record = Record(new_id(), title, owner(session), time.time(), experiment, test_images)
        self._clear()
        self._write(record)
        return record

    def record(self, experiment_id: str) -> Record:
        """The experiment called so. Raises ExperimentError where there is none, or it is damaged."""
        if not is_safe_id(experiment_id):
            raise _unknown(experiment_id)
        for folder in (self._folder, self._examples):
            path = folder / f"{experiment_id}.json"
            if path.exists():
                return _read(path)
        raise _unknown(experiment_id)

    def add(self, experiment_id: str, result: Result) -> None:
        """Keep what came of a run, in the place of what came of it before."""
        with _adding:
            record = self.record(experiment_id)
            same = result.levels, result.seed
            others = [one for one in record.results if (one.levels, one.seed) != same]
            self._write(replace(record, results=(*others, result)))

    def of(self, session: str) -> list[Record]:
        """A session's experiments, the newest first; a damaged one is left out."""
        mine = owner(session)
        found = [record for record in _readable(self._folder) if record.owner == mine]
        return sorted(found, key=lambda record: -record.created)

    def examples(self) -> list[Record]:
        return list(_readable(self._examples))

    def _clear(self) -> None:
        files = sorted(self._folder.glob("*.json"), key=last_write, reverse=True)
        for path in files[MOST_EXPERIMENTS - 1 :]:
            remove(path)

    def _write(self, record: Record) -> None:
        try:
            write_record(self._folder / f"{record.id}.json", record)
        except OSError as error:
            raise ExperimentError(
                f"This experiment cannot be saved on the server ({error.strerror})."
            ) from None


def owner(session: str) -> str:
    """A session's name in files: nobody can act for it who reads them."""
    return hashlib.sha256(session.encode()).hexdigest()


def _readable(folder: Path) -> Iterator[Record]:
    for path in sorted(folder.glob("*.json")):
        with suppress(ExperimentError):
            yield _read(path)


def _read(path: Path) -> Record:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise RecordError("it is too large")
        return read_record(Record, path)
    except (RecordError, OSError) as error:
        raise ExperimentError(
            f"The file of this experiment is damaged and cannot be read ({error!s:.120})."
        ) from None


def _unknown(experiment_id: str) -> ExperimentError:
    return ExperimentError(
        f"There is no experiment “{experiment_id:.64}” here; it may have been cleared since."
    )
