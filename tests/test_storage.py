"""One atomic write, safe IDs, and records that are checked against their type."""

import json
import math
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn import storage
from cnn.storage import (
    RecordError,
    atomic_write,
    decode,
    encode,
    is_safe_id,
    new_id,
    read_file,
    read_record,
    remove,
    remove_leftovers,
    write_file,
    write_record,
)

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Leaf:
    number: int
    share: float = 0.5
    kind: Literal["round", "pointed"] = "round"

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError(f"A leaf has no number {self.number}.")


@dataclass(frozen=True)
class Tree:
    name: str
    leaves: tuple[Leaf, ...] = ()
    best: Leaf | None = None
    tall: bool = False
    setting: str = ""


leaves = st.builds(
    Leaf,
    st.integers(0, 10**30),
    st.floats(allow_nan=False),
    st.sampled_from(["round", "pointed"]),
)
trees = st.builds(
    Tree, st.text(), st.lists(leaves).map(tuple), st.none() | leaves, st.booleans(), st.text()
)


def test_a_write_makes_the_folder_and_replaces_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file.json"
    write_file(path, b"a long content")
    write_file(path, b"short")
    assert read_file(path) == b"short"
    assert list(path.parent.iterdir()) == [path]


def test_nothing_is_to_be_seen_before_the_write_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_file(path, b"old")
    with atomic_write(path) as file:
        file.write(b"new")
        file.flush()
        assert read_file(path) == b"old"
    assert read_file(path) == b"new"


@pytest.mark.parametrize("broken", ["replace", "fsync"])
def test_a_write_that_fails_at_its_end_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    path = tmp_path / "file"
    write_file(path, b"old")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, broken, full)
    with pytest.raises(OSError, match="No space"):
        write_file(path, b"new")
    assert read_file(path) == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_stops_in_the_middle_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_file(path, b"old")
    for error in (OSError, ValueError, KeyboardInterrupt):
        with pytest.raises(error), atomic_write(path) as file:
            file.write(b"half of what was to be")
            raise error
        assert read_file(path) == b"old"
        assert list(tmp_path.iterdir()) == [path]


def test_the_content_is_on_the_disk_before_it_gets_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "file", []
    fsync, replace = os.fsync, os.replace

    def synced(number: int) -> None:
        seen.append(f"sync of {os.fstat(number).st_size} bytes")
        fsync(number)

    def replaced(source: Path, target: Path) -> None:
        seen.append("rename")
        assert source.parent == target.parent
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    write_file(path, b"12345")
    assert seen == [f"sync of {path.stat().st_size} bytes", "rename"]


def test_files_and_folders_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "home" / "runs" / "file"
    write_file(path, b"content")
    assert path.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in path.parents[:2]} == {0o700}


@given(st.binary(max_size=300), st.data())
def test_a_changed_or_shortened_file_is_never_taken_for_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("files") / "file"
    write_file(path, content)
    assert read_file(path) == content
    stored = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(stored) - 1))
    stored[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(stored)
    try:
        read = read_file(path)
    except RecordError:
        return
    # A damaged mark makes it look like a file of the first edition: nothing of it is cut off.
    assert read == stored


def test_a_file_of_the_first_edition_has_no_checksum_and_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"", b"short", bytes(1000)):
        path.write_bytes(content)
        assert read_file(path) == content


def test_what_is_odd_is_removed_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("kept")
    entries = [tmp_path / name for name in ("file", "folder", "link", "dangling", "missing")]
    entries[0].write_text("")
    (entries[1] / "deep").mkdir(parents=True)
    entries[2].symlink_to(outside)
    entries[3].symlink_to(tmp_path / "nowhere")
    for entry in entries:
        remove(entry)
    assert list(tmp_path.iterdir()) == [outside]
    assert (outside / "file").exists()


def test_two_writers_of_one_file_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with atomic_write(path) as first:
        first.write(b"first")
        with atomic_write(path) as second:
            second.write(b"second, longer")
        assert read_file(path) == b"second, longer"
    assert read_file(path) == b"first"


def test_what_killed_processes_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    write_file(path, b"old")
    script = (
        "import os, sys; from pathlib import Path; from cnn.storage import atomic_write\n"
        "with atomic_write(Path(sys.argv[1])) as file:\n"
        "    file.write(b'new'); file.flush(); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", script, path], cwd=ROOT, check=False)
    [left] = set(path.parent.iterdir()) - {path}
    assert read_file(path) == b"old"
    remove_leftovers(tmp_path)
    assert left.exists()  # another process may be writing it
    for one in (left, path):
        os.utime(one, (time.time() - 7200,) * 2)
    remove_leftovers(tmp_path)
    assert list(path.parent.iterdir()) == [path]
    remove_leftovers(tmp_path / "nothing")


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{0,70}") | st.text("/.a-_ \n", max_size=10))
def test_a_safe_id_is_a_plain_name_of_moderate_length(text: str) -> None:
    plain = text.isascii() and re.sub("[_-]", "a", text).isalnum() and len(text) <= 64
    assert is_safe_id(text) == plain


