"""Several web processes on one home folder: one of them has the lease, the others ask that one.

The lease is the lock of an SQLite file, which the system releases when a process ends, however it ends.
The process that has it says in a file where it can be asked. The others connect there, and take over
when it is gone.
"""

import logging
import pickle
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from cnn.storage import RecordError, make_folder, read_record, write_record
from cnn.training.run import RunError

P = ParamSpec("P")
R = TypeVar("R")

PATIENCE = 15.0
"""Seconds for the process with the lease to answer, or for another to take over."""

_RETRY = 0.25
_LONGEST_SOCKET = 100
"""Characters of a Unix socket's path; the systems allow 104 to 108."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Holder:
    """Where the process with the lease can be asked, and the key for it."""

    address: str
    key: str


class Lease:
    """The right to decide for `folder`, which one process at a time has.

    `take_over` is called when this process gets it: before the constructor returns if nobody else has
    it, otherwise later, in a thread of the lease's own. A folder that cannot be written has no lease:
    each process then decides for itself.
    """

    def __init__(self, folder: Path, take_over: Callable[[], None]) -> None:
        self._folder = folder
        self._take_over = take_over
        self._methods: dict[str, Callable[..., Any]] = {}
        self._held = threading.Event()
        self._closed = threading.Event()
        self._lock: sqlite3.Connection | None = None
        self._listener: Listener | None = None
        self._idle: list[Connection] = []

    @property
    def held(self) -> bool:
        """Whether this process decides."""
        return self._held.is_set()

    def acquire(self) -> None:
        """Get the lease now, or else as soon as the process that has it is gone."""
        if not self._acquired():
            threading.Thread(target=self._wait, name="lease", daemon=True).start()

    def shared(self, method: Callable[P, R]) -> Callable[P, R]:
        """The method as all processes call it: it runs in the one that has the lease.

        Arguments, answers and errors go from process to process, so they must be ones that `pickle`
        can write. Raises RunError where nobody answers.
        """
        name = method.__qualname__
        self._methods[name] = method

        @wraps(method)
        def call(*arguments: P.args, **named: P.kwargs) -> R:
            if self.held:
                return method(*arguments, **named)
            return cast(R, self._ask(name, arguments, named))

        return call

    def release(self) -> None:
        """Give the lease to another process."""
        self._closed.set()
        self._held.clear()
        if self._listener is not None:
            with suppress(OSError):
                self._listener.close()
        if self._lock is not None:
            self._lock.close()

    def _wait(self) -> None:
        while not self._closed.wait(_RETRY) and not self._acquired():
            pass

    def _acquired(self) -> bool:
        try:
            make_folder(self._folder)
            self._lock = _locked(self._folder / ".lease")
        except OSError as error:
            _log.error("There is no lease on %s: %s", self._folder, error)
            self._held.set()
            return True
        if self._lock is None:
            return False
        try:
            self._take_over()
        except Exception:  # others wait for this process to answer, whatever it found
            _log.exception("What a process before this one left unfinished cannot be taken over")
        self._held.set()
        self._listen()
        return True

    def _listen(self) -> None:
        """Have the other processes ask this one."""
        path = self._folder / ".lease.socket"
        key = secrets.token_hex(32)
        try:
            path.unlink(missing_ok=True)
            # One in the folder is also there for other containers with this volume.
            address = str(path) if len(str(path)) < _LONGEST_SOCKET else None
            self._listener = Listener(address, authkey=key.encode())
            write_record(self._holder_file, _Holder(str(self._listener.address), key))
        except OSError as error:
            _log.error("Other processes cannot ask this one: %s", error)
            return
        threading.Thread(target=self._accept, name="lease-accept", daemon=True).start()

    @property
    def _holder_file(self) -> Path:
        return self._folder / ".lease.json"

    def _accept(self) -> None:
        assert self._listener is not None
        while not self._closed.is_set():
            with suppress(OSError, EOFError, AuthenticationError):
                connection = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                thread.start()

    def _serve(self, connection: Connection) -> None:
        """Answer one process until it is gone."""
        with connection, suppress(EOFError, OSError):
            while True:
                name, arguments, named = connection.recv()
                try:
                    answer = True, self._methods[name](*arguments, **named)
                except Exception as error:
                    answer = False, error
                connection.send_bytes(_pickled(answer))

    def _ask(self, name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        end = time.monotonic() + PATIENCE
        while not self.held:
            try:
                done, answer = self._asked((name, arguments, named))
            except (OSError, EOFError, AuthenticationError, RecordError):
                if time.monotonic() > end:
                    raise RunError(
                        "The process that keeps the queue of runs does not answer. Try again in a minute."
                    ) from None
                time.sleep(_RETRY)
                continue
            if not done:
                raise answer
            return answer
        return self._methods[name](*arguments, **named)

    def _asked(self, question: tuple[Any, ...]) -> tuple[bool, Any]:
        """The answer, on a connection that was used before if there is one."""
        try:
            connection = self._idle.pop()
        except IndexError:
            holder = read_record(_Holder, self._holder_file)
            connection = Client(holder.address, authkey=holder.key.encode())
        try:
            connection.send(question)
            if not connection.poll(PATIENCE):
                raise TimeoutError
            done, answer = connection.recv()
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return done, answer


def _locked(file: Path) -> sqlite3.Connection | None:
    """The lock of a file, for as long as the connection is open; None if another has it.

    Raises OSError where the file cannot be written.
    """
    lock = None
    try:
        lock = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
        file.chmod(0o600)
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if lock is not None:
            lock.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return None
        raise OSError(str(error)) from None
    return lock


def _pickled(answer: tuple[bool, Any]) -> bytes:
    try:
        return pickle.dumps(answer)
    except Exception as error:
        _log.exception("An answer for another process cannot be sent")
        return pickle.dumps((False, RunError(f"The answer cannot be sent ({error}).")))
