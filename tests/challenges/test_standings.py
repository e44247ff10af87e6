"""Standings on disk: the best and the last entry, what survives, what is damaged or cannot be saved."""

import os
import time
from pathlib import Path

import pytest

from cnn.challenges.challenge import ChallengeError
from cnn.challenges.judge import Finding, Verdict
from cnn.challenges.standings import MOST_CHALLENGES, Pending, Standings

ANN, BEN = "a" * 64, "b" * 64


def verdict(accuracy: float) -> Verdict:
    return Verdict(
        (Finding("accuracy", accuracy, accuracy - 0.02, accuracy + 0.02, 0.8),), 3, "Note"
    )


def test_the_best_and_the_last_entry_are_kept_per_person(tmp_path: Path) -> None:
    standings = Standings(tmp_path, clock=lambda: 5.0)
    for accuracy in (0.7, 0.85, 0.82):
        standings.add(ANN, "small", f"Run at {accuracy}", verdict(accuracy))
    [standing] = Standings(tmp_path).of(ANN).values()
    assert (standing.challenge, standing.entries, standing.met) == ("small", 3, True)
    assert standing.best and standing.best.verdict == verdict(0.85) and standing.best.when == 5.0
    assert standing.last and standing.last.what == "Run at 0.82"
    assert Standings(tmp_path).of(BEN) == {}


def test_an_entry_waits_until_it_is_judged(tmp_path: Path) -> None:
    standings = Standings(tmp_path)
    standings.enter(ANN, "small", Pending("run", "Run 1", "experiment"))
    assert standings.of(ANN)["small"].pending == Pending("run", "Run 1", "experiment")
    standings.add(ANN, "small", "Run 1", verdict(0.7))
    standing = standings.of(ANN)["small"]
    assert standing.pending is None and standing.entries == 1 and not standing.met


def test_the_first_guess_of_a_run_is_remembered(tmp_path: Path) -> None:
    standings = Standings(tmp_path)
    standings.add(ANN, "guess", "Run 1", verdict(0.7), "run1")
    standings.add(ANN, "guess", "Run 2", verdict(0.7), "run2")
    assert standings.of(ANN)["guess"].guessed == ("run1", "run2")


def test_the_challenges_entered_last_are_kept(tmp_path: Path) -> None:
    standings = Standings(tmp_path)
    for number in range(MOST_CHALLENGES + 1):
        standings.add(ANN, f"accuracy0.{number}", "Run", verdict(0.7))
    assert [*standings.of(ANN)] == [
        f"accuracy0.{number}" for number in range(1, MOST_CHALLENGES + 1)
    ]


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    standings = Standings(tmp_path)
    standings.add(ANN, "small", "Run 1", verdict(0.7))
    [file] = tmp_path.iterdir()
    file.write_bytes(file.read_bytes().replace(b"Note", b"Nose"))
    assert standings.of(ANN) == {}
    assert [path.suffix for path in tmp_path.iterdir()] == [".damaged"]
    standings.add(ANN, "small", "Run 1", verdict(0.7))
    assert standings.of(ANN)["small"].entries == 1


def test_old_files_are_removed_and_others_stay(tmp_path: Path) -> None:
    standings = Standings(tmp_path)
    for person in (ANN, BEN):
        standings.add(person, "small", "Run 1", verdict(0.7))
    long_ago = time.time() - 31 * 24 * 3600
    os.utime(tmp_path / f"{ANN}.json", (long_ago, long_ago))
    again = Standings(tmp_path)
    assert again.of(ANN) == {} and again.of(BEN)


def test_a_folder_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ChallengeError, match="cannot be saved"):
        Standings(tmp_path / "file").add(ANN, "small", "Run 1", verdict(0.7))


@pytest.mark.parametrize("person", ["", "../ann", "a/b"])
def test_nobody_leaves_the_folder(tmp_path: Path, person: str) -> None:
    with pytest.raises(ChallengeError):
        Standings(tmp_path).add(person, "small", "Run 1", verdict(0.7))
