"""The room's tables: who needs help comes first, and lessons count those who are there."""

from dataclasses import replace

from cnn.ui.workshop.room import lesson_table, people_table
from cnn.workshop.workshop import OwnRun, Participant, Tally
from tests.workshop.examples import QUESTION, trained

ANN, BO, CAI, DEE = (
    Participant(name.lower(), "w", name, name, 0.0, 0.0, page)
    for name, page in (("Ann", "Train"), ("Bo", "Train"), ("Cai", "Train"), ("Dee", ""))
)
HERE = {"ann": True, "bo": True, "cai": True, "dee": False}


def test_who_waits_longest_is_first_then_who_trains() -> None:
    queued = trained("q", accuracy=None, status="queued", since=90.0)
    runs = [
        OwnRun(queued, "ann"),
        OwnRun(replace(queued, run="r", since=50.0), "bo"),
        OwnRun(trained("done"), "bo"),
        OwnRun(trained("t", accuracy=None, status="training", epochs=2, planned=5), "cai"),
    ]
    found = people_table([DEE, ANN, BO, CAI], HERE, runs, 100.0)
    assert list(found["Who"]) == ["Bo", "Ann", "Cai", "Dee"]
    assert list(found["Training"]) == ["waits about 50 s", "waits about 10 s", "epoch 2 of 5", ""]
    assert list(found["Networks"]) == [1, 0, 0, 0]
    assert list(found["Page"]) == ["Train", "Train", "Train", "away (just joined)"]


def test_lessons_with_people_or_answers_are_listed_in_their_order() -> None:
    pooling = [replace(one, page="4. Pooling") for one in (ANN, DEE)]
    found = lesson_table(pooling, HERE, {"padding": Tally(QUESTION, (1, 2, 0))})
    assert found.to_dict("records") == [
        {"Lesson": "3. Padding and stride", "There now": 0, "Answered": 3, "Correct": 2},
        {"Lesson": "4. Pooling", "There now": 1, "Answered": 0, "Correct": 0},
    ]
