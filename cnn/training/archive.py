"""A run as one file, to take along: its record and its weights, nothing that is ever executed.

    shelf.json              the name and the note it had in somebody's run library
    run.json                the record
    weights/epoch_000.npy   flat float32, of every epoch that is named as kept

A file that comes from outside is read as hostile: every size is checked before anything is
unpacked, every name and number before anything is kept.
"""

import io
import re
import stat
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite

import numpy as np

from cnn.arrays import Array
from cnn.data.dataset import DataError
from cnn.data.split import ChosenData, DataChoice
from cnn.network.plan import plan
from cnn.network.spec import NetworkError
from cnn.storage import RecordError, decode, encode, is_safe_id
from cnn.training.job import EPOCHS
from cnn.training.run import MOST_POINTS, EpochRecord, Run, RunError, without_unfinished_epoch
from cnn.training.run_library import checked
from cnn.training.scheduling.limits import seconds_per_epoch
from cnn.training.store import npy

MOST_BYTES = 48 * 2**20
"""Bytes that a file may have, packed and unpacked: what the server takes as one upload."""

_MOST_JSON = 2 * 2**20
_MOST_FILES = int(EPOCHS.high) + 3
_RECORD, _SHELF = "run.json", "shelf.json"
_NAME = re.compile(r"weights/epoch_(\d{3})\.npy", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DIRECTORY_ENTRY = b"PK\x01\x02"
_DAMAGED = "This file is damaged or not a run exported from here, so it was not imported."


@dataclass(frozen=True)
class Label:
    """What a run was called in the run library that it was exported from."""

    name: str = ""
    note: str = ""


@dataclass(frozen=True, eq=False)
class Imported:
    """A run from a file, not kept yet: its record, flat weights by epoch, and its label."""

    run: Run
    weights: Mapping[int, Array] = field(repr=False)
    label: Label


def pack(run: Run, weights: Mapping[int, Array], label: Label) -> bytes:
    """The file of a run with the weights of some of its epochs; a live one up to its last epoch."""
    whole = without_unfinished_epoch(run)
    if run.live:
        whole = replace(whole, status="stopped")
    whole = replace(whole, kept=tuple(sorted(weights)), owner="")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(_SHELF, encode(label))
        file.writestr(_RECORD, encode(whole))
        for epoch, vector in weights.items():
            file.writestr(f"weights/epoch_{epoch:03d}.npy", npy(vector))
    return packed.getvalue()


def fits(run: Run, parameters: int) -> bool:
    """Whether the weights of all its epochs fit into one file that can be imported again."""
    return len(run.kept) * (4 * parameters + 256) + _MOST_JSON < MOST_BYTES


def unpack(content: bytes, find: Callable[[DataChoice], ChosenData]) -> Imported:
    """The run in a file, checked.

    `find` gives the images of a choice of data, or raises DataError. Raises RunError for a file
    that is damaged, hostile or beyond the limits, or whose images are not here.
    """
    files = _unzipped(content)
    try:
        label = decode(Label, files.pop(_SHELF).decode())
        run = decode(Run, files.pop(_RECORD).decode())
    except (KeyError, UnicodeDecodeError, RecordError) as error:
        raise RunError(f"{_DAMAGED} Its record cannot be read ({error!s:.120}).") from None
    label = Label(checked("name", label.name), checked("note", label.note))
    try:
        chosen = find(run.job.data)
    except (DataError, OverflowError) as error:
        raise RunError(
            f"The images that this run was trained on are not here, so it was not imported: {error!s:.200}"
        ) from None
    _check(run)
    try:
        seconds_per_epoch(run.job, chosen)
        unrolled = plan(run.job.network, chosen.image_shape, len(chosen.classes))
    except NetworkError as error:
        raise RunError(f"{_DAMAGED} Its network cannot read its images: {error}") from None
    learning = sum(any(one.trainable for one in layer.weights) for layer in unrolled.layers)
    if any(len(one.gradients) not in (0, learning) for one in run.epochs):
        raise _broken("gradients that are not those of its layers")
    if {f"weights/epoch_{epoch:03d}.npy" for epoch in run.kept} != files.keys():
        raise _broken("weights of other epochs than its record names")
    weights = {
        epoch: _vector(files[f"weights/epoch_{epoch:03d}.npy"], unrolled.parameters, epoch)
        for epoch in run.kept
    }
    return Imported(run, weights, label)


def _unzipped(content: bytes) -> dict[str, bytes]:
    """The files within by name, after every name and every size has been checked."""
    if len(content) > MOST_BYTES:
        raise RunError(_too_large(len(content)))
    # Counted before the directory is read, for reading a million entries takes its time.
    if content.count(_DIRECTORY_ENTRY) > 2 * _MOST_FILES:
        raise _broken("more files than a run has")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            entries = file.infolist()
            _check_entries(entries)
            return {entry.filename: _content(file, entry) for entry in entries}
    except RunError:
        raise
    except Exception as error:  # zipfile meets damaged files with almost any exception
        raise RunError(_DAMAGED) from error


def _content(file: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """A file within. Read without a limit, zipfile would unpack gigabytes before it looks at its size."""
    with file.open(entry) as opened:
        return opened.read(entry.file_size + 1)


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise _broken("the same file twice")
    for entry in entries:
        record = entry.filename in (_RECORD, _SHELF)
        if not record and not _NAME.fullmatch(entry.filename):
            raise _broken(f"a file that no run has ({entry.filename[:60]!a})")
        if entry.is_dir() or stat.S_ISLNK(entry.external_attr >> 16):
            raise _broken(f"a folder or a link in the place of a file ({entry.filename})")
        # Others are unpacked at one go, however much comes of it.
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _broken(f"a file packed in a way that is not ours ({entry.filename})")
        if record and entry.file_size > _MOST_JSON:
            raise _broken(f"a record of {entry.file_size / 2**20:.0f} MB")
    total = sum(entry.file_size for entry in entries)
    if total > MOST_BYTES:
        raise RunError(_too_large(total))


def _check(run: Run) -> None:
    """Refuse a record that no training of ours could have written."""
    epochs, parent = [one.epoch for one in run.epochs], run.parent
    trained = {*run.kept} & {*epochs}
    sound = {
        "a run that has not ended": not run.live,
        "epochs that do not follow each other": epochs == list(range(len(epochs))),
        "no weights": run.kept,
        "weights of epochs that were not trained": run.kept == tuple(sorted(trained)),
        "no weights of its last epoch": run.last_epoch in run.kept,
        "more epochs than were planned": run.last_epoch <= run.planned_epochs,
        "a time that cannot be": isfinite(run.created) and isfinite(run.updated),
        "a loss, an accuracy or a time that cannot be": all(map(_is_measured, run.epochs)),
        "a curve that cannot be": len(run.points) <= MOST_POINTS
        and all(_is_quality(one.loss, one.accuracy) for one in run.points)
        and all(0 <= one.epoch <= run.last_epoch for one in run.points),
        "a run to go on from that cannot be": parent is None
        or (
            is_safe_id(parent.run)
            and 0 <= parent.epoch <= EPOCHS.high
            and (parent.edits is None or _DIGEST.fullmatch(parent.edits))
        ),
    }
    for what, holds in sound.items():
        if not holds:
            raise _broken(what)


def _is_measured(record: EpochRecord) -> bool:
    return (
        _is_quality(record.loss, record.accuracy)
        and _is_quality(record.validation_loss, record.validation_accuracy)
        and isfinite(record.learning_rate)
        and 0 <= record.seconds < 1e7
        and all(size >= 0 for size in record.gradients)
    )


def _is_quality(loss: float, accuracy: float) -> bool:
    return loss >= 0 and isfinite(loss) and 0 <= accuracy <= 1


def _vector(content: bytes, parameters: int, epoch: int) -> Array:
    """The numbers of a .npy file. Only the very header that we write is taken, so none is parsed."""
    header = npy(np.zeros(parameters, "<f4"))[: -4 * parameters]
    if not content.startswith(header) or len(content) != len(header) + 4 * parameters:
        raise _broken(
            f"weights of epoch {epoch} that are not the {parameters} numbers of its network"
        )
    return np.frombuffer(content, "<f4", offset=len(header)).astype(np.float32)


def _broken(what: str) -> RunError:
    return RunError(f"{_DAMAGED} It has {what}.")


def _too_large(size: int) -> str:
    return f"This file has {size / 2**20:.0f} MB of data; at most {MOST_BYTES // 2**20} MB are taken. Export the run again with its last epoch only."
