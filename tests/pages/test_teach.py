"""The teacher's page: its links lead where they say, and its times are those of this server."""

import pytest
from streamlit.testing.v1 import AppTest

from cnn.training.scheduling.engine import Engine
from cnn.training.scheduling.limits import LONGEST_QUEUE
from cnn.ui.common import formatting
from cnn.ui.common.page import LEARN
from cnn.ui.learn.course import LESSONS
from cnn.ui.state import services
from cnn.ui.teach import workshop
from tests.pages.conftest import Open


def text(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def test_the_plan_takes_45_minutes_on_pages_that_exist(open_page: Open) -> None:
    assert sum(minutes for minutes, _, _ in workshop.PLAN) == 45
    keys = {lesson.key for lesson in LESSONS}
    assert {section for _, page, section in workshop.PLAN if page == LEARN} <= keys
    app = open_page("Teach")
    assert len(app.get("page_link")) == len(workshop.PLAN)


def test_every_view_of_every_lesson_is_linked(open_page: Open) -> None:
    app = open_page("Teach")
    for lesson in LESSONS:
        assert len(lesson.prose.views) >= 2
        for view in lesson.prose.views:
            assert f"[{view.shows}]({lesson.address(view)})" in text(app)


def test_the_time_of_a_class_grows_with_its_people(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "seconds_per_epoch", lambda *_: 0.5)
    workers = 3
    monkeypatch.setattr(Engine, "workers", property(lambda _: workers))
    app = open_page("Teach")
    assert formatting.seconds(30 * 5 * 0.5 / workers) in text(app)
    assert app.number_input("teach-people").max == LONGEST_QUEUE  # more would be refused
    app.number_input("teach-people").set_value(12).run()
    assert formatting.seconds(12 * 5 * 0.5 / workers) in text(app)
