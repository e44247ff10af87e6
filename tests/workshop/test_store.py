"""Workshops outlast restarts, are shared between processes, and leave nobody's data at their end."""

import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cnn.workshop import workshop as values
from cnn.workshop.code import spaced
from cnn.workshop.store import WorkshopStore
from cnn.workshop.workshop import Question, View, WorkshopError
from tests.workshop.examples import PLAN, QUESTION, VIEW, Clock, store, trained

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(tmp_path: Path, clock: Clock) -> WorkshopStore:
    return store(tmp_path, clock)


def test_before_the_first_workshop_there_is_no_file_and_nothing_fails(
    kept: WorkshopStore, tmp_path: Path
) -> None:
    assert kept.hosted("ann") is None and kept.at_device("ann") == [] and kept.under_way() == []
    kept.sweep()
    kept.adopt("ann", "bo")
    for wish in (
        lambda: kept.join("ACD234", "ann"),
        lambda: kept.host("secret", "ann"),
        lambda: kept.workshop("w"),
        lambda: kept.by_code("ACD234"),
    ):
        with pytest.raises(WorkshopError):
            wish()
    assert not (tmp_path / "home").exists()


def test_a_workshop_from_start_to_end(kept: WorkshopStore, clock: Clock) -> None:
    workshop, secret = kept.create(PLAN, "host")
    assert (workshop.plan, workshop.state) == (PLAN, "running")
    assert kept.hosted("host") == kept.host(secret, "other device") == workshop
    with pytest.raises(WorkshopError):
        kept.host(secret + "x", "thief")
    ann = kept.join(spaced(workshop.code).lower(), "ann's browser")
    assert kept.join(workshop.code, "ann's browser") == ann  # a refresh
    bo = kept.join(workshop.code, "ann's browser", again=True)
    assert [one.id for one in kept.participants(workshop.id)] == [ann.id, bo.id]
    kept.rename(ann.id, "  Ann   A. ")
    with pytest.raises(WorkshopError, match="already"):
        kept.rename(bo.id, "ann a.")
    clock.now += 60
    kept.note_presence(bo.id, "Lessons")
    first, second = kept.at_device("ann's browser")
    assert (first.id, first.page, second.name) == (
        bo.id,
        "Lessons",
        "Ann A.",
    )
    assert kept.here(first) and not kept.here(second)
    assert kept.workshop(workshop.id).active == clock.now
    kept.add_run(ann.id, trained("one"))
    kept.add_run(ann.id, trained("one"))
    kept.add_run(bo.id, trained("two", accuracy=None))
    kept.show_run(bo.id, "two", False)
    kept.update_run(workshop.id, trained("two", accuracy=0.5), held=False)
    assert [(one.run.run, one.participant, one.on_board) for one in kept.runs(workshop.id)] == [
        ("one", ann.id, True),
        ("two", bo.id, False),
    ]
    kept.answer(ann.id, QUESTION, 0)
    kept.answer(ann.id, QUESTION, 1)
    kept.answer(bo.id, QUESTION, 1)
    tally = kept.tallies(workshop.id)["padding"]
    assert (tally.question, tally.counts, tally.right) == (QUESTION, (0, 2, 0), 2)
    kept.send(workshop.id, VIEW)
    kept.reveal(workshop.id, "padding", True)
    kept.reveal(workshop.id, "dense", True)
    kept.reveal(workshop.id, "dense", False)
    kept.hide_names(workshop.id, True)
    kept.set_state(workshop.id, "paused")
    now = kept.workshop(workshop.id)
    assert (now.sent, now.sends, now.revealed, now.names_hidden, now.paused) == (
        VIEW,
        1,
        ("padding",),
        True,
        True,
    )
    kept.set_state(workshop.id, "ended")
    over = kept.workshop(workshop.id)
    assert over.over and over.ended == clock.now and over.sent is None
    assert kept.participants(workshop.id) == [] and kept.tallies(workshop.id) == {}
    assert [(one.run.run, one.participant) for one in kept.runs(workshop.id)] == [("one", None)]
    with pytest.raises(WorkshopError, match="has ended"):
        kept.join(workshop.code, "late")
    with pytest.raises(WorkshopError, match="not in this workshop"):
        kept.rename(ann.id, "Ann")
    kept.send(workshop.id, VIEW)
    kept.set_state(workshop.id, "running")
    assert kept.workshop(workshop.id) == over