@pytest.mark.parametrize("end", ["/../../outside", "/x", "\n", ".json", "\0", " ", "é", "x" * 64])
def test_an_id_is_safe_from_its_beginning_to_its_end(end: str) -> None:
    assert is_safe_id("a-run")
    assert not is_safe_id("a-run" + end)
    assert not is_safe_id(end + "a-run")


def test_new_ids_are_safe_and_hard_to_guess() -> None:
    ids = {new_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(is_safe_id(one) and len(one) >= 16 for one in ids)


@given(trees)
def test_a_record_comes_back_equal_and_its_text_is_the_same_each_time(tree: Tree) -> None:
    text = encode(tree)
    assert decode(Tree, text) == tree
    assert encode(decode(Tree, text)) == text
    assert text.isascii()


def test_a_text_shows_what_is_equal() -> None:
    assert encode(Leaf(1, 1)) == encode(Leaf(1, 1.0)) == '{"kind":"round","number":1,"share":1.0}'
    assert encode(Leaf(1, 1)) != encode(Leaf(1, 2))


def test_numbers_that_json_does_not_have_survive() -> None:
    for share in (math.inf, -math.inf):
        assert decode(Leaf, encode(Leaf(1, share))).share == share
    assert math.isnan(decode(Leaf, encode(Leaf(1, math.nan))).share)


def test_fields_with_a_default_may_be_missing() -> None:
    assert decode(Tree, '{"name":"oak"}') == Tree("oak")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": 7}, "Tree.name"),
        ({"name": None}, "Tree.name"),
        ({"tall": 1}, "Tree.tall"),
        ({"tall": "true"}, "Tree.tall"),
        ({"leaves": {}}, "Tree.leaves"),
        ({"leaves": [{"number": 1}, {"number": "2"}]}, "Tree.leaves[1].number"),
        ({"leaves": [{"number": 1.0}]}, "Tree.leaves[0].number"),
        ({"leaves": [{"number": True}]}, "Tree.leaves[0].number"),
        ({"leaves": [{"number": 1, "share": "1"}]}, "Tree.leaves[0].share"),
        ({"leaves": [{"number": 1, "share": True}]}, "Tree.leaves[0].share"),
        ({"leaves": [{}]}, "Tree.leaves[0].number"),
        ({"best": {"number": 1, "kind": "square"}}, "Tree.best.kind"),
        ({"best": {"number": 1, "color": "green"}}, "Tree.best.color"),
        ({"best": {"number": -3}}, "Tree.best: A leaf has no number -3."),
        ({"height": 3}, "Tree.height"),
    ],
)
def test_a_wrong_record_is_refused_with_the_place(change: dict[str, Any], place: str) -> None:
    text = json.dumps({"name": "oak"} | change)
    with pytest.raises(RecordError) as error:
        decode(Tree, text)
    assert str(error.value).startswith(place)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text", ["", "[]", "7", "{", "[" * 100_000, '{"name":"a","name":"b"}', '{"name":' + "9" * 5000]
)
def test_what_is_no_record_at_all_is_refused(text: str) -> None:
    with pytest.raises(RecordError, match="Tree"):
        decode(Tree, text)


@pytest.mark.parametrize(
    "wrong", [Tree(7), Tree("oak", leaves=(7,)), Tree("oak", leaves=[Leaf(1, "a")])]
)
def test_a_value_of_the_wrong_type_is_not_written(tmp_path: Path, wrong: Tree) -> None:
    write_record(tmp_path / "file", Tree("oak"))
    with pytest.raises(RecordError):
        write_record(tmp_path / "file", wrong)
    assert read_record(Tree, tmp_path / "file") == Tree("oak")


def test_a_file_that_is_missing_or_no_text_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_record(Tree, tmp_path / "file")
    (tmp_path / "file").write_bytes(b"\xff\xfe")
    with pytest.raises(RecordError):
        read_record(Tree, tmp_path / "file")


def test_old_names_of_fields_are_read_and_new_ones_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "OLD_NAMES", {"foliage": "leaves", "count": "number"})
    old = '{"name":"count","foliage":[{"count":2}],"setting":"count"}'
    tree = decode(Tree, old)
    assert tree == Tree("count", (Leaf(2),), setting="number")
    assert decode(Tree, encode(tree)) == tree
    assert "foliage" not in encode(tree)
    with pytest.raises(RecordError, match="twice"):
        decode(Tree, '{"name":"oak","foliage":[],"leaves":[]}')
