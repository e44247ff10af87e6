"""Runs on disk: a folder each, with the record, the weights of its epochs and how to go on.

    <id>/run.json               the snapshot, written last: what it names is there
    <id>/weights/epoch_000.npy  flat float32
    <id>/resume/epoch_030.bin   the state of the optimizer after the last epoch

Every file is replaced as a whole and has a checksum, so a process killed at any moment leaves its
whole epochs, and what was damaged since is told from what was written.
"""

import io
import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from math import inf
from pathlib import Path

import numpy as np

from cnn.arrays import Array
from cnn.server_limits import LIMITS
from cnn.storage import (
    RecordError,
    encode,
    is_safe_id,
    last_write,
    new_id,
    read_file,
    read_record,
    remove,
    remove_leftovers,
    write_file,
)
from cnn.training.events import Checkpoint, EpochEnd
from cnn.training.job import Job
from cnn.training.run import Parent, Run, RunError, with_epoch, without_unfinished_epoch

EXAMPLES = Path(__file__).parent / "example"
"""Runs that come with the app; never written, never cleared."""

WEIGHTS_BUDGET = 128 * 2**20
"""Bytes for the weights of one run; a run that needs more keeps every second, third, ... epoch."""

MOST_RUNS = LIMITS.runs
OLDEST = 24 * 3600 * LIMITS.days
"""Seconds that a run is kept."""

_log = logging.getLogger(__name__)


