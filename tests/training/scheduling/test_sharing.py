"""The lease on a folder, between real processes."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from cnn.training.run import RunError
from cnn.training.scheduling import sharing
from cnn.training.scheduling.sharing import Lease
from tests.training.engines import until

ROOT = Path(__file__).parents[3]


class Counter:
    """What is shared in these tests; it says in which process it lives."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.taken_over = 0
        self.lease = Lease(folder, self._take_over)
        self.told = self.lease.shared(self.tell)
        self.refused = self.lease.shared(self.refuse)
        self.lease.acquire()

    def _take_over(self) -> None:
        self.taken_over += 1

    def tell(self, text: str, number: int = 0) -> tuple[str, str, int]:
        return self.name, text, number

    def refuse(self) -> None:
        raise RunError(f"{self.name} refuses.")


def other_process(folder: Path) -> subprocess.Popen[str]:
    """A process that has the lease of the folder, or waits for it."""
    script = (
        "import sys; from pathlib import Path\n"
        "from tests.training.scheduling.test_sharing import Counter\n"
        f"counter = Counter('other', Path({str(folder)!r})); print('ready', flush=True)\n"
        "for line in sys.stdin: print(counter.told(line.strip()), flush=True)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = other_process(tmp_path)
    yield process
    process.kill()
    process.communicate()


def test_the_first_process_decides_for_all(other: subprocess.Popen[str], tmp_path: Path) -> None:
    counter = Counter("this", tmp_path)
    assert not counter.lease.held
    assert counter.told("a text", number=3) == ("other", "a text", 3)
    with pytest.raises(RunError, match="other refuses"):
        counter.refused()
    counter.lease.release()


def test_another_takes_over_when_it_is_killed(other: subprocess.Popen[str], tmp_path: Path) -> None:
    counter = Counter("this", tmp_path)
    assert counter.told("before")[0] == "other"
    other.kill()
    assert counter.told("after") == ("this", "after", 0)
    assert counter.lease.held
    assert counter.taken_over == 1
    counter.lease.release()


def test_many_threads_ask_at_once(other: subprocess.Popen[str], tmp_path: Path) -> None:
    counter = Counter("this", tmp_path)
    answers: list[tuple[str, str, int]] = []

    def ask(number: int) -> None:
        answers.extend(counter.told("many", number) for _ in range(20))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == sorted([("other", "many", number) for number in range(8)] * 20)
    counter.lease.release()


def test_a_process_that_came_first_gives_way_when_it_is_closed(tmp_path: Path) -> None:
    first, second = Counter("first", tmp_path), Counter("second", tmp_path)
    assert (first.lease.held, second.lease.held) == (True, False)
    assert second.told("now")[0] == "first"
    first.lease.release()
    until(lambda: second.lease.held)
    assert second.told("later")[0] == "second"
    assert (first.taken_over, second.taken_over) == (1, 1)
    second.lease.release()


def test_a_process_that_hangs_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Counter("first", tmp_path), Counter("second", tmp_path)
    go_on = threading.Event()
    monkeypatch.setattr(sharing, "PATIENCE", 0.3)
    monkeypatch.setitem(first.lease._methods, "Counter.tell", lambda *_: go_on.wait())
    with pytest.raises(RunError, match="does not answer"):
        second.told("hello")
    go_on.set()
    first.lease.release()
    second.lease.release()


def test_a_stranger_cannot_ask(other: subprocess.Popen[str], tmp_path: Path) -> None:
    with pytest.raises(AuthenticationError):
        Client(str(tmp_path / ".lease.socket"), authkey=b"guessed")
    assert (tmp_path / ".lease.json").stat().st_mode & 0o077 == 0
    counter = Counter("this", tmp_path)
    assert counter.told("still")[0] == "other"  # the one that was refused did not end it
    counter.lease.release()


def test_a_folder_that_cannot_be_written_has_no_lease(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file where a folder should be")
    counter = Counter("this", tmp_path / "runs")
    assert counter.told("alone")[0] == "this"
