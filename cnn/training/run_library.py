"""A person's run library: which runs are theirs, and what they call them.

Everyone who asks for the same training shares one run, so names and notes are kept here and not
with the run. Each person has one JSON file, which is replaced as a whole.
"""

import hashlib
import logging
import os
import time
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock
from weakref import WeakValueDictionary

from cnn.storage import (
    RecordError,
    last_write,
    read_record,
    remove,
    remove_leftovers,
    write_record,
)
from cnn.training.run import RunError
from cnn.training.store import OLDEST

LONGEST_NAME = 60
LONGEST_NOTE = 500
"""The most characters in a name and in a note."""

MOST_ENTRIES = 200

_TURNS_TEXT = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that reverse the direction of the text after them."""


@dataclass(frozen=True)
class Entry:
    """A run in a library, by its ID. `number` is never given to another run of the same library."""

    run: str
    number: int
    name: str = ""
    note: str = ""


@dataclass(frozen=True)
class _Record:
    given: int = 0
    entries: tuple[Entry, ...] = ()


class RunLibrary:
    """The entries of one person, kept in `file`, or only in memory without one.

    All methods may be called from any thread. A library whose file cannot be written keeps working
    in memory: a full disk must not take away the runs a person is looking at. One whose file is
    `damaged` starts empty; the file is renamed.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = RLock()
        record = _read(file) if file else _Record()
        self.damaged = record is None
        self._record = record or _Record()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in the order in which they were added."""
        return self._record.entries

    @property
    def runs(self) -> list[str]:
        """The IDs of the runs, in the same order."""
        return [entry.run for entry in self.entries]

    def entry(self, run: str) -> Entry | None:
        """The entry of a run, or None if the library does not have it."""
        return next((one for one in self.entries if one.run == run), None)

    def add(self, run: str, name: str = "", note: str = "") -> None:
        """Add a run unless it is there already. A full library loses its oldest entry.

        Raises RunError where the name or the note is refused, see `checked`.
        """
        name, note = checked("name", name), checked("note", note)
        with self._lock:
            if self.entry(run) is None:
                entry = Entry(run, self._record.given + 1, name, note)
                self._keep([*self.entries, entry][-MOST_ENTRIES:])

    def describe(self, run: str, name: str, note: str) -> None:
        """Give a run of the library another name and note, "" for none.

        Raises RunError where the name or the note is refused, see `checked`.
        """
        name, note = checked("name", name), checked("note", note)
        with self._lock:
            self._keep(
                replace(one, name=name, note=note) if one.run == run else one
                for one in self.entries
            )

    def remove(self, run: str) -> Entry | None:
        """Remove a run; returns its entry, which `put_back` takes."""
        with self._lock:
            removed = self.entry(run)
            self._keep(one for one in self.entries if one.run != run)
            return removed

    def put_back(self, entry: Entry) -> None:
        """Put a removed entry back where it was."""
        with self._lock:
            if self.entry(entry.run) is None:
                self._keep(sorted([*self.entries, entry], key=lambda one: one.number))

    def keep_only(self, is_there: Callable[[str], bool]) -> None:
        """Drop the entries of runs that are not on this server any more."""
        with self._lock:
            self._keep(one for one in self.entries if is_there(one.run))

    def _keep(self, entries: Iterable[Entry]) -> None:
        kept = tuple(entries)
        record = _Record(max([self._record.given, *(one.number for one in kept)]), kept)
        if record == self._record:
            return
        self._record = record
        if self._file is None:
            return
        try:
            write_record(self._file, record)
        except OSError as error:
            logging.getLogger(__name__).error("A run library cannot be saved: %s", error)


class RunLibraries:
    """The libraries of all people, a file each in `folder`; old ones are removed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = RLock()
        self._open: WeakValueDictionary[str, RunLibrary] = WeakValueDictionary()
        remove_leftovers(folder)
        # A run is removed after the same time, so a library this old has none left.
        oldest = time.time() - OLDEST
        for file in folder.glob("*"):
            if last_write(file) < oldest:
                remove(file)

    def of(self, token: str) -> RunLibrary:
        """The library of the person with this token, one object for all of the person's tabs."""
        # A token comes from a cookie, so it can hold anything; its hash is a safe file name.
        name = hashlib.sha256(token.encode()).hexdigest()
        with self._lock:
            library = self._open.get(name)
            if library is None:
                library = self._open[name] = RunLibrary(self._folder / f"{name}.json")
            return library


def checked(what: str, text: str) -> str:
    """The text of a "name" or a "note" without the space around it.

    Raises RunError for a text that is too long or has characters that cannot be shown.
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


def _read(file: Path) -> _Record | None:
    """The content of the file; None if it is damaged. Then it is renamed."""
    try:
        record = read_record(_Record, file)
        for one in record.entries:
            checked("name", one.name)
            checked("note", one.note)
        return record
    except FileNotFoundError:
        return _Record()
    except (OSError, RecordError, RunError) as error:
        logging.getLogger(__name__).error("A damaged run library was renamed: %s", error)
        with suppress(OSError):
            os.replace(file, file.with_suffix(".damaged"))
        return None
