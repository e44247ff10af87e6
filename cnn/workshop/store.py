"""The workshops of a server, in one SQLite file that all its web processes share.

Records in files of their own suit what one person writes now and then. Here thirty people write a
few bytes every few seconds, so these are rows, in transactions that take a millisecond.
"""

import os
import sqlite3
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from cnn.storage import RecordError, decode, encode, make_folder, new_id
from cnn.workshop import code as codes
from cnn.workshop.workshop import (
    HERE,
    IDLE,
    KEPT,
    LONGEST,
    LONGEST_NAME,
    LONGEST_TITLE,
    MOST_HOSTED,
    MOST_PEOPLE,
    OwnRun,
    Participant,
    Plan,
    Question,
    State,
    Tally,
    TrainedRun,
    View,
    Workshop,
    WorkshopError,
)

_TABLES = """
CREATE TABLE workshops (
  id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, secret TEXT NOT NULL UNIQUE, plan TEXT NOT NULL,
  state TEXT NOT NULL, began REAL NOT NULL, active REAL NOT NULL, ended REAL,
  names_hidden INTEGER NOT NULL DEFAULT 0, sends INTEGER NOT NULL DEFAULT 0, sent TEXT,
  revealed TEXT NOT NULL DEFAULT ''
);
CREATE TABLE hosts (
  workshop TEXT NOT NULL REFERENCES workshops ON DELETE CASCADE, person TEXT NOT NULL,
  PRIMARY KEY (workshop, person)
);
CREATE TABLE participants (
  id TEXT PRIMARY KEY, workshop TEXT NOT NULL REFERENCES workshops ON DELETE CASCADE,
  person TEXT NOT NULL, name TEXT NOT NULL, joined REAL NOT NULL, seen REAL NOT NULL,
  page TEXT NOT NULL DEFAULT '',
  sends INTEGER NOT NULL DEFAULT 0, aside TEXT, UNIQUE (workshop, name)
);
CREATE INDEX participants_of_a_person ON participants (person);
CREATE TABLE runs (
  workshop TEXT NOT NULL REFERENCES workshops ON DELETE CASCADE, run TEXT NOT NULL,
  participant TEXT, on_board INTEGER NOT NULL DEFAULT 1, live INTEGER NOT NULL,
  held INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL, UNIQUE (workshop, run, participant)
);
CREATE TABLE questions (
  workshop TEXT NOT NULL REFERENCES workshops ON DELETE CASCADE, lesson TEXT NOT NULL,
  question TEXT NOT NULL, PRIMARY KEY (workshop, lesson)
);
CREATE TABLE answers (
  workshop TEXT NOT NULL REFERENCES workshops ON DELETE CASCADE, lesson TEXT NOT NULL,
  participant TEXT NOT NULL REFERENCES participants ON DELETE CASCADE, choice INTEGER NOT NULL,
  PRIMARY KEY (workshop, lesson, participant)
);
"""

_PATIENCE = 10.0
"""Seconds to wait for another process that writes at the moment."""

_COLUMNS = ", ".join(field.name for field in fields(Participant))