def test_nothing_of_anybody_is_left_in_the_file_after_the_end(
    kept: WorkshopStore, tmp_path: Path
) -> None:
    workshop, secret = kept.create(PLAN, "the-host")
    ann = kept.join(workshop.code, "anns-browser")
    kept.rename(ann.id, "Annabelle")
    kept.add_run(ann.id, trained("run-of-ann"))
    kept.answer(ann.id, Question("dense", "Which one?", ("Peculiar", "Other"), 0), 0)

    def content() -> bytes:
        return b"".join(file.read_bytes() for file in (tmp_path / "home").iterdir())

    assert b"Annabelle" in content() and b"Peculiar" in content() and ann.id.encode() in content()
    kept.set_state(workshop.id, "ended")
    for private in (b"Annabelle", b"Peculiar", b"anns-browser", ann.id.encode(), secret.encode()):
        assert private not in content()


def test_who_leaves_is_forgotten(kept: WorkshopStore) -> None:
    workshop, _ = kept.create(PLAN, "host")
    ann, bo = (kept.join(workshop.code, person) for person in ("ann", "bo"))
    for one in (ann, bo):
        kept.add_run(one.id, trained("shared"))
        kept.answer(one.id, QUESTION, 2)
    kept.leave(ann.id)
    assert [one.participant for one in kept.runs(workshop.id)] == [bo.id]
    assert kept.tallies(workshop.id)["padding"].counts == (0, 0, 1)
    assert kept.at_device("ann") == []


@pytest.mark.parametrize(
    ("steps", "ends"),
    [
        ([values.IDLE - 1], False),
        ([values.IDLE + 1], True),
        ([values.IDLE - 1] * 11, False),
        ([values.IDLE - 1] * 13, True),
    ],
)
def test_a_workshop_ends_two_hours_after_the_last_activity_or_after_a_day(
    kept: WorkshopStore, clock: Clock, steps: list[float], ends: bool
) -> None:
    workshop, _ = kept.create(PLAN, "host")
    ann = kept.join(workshop.code, "ann")
    for step in steps:
        clock.now += step
        kept.sweep()
        kept.note_presence(ann.id, "Home")
    assert kept.workshop(workshop.id).over is ends
    assert bool(kept.participants(workshop.id)) is not ends
    assert bool(kept.under_way()) is not ends


def test_a_board_is_kept_for_a_week_after_the_end(kept: WorkshopStore, clock: Clock) -> None:
    workshop, _ = kept.create(PLAN, "host")
    kept.add_run(kept.join(workshop.code, "ann").id, trained("one"))
    kept.set_state(workshop.id, "ended")
    clock.now += values.KEPT - 1
    kept.sweep()
    assert len(kept.runs(workshop.id)) == 1
    clock.now += 2
    kept.sweep()
    assert kept.runs(workshop.id) == [] and kept.hosted("host") is None


def test_runs_under_way_are_told_once_however_many_share_them(kept: WorkshopStore) -> None:
    workshop, _ = kept.create(PLAN, "host")
    live = trained("live", accuracy=None, status="training")
    for person in ("ann", "bo"):
        me = kept.join(workshop.code, person)
        kept.add_run(me.id, live)
        kept.add_run(me.id, trained("done"))
    assert kept.under_way() == [(kept.workshop(workshop.id), [(live, False)])]
    kept.update_run(workshop.id, replace(live, status="paused"), held=True)
    assert kept.under_way()[0][1] == [(replace(live, status="paused"), True)]


def test_where_somebodys_own_work_is_outlasts_a_refresh(kept: WorkshopStore) -> None:
    workshop, _ = kept.create(PLAN, "host")
    ann = kept.join(workshop.code, "ann")
    kept.follow(ann.id, 3, VIEW)
    assert kept.at_device("ann") == [replace(ann, sends=3, aside=VIEW)]
    kept.follow(ann.id, 3, None)
    assert kept.at_device("ann") == [replace(ann, sends=3)]


