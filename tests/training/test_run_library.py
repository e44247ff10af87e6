import os
import time
from pathlib import Path

import pytest

from cnn.training.run import RunError
from cnn.training.run_library import MOST_ENTRIES, RunLibraries, RunLibrary


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shelves" / "somebody.json"


def test_a_shelf_outlasts_the_process(file: Path) -> None:
    shelf = RunLibrary(file)
    shelf.add("a-run")
    shelf.add("b-run", "mine")
    shelf.add("a-run")  # it is there
    shelf.describe("a-run", "  first try ", "two\nlines")
    again = RunLibrary(file)
    assert again.entries == shelf.entries
    assert [(one.run, one.number, one.name, one.note) for one in again.entries] == [
        ("a-run", 1, "first try", "two\nlines"),
        ("b-run", 2, "mine", ""),
    ]
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_what_is_taken_off_comes_back_where_it_was_and_numbers_are_not_given_twice(
    file: Path,
) -> None:
    shelf = RunLibrary(file)
    for run in "abc":
        shelf.add(run, run.upper())
    taken = shelf.remove("c")
    assert taken is not None
    assert shelf.remove("nothing") is None
    shelf.add("d")
    shelf.put_back(taken)
    shelf.put_back(taken)
    assert [(one.run, one.number, one.name) for one in RunLibrary(file).entries] == [
        ("a", 1, "A"),
        ("b", 2, "B"),
        ("c", 3, "C"),
        ("d", 4, ""),
    ]
    shelf.keep_only(lambda run: run != "b")
    assert [one.run for one in shelf.entries] == ["a", "c", "d"]


@pytest.mark.parametrize("text", ["x" * 61, "a\nb", "a\x00", "\x1b[31m", "\u202eevil", "\ud800"])
def test_a_name_that_cannot_be_is_refused_with_a_sentence(file: Path, text: str) -> None:
    shelf = RunLibrary(file)
    shelf.add("a-run", "good")
    with pytest.raises(RunError, match="The name has"):
        shelf.describe("a-run", text, "")
    with pytest.raises(RunError, match="The note has"):
        shelf.describe("a-run", "", "n" * 501)
    assert shelf.entries[0].name == "good"


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[]", b'{"entries":[{"run":1}]}', b"[" * 100_000]
)
def test_a_damaged_shelf_is_set_aside(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    shelf = RunLibrary(file)
    assert shelf.entries == ()
    assert file.with_suffix(".damaged").read_bytes() == content
    shelf.add("a-run")
    assert RunLibrary(file).entries == shelf.entries


def test_a_person_has_one_shelf_whatever_the_token_holds(tmp_path: Path) -> None:
    shelves = RunLibraries(tmp_path / "shelves")
    for token in ("ann", "../../ann", "/etc/passwd", "\x00", "ä" * 500):
        shelf = shelves.of(token)
        shelf.add("a-run")
        assert shelves.of(token) is shelf
    assert len(list((tmp_path / "shelves").iterdir())) == 5
    assert [path.name for path in tmp_path.iterdir()] == ["shelves"]
    assert RunLibraries(tmp_path / "shelves").of("ann").runs == ["a-run"]
    assert RunLibraries(tmp_path / "shelves").of("bob").runs == []


def test_old_shelves_are_cleared_and_full_ones_make_room(file: Path) -> None:
    shelf = RunLibrary(file)
    for number in range(MOST_ENTRIES + 1):
        shelf.add(f"run-{number}")
    assert len(shelf.entries) == MOST_ENTRIES
    assert shelf.entries[0].run == "run-1"
    then = time.time() - 40 * 86400
    os.utime(file, (then, then))
    RunLibraries(file.parent)
    assert not file.exists()


def test_a_shelf_that_cannot_be_written_goes_on(tmp_path: Path) -> None:
    (tmp_path / "shelves").write_text("a file where the folder should be")
    shelf = RunLibrary(tmp_path / "shelves" / "somebody.json")
    shelf.add("a-run")
    assert shelf.runs == ["a-run"]
