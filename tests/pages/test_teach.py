"""The teacher's page: its links lead where they say, and its times are those of this server."""

import re

import pytest

from cnn.training.scheduling.engine import LONGEST_QUEUE
from cnn.ui.common import formatting
from cnn.ui.learn.curriculum import LESSONS
from cnn.ui.learn.lesson import address
from cnn.ui.state import services
from cnn.ui.teach import workshop
from tests.pages.conftest import Open


def test_the_plan_is_45_minutes_of_pages_that_there_are(open_page: Open) -> None:
    assert sum(part.minutes for part in workshop.PLAN) == 45
    keys = {lesson.key for lesson in LESSONS}
    assert {part.lesson for part in workshop.PLAN} - {""} <= keys
    app = open_page("Teach")
    assert len(app.get("page_link")) == len(workshop.PLAN)
    told = " ".join(one.value for one in app.markdown)
    for lesson in LESSONS:
        assert len(lesson.views) >= 2
        assert all(f"[{view.shows}]({address(lesson, view)})" in told for view in lesson.views)


def test_the_time_of_a_class_grows_with_its_people(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "seconds_per_epoch", lambda *_: 0.5)
    app = open_page("Teach")
    [told] = [one.value for one in app.markdown if "epoch of the article's network" in one.value]
    assert formatting.seconds(30 * 5 * 0.5) in told
    assert app.number_input("teach-people").max == LONGEST_QUEUE  # more would be sent away
    app.number_input("teach-people").set_value(12).run()
    [told] = [one.value for one in app.markdown if "epoch of the article's network" in one.value]
    assert re.search(r"12 different", told)
    assert formatting.seconds(12 * 5 * 0.5) in told