def test_a_browser_hosts_a_few_workshops_at_a_time(kept: WorkshopStore) -> None:
    made = [kept.create(PLAN, "host")[0] for _ in range(values.MOST_HOSTED)]
    with pytest.raises(WorkshopError, match="End one"):
        kept.create(PLAN, "host")
    kept.set_state(made[0].id, "ended")
    kept.create(PLAN, "host")


def test_only_this_user_can_read_the_file(kept: WorkshopStore, tmp_path: Path) -> None:
    kept.create(PLAN, "host")
    for file in (tmp_path / "home").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_restart_loses_nothing(kept: WorkshopStore, tmp_path: Path, clock: Clock) -> None:
    workshop, _ = kept.create(PLAN, "host")
    ann = kept.join(workshop.code, "ann")
    again = store(tmp_path, clock)
    assert again.workshop(workshop.id) == kept.workshop(workshop.id)
    assert again.at_device("ann") == [ann]


def test_a_browser_takes_its_earlier_name_along(kept: WorkshopStore) -> None:
    workshop, _ = kept.create(PLAN, "new")
    ann = kept.join(workshop.code, "new", again=True)
    kept.adopt("new", "old")
    assert kept.hosted("new") is None and kept.hosted("old") == kept.workshop(workshop.id)
    assert kept.at_device("old") == [replace(ann, person="old")]


@pytest.mark.parametrize("name", ["", " \n ", "x" * 31, "a\N{RIGHT-TO-LEFT OVERRIDE}b"])
def test_names_that_cannot_be_shown_are_refused(kept: WorkshopStore, name: str) -> None:
    workshop, _ = kept.create(PLAN, "host")
    ann = kept.join(workshop.code, "ann")
    with pytest.raises(WorkshopError):
        kept.rename(ann.id, name)


@pytest.mark.parametrize("code", ["", "ACD", "O00000", "'; DROP TABLE workshops; --", "ACD234"])
def test_a_wrong_code_is_answered_with_a_sentence(kept: WorkshopStore, code: str) -> None:
    kept.create(PLAN, "host")
    with pytest.raises(WorkshopError, match="code"):
        kept.join(code, "ann")


def test_a_damaged_file_is_said_to_be(kept: WorkshopStore, tmp_path: Path) -> None:
    kept.create(PLAN, "host")
    (tmp_path / "home" / "workshops.sqlite").write_bytes(b"no database" * 999)
    for wish in (lambda: kept.hosted("host"), lambda: kept.create(PLAN, "host"), kept.sweep):
        with pytest.raises(WorkshopError, match="cannot be read"):
            wish()


_MANY = """
import sys
from pathlib import Path
from cnn.workshop.store import WorkshopStore
from tests.workshop.examples import trained

folder, code, who = sys.argv[1:]
mine = WorkshopStore(Path(folder) / "home" / "workshops.sqlite")
for number in range(25):
    me = mine.join(code, f"{who}-{number}")
    mine.note_presence(me.id, "Train")
    mine.add_run(me.id, trained(f"{who}-{number}"))
"""


def test_two_processes_write_to_one_file_and_no_write_is_lost(tmp_path: Path) -> None:
    first = WorkshopStore(tmp_path / "home" / "workshops.sqlite")
    workshop, _ = first.create(PLAN, "host")
    others = [
        subprocess.Popen([sys.executable, "-c", _MANY, str(tmp_path), workshop.code, who], cwd=ROOT)
        for who in ("a", "b")
    ]
    assert [other.wait() for other in others] == [0, 0]
    people = first.participants(workshop.id)
    assert len({one.name for one in people}) == 50 == len(first.runs(workshop.id))
    with sqlite3.connect(tmp_path / "home" / "workshops.sqlite") as rows:
        assert rows.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    rows.close()


def test_a_view_is_kept_as_it_was_sent(kept: WorkshopStore) -> None:
    workshop, _ = kept.create(PLAN, "host")
    view = View("Learn", "lesson=padding&set=a-1 é")
    kept.send(workshop.id, view)
    assert kept.workshop(workshop.id).sent == view
