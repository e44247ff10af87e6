"""What people have reached: the best and the last entry for each challenge, one file per person."""

import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock

from cnn.challenges.challenge import ChallengeError
from cnn.challenges.judge import Verdict
from cnn.storage import (
    RecordError,
    is_safe_id,
    last_write,
    read_record,
    remove,
    remove_leftovers,
    write_record,
)
from cnn.training.store import OLDEST

MOST_CHALLENGES = 60
"""Challenges of which a person's standing is kept: the last ones entered."""

MOST_GUESSED = 200
"""Runs of which it is kept that their first guess is over."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class JudgedEntry:
    """Something that was judged: what it was, in words, when (seconds since 1970), and the verdict."""

    what: str
    when: float
    verdict: Verdict


@dataclass(frozen=True)
class Pending:
    """A run that is entered while its other seeds are trained by this experiment."""

    run: str
    what: str
    experiment: str


@dataclass(frozen=True)
class Standing:
    """Where a person stands in a challenge. `guessed` are the runs whose first guess is over."""

    challenge: str
    best: JudgedEntry | None = None
    last: JudgedEntry | None = None
    entries: int = 0
    pending: Pending | None = None
    guessed: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        return self.best is not None and self.best.verdict.met


@dataclass(frozen=True)
class _Record:
    standings: tuple[Standing, ...] = ()


class Standings:
    """The standings of all people, a file each in `folder`. A person is a safe ID.

    Threads may share it. All that writes raises ChallengeError where the file cannot be written.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = RLock()
        remove_leftovers(folder)
        oldest = clock() - OLDEST
        for file in folder.glob("*"):
            if last_write(file) < oldest:
                remove(file)

    def of(self, person: str) -> dict[str, Standing]:
        """A person's standings by challenge; a damaged file is renamed, and there are none."""
        return {one.challenge: one for one in self._read(self._file(person)).standings}

    def add(self, person: str, challenge: str, what: str, verdict: Verdict, run: str = "") -> None:
        """Keep an entry that was judged. `run` is the one whose first guess this was."""
        entry = JudgedEntry(what, self._clock(), verdict)

        def added(standing: Standing) -> Standing:
            better = standing.best is None or verdict.rank > standing.best.verdict.rank
            return replace(
                standing,
                best=entry if better else standing.best,
                last=entry,
                entries=standing.entries + 1,
                pending=None,
                guessed=(*standing.guessed, *([run] if run else []))[-MOST_GUESSED:],
            )

        self._change(person, challenge, added)

    def enter(self, person: str, challenge: str, pending: Pending | None) -> None:
        """Note that a run is entered and waits for its other seeds, or with None that none does."""
        self._change(person, challenge, lambda standing: replace(standing, pending=pending))

    def _change(self, person: str, challenge: str, change: Callable[[Standing], Standing]) -> None:
        file = self._file(person)
        with self._lock:
            standings = {one.challenge: one for one in self._read(file).standings}
            changed = change(standings.pop(challenge, Standing(challenge)))
            kept = [*standings.values(), changed][-MOST_CHALLENGES:]
            try:
                write_record(file, _Record(tuple(kept)))
            except OSError as error:
                raise ChallengeError(
                    f"Your entry cannot be saved on the server ({error.strerror}). Try again later."
                ) from None

    def _file(self, person: str) -> Path:
        if not is_safe_id(person):
            raise ChallengeError("This person has no standings here.")
        return self._folder / f"{person}.json"

    def _read(self, file: Path) -> _Record:
        try:
            return read_record(_Record, file)
        except FileNotFoundError:
            return _Record()
        except (OSError, RecordError, ChallengeError) as error:
            _log.error("Damaged standings were renamed: %s", error)
            with suppress(OSError):
                os.replace(file, file.with_suffix(".damaged"))
            return _Record()
