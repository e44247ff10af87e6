import os
import time
from pathlib import Path

import pytest

from cnn.training.run import RunError
from cnn.training.run_library import MOST_ENTRIES, RunLibraries, RunLibrary


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shelves" / "somebody.json"


def test_a_library_outlasts_the_process(file: Path) -> None:
    library = RunLibrary(file)
    library.add("a-run")
    library.add("b-run", "mine")
    library.add("a-run")  # it is there
    library.describe("a-run", "  first try ", "two\nlines")
    again = RunLibrary(file)
    assert again.entries == library.entries
    assert [(one.run, one.number, one.name, one.note) for one in again.entries] == [
        ("a-run", 1, "first try", "two\nlines"),
        ("b-run", 2, "mine", ""),
    ]
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_what_was_removed_comes_back_where_it_was_and_numbers_are_not_given_twice(
    file: Path,
) -> None:
    library = RunLibrary(file)
    for run in "zyx":
        library.add(run, run.upper())
    taken = library.remove("x")
    assert taken is not None
    assert library.remove("nothing") is None
    library.add("a")
    library.put_back(taken)
    library.put_back(taken)
    assert [(one.run, one.number, one.name) for one in RunLibrary(file).entries] == [
        ("z", 1, "Z"),
        ("y", 2, "Y"),
        ("x", 3, "X"),
        ("a", 4, ""),
    ]
    library.keep_only(lambda run: run != "y")
    assert [one.run for one in library.entries] == ["z", "x", "a"]


@pytest.mark.parametrize("text", ["x" * 61, "a\nb", "a\x00", "\x1b[31m", "\u202eevil", "\ud800"])
def test_a_name_that_cannot_be_is_refused_with_a_sentence(file: Path, text: str) -> None:
    library = RunLibrary(file)
    library.add("a-run", "good")
    with pytest.raises(RunError, match="The name has"):
        library.describe("a-run", text, "")
    with pytest.raises(RunError, match="The note has"):
        library.describe("a-run", "", "n" * 501)
    assert library.entries[0].name == "good"


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[]", b'{"entries":[{"run":1}]}', b"[" * 100_000]
)
def test_a_damaged_library_is_set_aside(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    library = RunLibrary(file)
    assert library.entries == ()
    assert file.with_suffix(".damaged").read_bytes() == content
    library.add("a-run")
    assert RunLibrary(file).entries == library.entries


def test_a_person_has_one_library_whatever_the_token_holds(tmp_path: Path) -> None:
    libraries = RunLibraries(tmp_path / "shelves")
    for token in ("ann", "../../ann", "/etc/passwd", "\x00", "ä" * 500):
        library = libraries.of(token)
        library.add("a-run")
        assert libraries.of(token) is library
    assert len(list((tmp_path / "shelves").iterdir())) == 5
    assert [path.name for path in tmp_path.iterdir()] == ["shelves"]
    assert RunLibraries(tmp_path / "shelves").of("ann").runs == ["a-run"]
    assert RunLibraries(tmp_path / "shelves").of("bob").runs == []


def test_old_libraries_are_cleared_and_full_ones_make_room(file: Path) -> None:
    library = RunLibrary(file)
    for number in range(MOST_ENTRIES + 1):
        library.add(f"run-{number}")
    assert len(library.entries) == MOST_ENTRIES
    assert library.entries[0].run == "run-1"
    then = time.time() - 40 * 86400
    os.utime(file, (then, then))
    RunLibraries(file.parent)
    assert not file.exists()


def test_a_library_that_cannot_be_written_goes_on(tmp_path: Path) -> None:
    (tmp_path / "shelves").write_text("a file where the folder should be")
    library = RunLibrary(tmp_path / "shelves" / "somebody.json")
    library.add("a-run")
    assert library.runs == ["a-run"]