class WorkshopStore:
    """The workshops in `file`, which is made with the first one. `clock` gives seconds since 1970.

    All methods may be called from any thread and in any process. They raise WorkshopError with a
    sentence where something is not there, not allowed, or cannot be read or saved.
    """

    def __init__(self, file: Path, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock

    @property
    def empty(self) -> bool:
        """Whether there has never been a workshop here."""
        return not self._file.exists()

    # What the host does.

    def create(self, plan: Plan, person: str) -> tuple[Workshop, str]:
        """Begin a workshop, whose host is this person; returns it and the secret of the host's link."""
        title = _checked("title", plan.title, LONGEST_TITLE)
        now, name, secret = self._clock(), new_id(), codes.new_token()
        self._make()
        with self._writing() as rows:
            [hosted] = rows.execute(
                "SELECT count(*) FROM hosts JOIN workshops ON id = workshop"
                " WHERE person = ? AND state != 'ended'",
                (person,),
            ).fetchone()
            if hosted >= MOST_HOSTED:
                raise WorkshopError(
                    f"You host {MOST_HOSTED} workshops at the same time. End one of them first."
                )
            taken = {code for (code,) in rows.execute("SELECT code FROM workshops")}
            code = next(code for code in iter(codes.new_code, None) if code not in taken)
            rows.execute(
                "INSERT INTO workshops (id, code, secret, plan, state, began, active)"
                " VALUES (?, ?, ?, ?, 'running', ?, ?)",
                (name, code, codes.digest(secret), encode(replace(plan, title=title)), now, now),
            )
            rows.execute("INSERT INTO hosts VALUES (?, ?)", (name, person))
        return self.workshop(name), secret

    def host(self, secret: str, person: str) -> Workshop:
        """Make this person a host of the workshop whose secret it is."""
        with self._writing() as rows:
            found = rows.execute(
                "SELECT id FROM workshops WHERE secret = ?", (codes.digest(secret),)
            ).fetchone()
            if found is None:
                raise WorkshopError(
                    "This host link leads to no workshop on this server. Workshops are kept for a week after their end; start a new one on the page For teachers."
                )
            rows.execute("INSERT OR IGNORE INTO hosts VALUES (?, ?)", (found[0], person))
        return self.workshop(found[0])

    def set_state(self, workshop: str, state: State) -> None:
        """Pause all trainings, let them go on, or end the workshop.

        At its end all names and answers are deleted, and who trained what.
        """
        with self._writing() as rows:
            if state == "ended":
                self._end(rows, workshop)
            else:
                rows.execute(
                    "UPDATE workshops SET state = ?, active = ? WHERE id = ? AND state != 'ended'",
                    (state, self._clock(), workshop),
                )
        if state == "ended":
            self._erase()

    def send(self, workshop: str, view: View) -> None:
        """Send everyone a view."""
        self._change(workshop, "sends = sends + 1, sent = ?", encode(view))

    def hide_names(self, workshop: str, hidden: bool) -> None:
        """Show the board without names, or with them."""
        self._change(workshop, "names_hidden = ?", int(hidden))

    def reveal(self, workshop: str, lesson: str, shown: bool) -> None:
        """Show everyone how the question of a lesson was answered, or hide it again."""
        revealed = {*self.workshop(workshop).revealed} - {lesson} | ({lesson} if shown else set())
        self._change(workshop, "revealed = ?", " ".join(sorted(revealed)))

    # What participants do.

    def join(self, code: str, person: str, again: bool = False) -> Participant:
        """Take part in the workshop with this code, typed as it may be.

        A browser that takes part already is the same participant, unless somebody else joins
        `again` at this device.
        """
        wanted = codes.read_code(code)
        if wanted is None:
            raise WorkshopError(
                f"{code[:40]!r} is not a code. A code has six letters and digits, such as {codes.spaced('ACD234')}. Look at it once more."
            )
        with self._writing() as rows:
            found = rows.execute("SELECT id FROM workshops WHERE code = ?", (wanted,)).fetchone()
            if found is None:
                raise WorkshopError(
                    f"There is no workshop with the code {codes.spaced(wanted)} on this server. Look at the code once more, or ask your host."
                )
            workshop = self._workshop(rows, found[0])
            if workshop.over:
                raise WorkshopError(f"The workshop with the code {codes.spaced(wanted)} has ended.")
            names = {
                name: (key, who)
                for key, who, name in rows.execute(
                    "SELECT id, person, name FROM participants WHERE workshop = ?", (workshop.id,)
                )
            }
            mine = [key for key, who in names.values() if who == person]
            if mine and not again:
                return self._participant(rows, mine[-1])
            if len(names) >= MOST_PEOPLE:
                raise WorkshopError(f"This workshop is full: {MOST_PEOPLE} people have joined.")
            now, me = self._clock(), new_id()
            rows.execute(
                "INSERT INTO participants (id, workshop, person, name, joined, seen)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (me, workshop.id, person, codes.nickname(names), now, now),
            )
            rows.execute("UPDATE workshops SET active = ? WHERE id = ?", (now, workshop.id))
            return self._participant(rows, me)

    def rename(self, participant: str, name: str) -> None:
        """Give a participant another name, which nobody else in the workshop may have."""
        name = _checked("name", name, LONGEST_NAME)
        with self._writing() as rows:
            me = self._participant(rows, participant)
            others = rows.execute(
                "SELECT name FROM participants WHERE workshop = ? AND id != ?", (me.workshop, me.id)
            )
            if name.casefold() in {other.casefold() for (other,) in others}:
                raise WorkshopError(f"Somebody here is called {name!r} already. Take another name.")
            rows.execute("UPDATE participants SET name = ? WHERE id = ?", (name, participant))

    def leave(self, participant: str) -> None:
        """Forget a participant, their answers, and which runs were theirs."""
        with self._writing() as rows:
            rows.execute("DELETE FROM runs WHERE participant = ?", (participant,))
            rows.execute("DELETE FROM participants WHERE id = ?", (participant,))

    def note_presence(self, participant: str, page: str) -> None:
        """Note that a participant is at the page with this title now."""
        now = self._clock()
        with self._writing() as rows:
            rows.execute(
                "UPDATE participants SET seen = ?, page = ? WHERE id = ?", (now, page, participant)
            )
            rows.execute(
                "UPDATE workshops SET active = ? WHERE state != 'ended'"
                " AND id = (SELECT workshop FROM participants WHERE id = ?)",
                (now, participant),
            )

    def follow(self, participant: str, sends: int, aside: View | None) -> None:
        """Note up to which of the host's views a participant has seen all.

        `aside` is where their own work is meanwhile, None if that is what they see.
        """
        with self._writing() as rows:
            rows.execute(
                "UPDATE participants SET sends = ?, aside = ? WHERE id = ?",
                (sends, encode(aside) if aside else None, participant),
            )

    def note_host(self, workshop: str) -> None:
        """Note that the host does something."""
        self._change(workshop, "names_hidden = names_hidden")

    def answer(self, participant: str, question: Question, choice: int) -> None:
        """Keep a participant's answer to a lesson's question, in the place of the one before."""
        with self._writing() as rows:
            workshop = self._participant(rows, participant).workshop
            place = (workshop, question.lesson)
            rows.execute(
                "INSERT OR REPLACE INTO questions VALUES (?, ?, ?)", (*place, encode(question))
            )
            rows.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", (*place, participant, choice)
            )

    def add_run(self, participant: str, run: TrainedRun) -> None:
        """Note that a participant has asked for a run."""
        with self._writing() as rows:
            me = self._participant(rows, participant)
            rows.execute(
                "INSERT OR IGNORE INTO runs (workshop, run, participant, live, state)"
                " VALUES (?, ?, ?, ?, ?)",
                (me.workshop, run.run, me.id, run.live, encode(run)),
            )

    def show_run(self, participant: str, run: str, on_board: bool) -> None:
        """Show a participant's run on the board, or keep it off."""
        with self._writing() as rows:
            rows.execute(
                "UPDATE runs SET on_board = ? WHERE participant = ? AND run = ?",
                (int(on_board), participant, run),
            )

    def adopt(self, person: str, other: str) -> None:
        """Let everything of a person be that of another: a browser has found an earlier name of its."""
        if self.empty:
            return
        with self._writing() as rows:
            rows.execute("UPDATE participants SET person = ? WHERE person = ?", (other, person))
            rows.execute("UPDATE OR REPLACE hosts SET person = ? WHERE person = ?", (other, person))

    # What is there.

    def workshop(self, workshop: str) -> Workshop:
        """The workshop with this id."""
        with self._reading() as rows:
            return self._workshop(rows, workshop)

    def by_code(self, code: str) -> Workshop:
        """The workshop with this code."""
        with self._reading() as rows:
            found = rows.execute(
                "SELECT id FROM workshops WHERE code = ?", (codes.read_code(code) or "",)
            ).fetchone()
            return self._workshop(rows, found[0] if found else "")

    def hosted(self, person: str) -> Workshop | None:
        """The newest workshop of which this person is a host."""
        with self._reading() as rows:
            found = rows.execute(
                "SELECT id FROM hosts JOIN workshops ON id = workshop WHERE person = ?"
                " ORDER BY began DESC",
                (person,),
            ).fetchone()
            return self._workshop(rows, found[0]) if found else None

    def at_device(self, person: str) -> list[Participant]:
        """The participants of workshops that go on who share this browser, the last seen one first."""
        with self._reading() as rows:
            return [
                _participant(row)
                for row in rows.execute(
                    f"SELECT {_COLUMNS} FROM participants WHERE person = ? ORDER BY seen DESC",
                    (person,),
                )
            ]

    def participants(self, workshop: str) -> list[Participant]:
        """Everyone who has joined, in that order."""
        with self._reading() as rows:
            return [
                _participant(row)
                for row in rows.execute(
                    f"SELECT {_COLUMNS} FROM participants WHERE workshop = ? ORDER BY joined, rowid",
                    (workshop,),
                )
            ]

    def runs(self, workshop: str) -> list[OwnRun]:
        """All runs, in the order in which they were asked for."""
        with self._reading() as rows:
            return [
                OwnRun(decode(TrainedRun, state), participant, bool(on_board))
                for state, participant, on_board in rows.execute(
                    "SELECT state, participant, on_board FROM runs WHERE workshop = ? ORDER BY rowid",
                    (workshop,),
                )
            ]

    def tallies(self, workshop: str) -> dict[str, Tally]:
        """By lesson, how its question was answered."""
        with self._reading() as rows:
            found = {}
            for lesson, text in rows.execute(
                "SELECT lesson, question FROM questions WHERE workshop = ?", (workshop,)
            ).fetchall():
                question = decode(Question, text)
                counts = [0] * len(question.answers)
                for (choice,) in rows.execute(
                    "SELECT choice FROM answers WHERE workshop = ? AND lesson = ?",
                    (workshop, lesson),
                ):
                    if 0 <= choice < len(counts):
                        counts[choice] += 1
                found[lesson] = Tally(question, tuple(counts))
            return found

    def here(self, participant: Participant) -> bool:
        """Whether a participant has a page of the app open."""
        return self._clock() - participant.seen <= HERE

    # What goes on by itself.

    def sweep(self) -> None:
        """End the workshops whose time is over; forget the boards that were kept long enough."""
        if self.empty:
            return
        now = self._clock()
        with self._reading() as rows:
            late = rows.execute(
                "SELECT id FROM workshops WHERE state != 'ended' AND (active < ? OR began < ?)",
                (now - IDLE, now - LONGEST),
            ).fetchall()
            old = rows.execute("SELECT id FROM workshops WHERE ended < ?", (now - KEPT,)).fetchall()
        if not late and not old:
            return
        with self._writing() as rows:
            for (workshop,) in late:
                self._end(rows, workshop)
            rows.executemany("DELETE FROM workshops WHERE id = ?", old)
        self._erase()

    def under_way(self) -> list[tuple[Workshop, list[tuple[TrainedRun, bool]]]]:
        """The workshops that go on or have runs that do, each with those runs.

        With a run comes whether it is held because the host has paused all trainings.
        """
        if self.empty:
            return []
        with self._reading() as rows:
            found = []
            for (workshop,) in rows.execute(
                "SELECT id FROM workshops WHERE state != 'ended'"
                " OR id IN (SELECT workshop FROM runs WHERE live OR held)"
            ).fetchall():
                states = rows.execute(
                    "SELECT DISTINCT state, held FROM runs WHERE workshop = ? AND (live OR held)",
                    (workshop,),
                )
                runs = [(decode(TrainedRun, state), bool(held)) for state, held in states]
                found.append((self._workshop(rows, workshop), runs))
            return found

    def update_run(self, workshop: str, run: TrainedRun, held: bool) -> None:
        """Note how far a run is, and whether it is held for the workshop's pause."""
        with self._writing() as rows:
            rows.execute(
                "UPDATE runs SET state = ?, live = ?, held = ? WHERE workshop = ? AND run = ?",
                (encode(run), run.live, held, workshop, run.run),
            )

    # The file.

    def _end(self, rows: sqlite3.Connection, workshop: str) -> None:
        """End a workshop: nobody's name, answer or device stays, nor a run kept off the board."""
        rows.execute(
            "UPDATE workshops SET state = 'ended', ended = ?, revealed = '', sent = NULL"
            " WHERE id = ? AND state != 'ended'",
            (self._clock(), workshop),
        )
        rows.execute("DELETE FROM runs WHERE workshop = ? AND NOT on_board", (workshop,))
        rows.execute("UPDATE runs SET participant = NULL WHERE workshop = ?", (workshop,))
        rows.execute("DELETE FROM participants WHERE workshop = ?", (workshop,))
        rows.execute("DELETE FROM questions WHERE workshop = ?", (workshop,))

    def _erase(self) -> None:
        """Have what was deleted leave the log of recent changes, too."""
        with suppress(WorkshopError), self._opened() as rows:
            rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _change(self, workshop: str, assignments: str, *values: object) -> None:
        with self._writing() as rows:
            rows.execute(
                f"UPDATE workshops SET {assignments}, active = ? WHERE id = ? AND state != 'ended'",
                (*values, self._clock(), workshop),
            )

    def _workshop(self, rows: sqlite3.Connection, workshop: str) -> Workshop:
        found = rows.execute(
            "SELECT id, code, plan, state, began, active, ended, names_hidden, sends, sent, revealed"
            " FROM workshops WHERE id = ?",
            (workshop,),
        ).fetchone()
        if found is None:
            raise WorkshopError("This workshop is not on this server any more.")
        name, code, plan, state, began, active, ended, hidden, sends, sent, revealed = found
        return Workshop(
            name,
            code,
            decode(Plan, plan),
            state,
            began,
            active,
            ended,
            bool(hidden),
            sends,
            decode(View, sent) if sent else None,
            tuple(revealed.split()),
        )

    def _participant(self, rows: sqlite3.Connection, participant: str) -> Participant:
        found = rows.execute(
            f"SELECT {_COLUMNS} FROM participants WHERE id = ?", (participant,)
        ).fetchone()
        if found is None:
            raise WorkshopError(
                "You are not in this workshop any more. Join it again with its code."
            )
        return _participant(found)

    def _make(self) -> None:
        """Make the file, for this user alone, unless it is there.

        It gets its name once it is complete: others look for it at any moment.
        """
        if not self.empty:
            return
        complete = self._file.with_name(f".{self._file.name}.{new_id()}.part")
        try:
            make_folder(self._file.parent)
            os.close(os.open(complete, os.O_CREAT | os.O_RDWR | os.O_EXCL, 0o600))
            with closing(sqlite3.connect(complete)) as rows:
                rows.executescript(_TABLES)
            with suppress(FileExistsError):  # another process was faster
                os.link(complete, self._file)
            complete.unlink()
        except (OSError, sqlite3.Error) as error:
            raise _unsaved(str(error)) from None
        with self._opened() as rows:
            rows.execute("PRAGMA journal_mode = WAL")

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """A connection for one call; closing it is cheap, and no thread needs another's."""
        try:
            rows = sqlite3.connect(
                f"{self._file.resolve().as_uri()}?mode=rw",
                _PATIENCE,
                isolation_level=None,
                uri=True,
            )
            try:
                rows.execute("PRAGMA foreign_keys = ON")
                rows.execute("PRAGMA synchronous = NORMAL")
                rows.execute("PRAGMA secure_delete = ON")
                yield rows
            finally:
                rows.close()
        except (sqlite3.Error, RecordError) as error:
            raise _unsaved(str(error)) from None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that nobody else writes in; after an error all is as before."""
        if self.empty:
            raise WorkshopError("There is no workshop on this server.")
        with self._opened() as rows:
            rows.execute("BEGIN IMMEDIATE")
            try:
                yield rows
            except BaseException:
                rows.execute("ROLLBACK")
                raise
            rows.execute("COMMIT")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of everything; one without any rows before there is a file."""
        if self.empty:
            rows = sqlite3.connect(":memory:", isolation_level=None)
            rows.executescript(_TABLES)
            try:
                yield rows
            finally:
                rows.close()
            return
        with self._opened() as rows:
            rows.execute("BEGIN")
            yield rows


def _participant(row: tuple[Any, ...]) -> Participant:
    *_, aside = row
    return replace(Participant(*row), aside=decode(View, aside) if aside else None)


def _checked(what: str, text: str, most: int) -> str:
    """A title or a name on one line, without space around it and without what cannot be shown."""
    text = " ".join(text.split())
    if not text:
        raise WorkshopError(f"The {what} is empty. Type at least one letter.")
    if len(text) > most:
        raise WorkshopError(
            f"The {what} has {len(text)} characters; it may have {most}. Shorten it."
        )
    for one in text:
        if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co"):
            raise WorkshopError(
                f"The {what} has a character that cannot be shown (U+{ord(one):04X}). Leave it out."
            )
    return text


def _unsaved(why: str) -> WorkshopError:
    return WorkshopError(
        f"The workshops on this server cannot be read or saved at present ({why})."
    )
