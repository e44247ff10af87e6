"""One atomic write, one verified read and one way to store records, for all that is kept on disk.

Every file ends with a checksum of its content: a line that begins with `_CHECKSUM`. Files of the
first edition have none and stay readable. Records are JSON files and not rows of SQLite: any number
of processes can replace a whole file safely.
"""

import hashlib
import json
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")

OLD_NAMES = {
    "batch_normalisation": "batch_normalization",
    "bridge": "flattening",
    "optimiser": "optimizer",
}
"""Fields of records that were renamed: old name to new name.

Records with old names are read; records are written with new names. Some records hold the name of a
field as a value, always under the name `_FIELD_NAME`; it is translated as well.
"""

_CHECKSUM = b"\n# sha256 "
_CHECKSUM_SIZE = len(_CHECKSUM) + 64 + 1
_CHUNK = 2**20
_LEFTOVER_AGE = 3600.0
_FIELD_NAME = "setting"
_SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

_log = logging.getLogger(__name__)


class RecordError(ValueError):
    """A file or a record that is not what was stored; the message names what is wrong in it."""


def is_safe_id(text: str) -> bool:
    """Whether `text`, which may come from a URL, can be the name of a file or folder.

    A safe ID has 1 to 64 ASCII letters, digits, hyphens and underscores, so it cannot leave the
    folder it is looked up in.
    """
    return _SAFE_ID.fullmatch(text) is not None


def new_id() -> str:
    """A safe ID that nobody can guess."""
    return secrets.token_urlsafe(12)


def make_folder(folder: Path) -> None:
    """Create a folder, and those above that are missing, for this user alone.

    Raises OSError where it cannot be created.
    """
    for path in reversed([folder, *folder.parents]):
        if not path.is_dir():
            path.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that takes the place of `path` when the block ends without an error.

    Readers see the old content or the new, never a part. After an error, or if the process is
    killed, `path` is what it was. The folder is created if needed; only this user can read the
    file. Raises OSError where it cannot be written; no temporary file is left behind.
    """
    make_folder(path.parent)
    # In the same folder, because a file can only be replaced by one of the same file system.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(temporary, "x+b", opener=partial(os.open, mode=0o600)) as file:
            yield file
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.write(_CHECKSUM + digest.encode() + b"\n")
            file.flush()
            # Without this, a power failure could leave an empty file under the final name.
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def write_file(path: Path, content: bytes) -> None:
    """Replace the file at `path`; see `atomic_write`."""
    with atomic_write(path) as file:
        file.write(content)


@contextmanager
def verified(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """Open a file that `atomic_write` wrote; yields it at its start, and the bytes of its content.

    Raises OSError where it cannot be read and RecordError where its checksum is not that of its
    content.
    """
    with path.open("rb") as file:
        size = max(0, file.seek(0, os.SEEK_END) - _CHECKSUM_SIZE)
        file.seek(size)
        end = file.read()
        if not end.startswith(_CHECKSUM):
            size += len(end)  # a file of the first edition
        else:
            file.seek(0)
            digest = hashlib.sha256()
            for start in range(0, size, _CHUNK):
                digest.update(file.read(min(_CHUNK, size - start)))
            if end != _CHECKSUM + digest.hexdigest().encode() + b"\n":
                raise RecordError("its content does not match its checksum")
        file.seek(0)
        yield file, size


def read_file(path: Path) -> bytes:
    """The content of a file that `write_file` wrote. Raises as `verified`."""
    with verified(path) as (file, size):
        return file.read(size)


def last_write(path: Path) -> float:
    """When a file was last written, in seconds since 1970; 0 for a link that leads nowhere."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def remove(path: Path) -> None:
    """Remove a file, a link or a whole folder; what cannot be removed stays and is logged."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("%s cannot be removed: %s", path, error)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files that killed processes left in `folder` and below.

    Younger than an hour, a file may still be written by another process, and stays.
    """
    for path in folder.rglob("*.part"):
        if last_write(path) < time.time() - _LEFTOVER_AGE:
            remove(path)


def encode(record: Any) -> str:
    """One canonical JSON text for a dataclass: keys sorted, whole numbers in float fields as floats.

    Raises RecordError where a field does not have the type that it is declared with.
    """
    kind: Any = type(record)
    adapter = _adapter(kind)
    exact = _validated(kind, json.dumps(adapter.dump_python(record, warnings=False)))
    return json.dumps(adapter.dump_python(exact), sort_keys=True, separators=(",", ":"))


def decode(kind: type[T], text: str) -> T:
    """The dataclass of type `kind` that `encode` wrote as `text`, also under `OLD_NAMES`.

    Types are strict (no "1" for 1), unknown fields are refused, and fields with a default may be
    missing. Raises RecordError for a text that is not JSON, or not that of such a value.
    """
    try:
        data = json.loads(text, object_pairs_hook=_with_new_names)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{kind.__name__} is not readable JSON ({error})") from None
    value: T = _validated(kind, json.dumps(data))
    return value


def write_record(path: Path, record: Any) -> None:
    """Replace the file at `path` with the JSON of `record`.

    Raises OSError where the file cannot be written, and RecordError as `encode`.
    """
    write_file(path, encode(record).encode())


def read_record(kind: type[T], path: Path) -> T:
    """The record of type `kind` in the file at `path`.

    Raises OSError where the file cannot be read (FileNotFoundError where there is none) and
    RecordError where it is damaged.
    """
    try:
        text = read_file(path).decode()
    except UnicodeDecodeError as error:
        raise RecordError(f"{kind.__name__} is not text ({error.reason})") from None
    return decode(kind, text)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _validated(kind: Any, text: str) -> Any:
    try:
        return _adapter(kind).validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in first["loc"])
        problem = first.get("ctx", {}).get("error", first["msg"])
        raise RecordError(f"{kind.__name__}{place}: {problem}") from None


def _with_new_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    renamed = {OLD_NAMES.get(name, name): value for name, value in pairs}
    if len(renamed) < len(pairs):
        raise ValueError("a field is given twice")
    field = renamed.get(_FIELD_NAME)
    if isinstance(field, str):
        renamed[_FIELD_NAME] = OLD_NAMES.get(field, field)
    return renamed