class RunStore:
    """The runs in `folder`, and those in `examples`, which are read only.

    Many processes may read a folder, but one at a time may write to it, see `sharing.Lease`.
    """

    def __init__(self, folder: Path, examples: Path = EXAMPLES) -> None:
        self.folder = folder
        self._examples = examples
        self._done: defaultdict[tuple[Job, Parent | None], list[str]] = defaultdict(list)
        self._unfinished()

    def take_over(self) -> list[Run]:
        """Begin to write to the folder; returns what another process left unfinished there.

        The run that was created first comes first.
        """
        remove_leftovers(self.folder)
        return sorted(self._unfinished(), key=lambda run: run.created)

    def _unfinished(self) -> list[Run]:
        """Read all records: remember those of finished runs, return those of unfinished ones."""
        unfinished = []
        for record in sorted(self.folder.glob("*/run.json")):
            with suppress(RunError):
                run = self.run(record.parent.name)
                self._remember(run)
                if run.live:
                    unfinished.append(run)
        return unfinished

    def run(self, run_id: str) -> Run:
        """The run called `run_id`. Raises RunError where there is none, or its record is damaged."""
        record = self._place(run_id) / "run.json"
        try:
            return _read_record(record, record.stat().st_mtime_ns)
        except OSError:
            raise RunError(_unknown(run_id)) from None
        except RecordError as error:
            raise RunError(
                f"The record of this run is damaged and cannot be read: {error!s:.200}."
            ) from None

    def done(self, job: Job, parent: Parent | None, whole: bool = True) -> Run | None:
        """The run that did this very job to its end here, if there is one.

        An example run does not count: training its network shall be seen, too. For the same reason
        one that kept only its last epoch does not where it has to be `whole`. One whose weights are
        missing or damaged never counts.
        """
        runs = sorted(self._readable(self._done.get((job, parent), [])), key=_is_whole)
        fitting = (run for run in reversed(runs) if _is_whole(run) or not whole)
        return next((run for run in fitting if self._is_sound(run)), None)

    def weights(self, run_id: str, epoch: int) -> Array:
        """The weights after `epoch`, flat and read-only.

        Raises RunError where there are none, or they are not what was written.
        """
        try:
            vector = from_npy(read_file(_weights_file(self._place(run_id), epoch)))
        except FileNotFoundError:
            raise RunError(
                f"The weights of epoch {epoch} of this run were not kept; choose another epoch."
            ) from None
        except (OSError, RecordError) as error:
            raise RunError(
                f"The weights of epoch {epoch} of this run are damaged on the server ({error!s:.120}). Choose another epoch, or train this network again."
            ) from None
        vector.setflags(write=False)
        return vector

    def checkpoint(self, run: Run) -> Checkpoint:
        """Where a run stands after its last whole epoch, to go on from there.

        A run that early stopping ended has used up its patience: the count starts afresh there. A
        run that was imported has no state of the optimizer. Raises RunError where a file is damaged.
        """
        epoch = run.last_epoch
        try:
            resume = read_file(_resume_file(self._place(run.id), epoch))
        except FileNotFoundError:
            resume = b""
        except (OSError, RecordError) as error:
            raise RunError(
                f"The state of the optimizer after epoch {epoch} of this run is damaged on the server ({error!s:.120}). Train this network again."
            ) from None
        weights = self.weights(run.id, epoch)
        patience, best, best_epoch = run.job.settings.patience, inf, 0
        for record in run.epochs[1:]:
            if record.validation_loss < best:
                best, best_epoch = record.validation_loss, record.epoch
            elif patience is not None and record.epoch - best_epoch >= patience:
                best, best_epoch = inf, 0
        return Checkpoint(epoch, weights, resume, best, best_epoch)

    def save(self, run: Run) -> None:
        """Write the record of a run. Like all that writes, raises RunError where it cannot.

        Of a run that has ended it names only the epochs whose weights are there: its folder may
        have been deleted meanwhile.
        """
        folder = self.folder / run.id
        if not run.live:
            there = tuple(epoch for epoch in run.kept if _weights_file(folder, epoch).exists())
            run = replace(run, kept=there)
        _write(folder / "run.json", encode(run).encode())
        self._remember(run)

    def save_epoch(self, run: Run, end: EpochEnd, last_only: bool = False) -> Run:
        """Write the end of an epoch; returns the run with that epoch.

        With `last_only` the weights of the epochs before are given up.
        """
        folder = self.folder / run.id
        _write(_weights_file(folder, end.epoch), npy(end.weights))
        _write(_resume_file(folder, end.epoch), end.resume)
        snapshots = (run.planned_epochs + 1) * end.weights.nbytes
        every = max(1, -(-snapshots // WEIGHTS_BUDGET))
        before = () if last_only else tuple(epoch for epoch in run.kept if epoch % every == 0)
        kept = (*before, end.epoch)
        saved = replace(with_epoch(run, end), kept=kept, updated=time.time())
        self.save(saved)
        for epoch in set(run.kept) - set(kept):
            remove(_weights_file(folder, epoch))
        for other in set(folder.glob("resume/*")) - {_resume_file(folder, end.epoch)}:
            remove(other)
        return saved

    def save_copy(self, original: Run, copy: Run) -> Run:
        """Write `copy`, given the epochs and the weights of `original`; returns it with them.

        Weights that are missing or damaged are left out.
        """
        whole = without_unfinished_epoch(original)
        source, target = self._place(original.id), self.folder / copy.id
        kept = []
        for epoch in whole.kept:
            if _copied(_weights_file(source, epoch), _weights_file(target, epoch)):
                kept.append(epoch)
        _copied(_resume_file(source, whole.last_epoch), _resume_file(target, whole.last_epoch))
        copy = replace(copy, points=whole.points, epochs=whole.epochs, kept=tuple(kept))
        self.save(copy)
        return copy

    def save_imported(self, run: Run, weights: Mapping[int, Array]) -> Run:
        """Write a run that came as a file, under a new id; returns it as it is kept.

        It leaves nothing behind where it cannot be written.
        """
        now = time.time()
        message = "Imported from a file; nobody here has seen this training."
        kept = replace(run, id=new_id(), message=message, created=now, updated=now)
        kept = replace(kept, imported=True, owner="")
        folder = self.folder / kept.id
        try:
            for epoch, vector in weights.items():
                _write(_weights_file(folder, epoch), npy(vector))
            self.save(kept)
        except RunError:
            remove(folder)
            raise
        return kept

    def clear(self, live: set[str]) -> None:
        """Forget the runs too old or too many, the longest untouched first; never a live one.

        Those that kept only their last epoch are counted apart: an experiment of sixty shall not
        push out what people have trained to look at.
        """
        others = [path for path in self.folder.glob("[!.]*") if path.name not in live]
        ages = [(_touched(path), path) for path in others]
        ages.sort(reverse=True)
        oldest = time.time() - OLDEST
        counts = {True: 0, False: 0}
        for touched, path in ages:
            whole = _weights_file(path, 0).exists()
            counts[whole] += 1
            if counts[whole] > MOST_RUNS or touched < oldest:
                remove(path)

    def _readable(self, run_ids: Iterable[str]) -> Iterator[Run]:
        for run_id in run_ids:
            with suppress(RunError):
                yield self.run(run_id)

    def _is_sound(self, run: Run) -> bool:
        """Whether all weights of a run that has ended can be read."""
        try:
            for epoch in {*run.kept, run.last_epoch}:
                self.weights(run.id, epoch)
        except RunError as error:
            _log.warning("Run %s is not used again: %s", run.id, error)
            return False
        return True

    def _place(self, run_id: str) -> Path:
        if not is_safe_id(run_id):
            raise RunError(_unknown(run_id))
        own = self.folder / run_id
        return own if own.exists() else self._examples / run_id

    def _remember(self, run: Run) -> None:
        if run.status == "done" and not run.imported:
            runs = self._done[run.job, run.parent]
            if run.id not in runs:
                runs.append(run.id)


def _is_whole(run: Run) -> bool:
    return 0 in run.kept


@lru_cache(maxsize=256)
def _read_record(record: Path, _written: int) -> Run:
    return read_record(Run, record)


def _unknown(run_id: str) -> str:
    return f"There is no run “{run_id:.64}” here; it may have been cleared since. Train a new one."


def _weights_file(folder: Path, epoch: int) -> Path:
    return folder / "weights" / f"epoch_{epoch:03d}.npy"


def _resume_file(folder: Path, epoch: int) -> Path:
    return folder / "resume" / f"epoch_{epoch:03d}.bin"


def _touched(folder: Path) -> float:
    return last_write(folder / "run.json") or last_write(folder)


def npy(vector: Array) -> bytes:
    """The content of a .npy file with this flat vector, float32."""
    buffer = io.BytesIO()
    np.save(buffer, vector.astype("<f4", copy=False), allow_pickle=False)
    return buffer.getvalue()


def from_npy(content: bytes) -> Array:
    """The vector in the content of a .npy file. Raises RecordError where it is not one of ours."""
    start = content.find(b"\n") + 1
    vector = np.frombuffer(content[start : start + (len(content) - start) // 4 * 4], "<f4")
    if npy(vector) != content:
        raise RecordError("it is not a whole vector of weights")
    return vector.astype(np.float32)


def _write(path: Path, content: bytes) -> None:
    try:
        write_file(path, content)
    except OSError as error:
        raise RunError(f"This run cannot be saved on the server ({error.strerror}).") from None


def _copied(source: Path, target: Path) -> bool:
    try:
        content = read_file(source)
    except (OSError, RecordError):
        return False
    _write(target, content)
    return True
