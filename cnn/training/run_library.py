"""A person's shelf: which runs are theirs, and what they call them.

A run is shared by all who ask for the same training, so its name and note stand here and not with
it. One JSON file a person, replaced as a whole.
"""

import hashlib
import logging
import os
import time
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock
from weakref import WeakValueDictionary

from cnn.training.codec import CodecError, decode, encode
from cnn.training.run import RunError
from cnn.training.store import OLDEST

LONGEST_NAME = 60
LONGEST_NOTE = 500
"""Characters that a name and a note may have."""

MOST_ENTRIES = 200

_TURNS_TEXT = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that make what follows run the other way."""


@dataclass(frozen=True)
class Entry:
    """A run on a shelf by its id. `number` is its own for as long as the shelf is kept."""

    run: str
    number: int
    name: str = ""
    note: str = ""


@dataclass(frozen=True)
class _Record:
    given: int = 0
    entries: tuple[Entry, ...] = ()


class RunLibrary:
    """The entries of one person, kept in `file`; without one as long as somebody looks at them.

    All methods may be called from any thread. Where the file cannot be written the shelf goes on
    without it: what somebody looks at must not depend on a full disk.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = RLock()
        self._record = _read(file) if file else _Record()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in the order in which they came."""
        return self._record.entries

    @property
    def runs(self) -> list[str]:
        """The ids of the runs, in the same order."""
        return [entry.run for entry in self.entries]

    def entry(self, run: str) -> Entry | None:
        """The entry of a run, if it is on the shelf."""
        return next((one for one in self.entries if one.run == run), None)

    def add(self, run: str, name: str = "", note: str = "") -> None:
        """Put a run on the shelf; nothing happens if it is there. The oldest makes room.

        Raises:
            RunError: The name or the note cannot be, see `checked`.
        """
        name, note = checked("name", name), checked("note", note)
        with self._lock:
            if self.entry(run) is None:
                number = self._record.given + 1
                self._keep((*self.entries, Entry(run, number, name, note))[-MOST_ENTRIES:], number)

    def describe(self, run: str, name: str, note: str) -> None:
        """Give a run on the shelf another name and note, "" for none.

        Raises:
            RunError: They cannot be, see `checked`.
        """
        name, note = checked("name", name), checked("note", note)
        with self._lock:
            self._keep(
                tuple(
                    replace(one, name=name, note=note) if one.run == run else one
                    for one in self.entries
                )
            )

    def remove(self, run: str) -> Entry | None:
        """Take a run off the shelf; returns its entry, to `put_back`."""
        with self._lock:
            taken = self.entry(run)
            self._keep(tuple(one for one in self.entries if one.run != run))
            return taken

    def put_back(self, entry: Entry) -> None:
        """Put back what was taken off, where it was."""
        with self._lock:
            if self.entry(entry.run) is None:
                entries = sorted((*self.entries, entry), key=lambda one: one.number)
                self._keep(tuple(entries))

    def keep_only(self, is_there: Callable[[str], bool]) -> None:
        """Drop the entries of runs that the server has cleared since."""
        with self._lock:
            self._keep(tuple(one for one in self.entries if is_there(one.run)))

    def _keep(self, entries: tuple[Entry, ...], given: int | None = None) -> None:
        record = _Record(self._record.given if given is None else given, entries)
        if record == self._record:
            return
        self._record = record
        if self._file is None:
            return
        part = self._file.with_suffix(".part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(encode(record), encoding="utf-8")
            os.replace(part, self._file)
        except OSError as error:
            logging.getLogger(__name__).error("A shelf cannot be saved: %s", error)


class RunLibraries:
    """The shelves of all people, a file each in `folder`; those that nobody needs are cleared."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = RLock()
        self._open: WeakValueDictionary[str, RunLibrary] = WeakValueDictionary()
        # By then the runs on it have been cleared, too.
        oldest = time.time() - OLDEST
        for file in folder.glob("*"):
            if file.stat().st_mtime < oldest:
                file.unlink(missing_ok=True)

    def of(self, token: str) -> RunLibrary:
        """The shelf of the person with this token: the same one for all who ask at a time."""
        # Hashed, so that whatever a token holds stays within the folder.
        name = hashlib.sha256(token.encode()).hexdigest()
        with self._lock:
            shelf = self._open.get(name)
            if shelf is None:
                shelf = self._open[name] = RunLibrary(self._folder / f"{name}.json")
            return shelf


def checked(what: str, text: str) -> str:
    """A name or a note without the space around it.

    Raises:
        RunError: It is too long or has characters that cannot be shown.
    """
    text = text.strip()
    most = LONGEST_NAME if what == "name" else LONGEST_NOTE
    if len(text) > most:
        raise RunError(f"The {what} has {len(text)} characters; it may have {most}. Shorten it.")
    for one in text:
        line = one == "\n" and what == "note"
        if not line and (unicodedata.category(one) in ("Cc", "Cs") or one in _TURNS_TEXT):
            raise RunError(
                f"The {what} has a character that cannot be shown (U+{ord(one):04X}). Leave it out."
            )
    return text


def _read(file: Path) -> _Record:
    """What the file holds; one that is damaged is set aside, and the shelf begins empty."""
    try:
        record = decode(_Record, file.read_text(encoding="utf-8"))
        for one in record.entries:
            checked("name", one.name)
            checked("note", one.note)
        return record
    except FileNotFoundError:
        return _Record()
    except (OSError, UnicodeDecodeError, CodecError, RunError) as error:
        logging.getLogger(__name__).error("A shelf is damaged and set aside: %s", error)
        with suppress(OSError):
            os.replace(file, file.with_suffix(".damaged"))
        return _Record()
