"""The course: its lessons, their place in the address, and what was learned."""

import pytest
import streamlit as st

from cnn.ui.learn import course
from cnn.ui.learn.curriculum import LESSONS
from cnn.ui.learn.lesson import Lesson
from tests.pages.conftest import Open


def test_every_lesson_has_a_key_and_a_title_of_its_own() -> None:
    assert len(LESSONS) == 10
    assert (
        len({lesson.key for lesson in LESSONS}) == len({lesson.title for lesson in LESSONS}) == 10
    )


@pytest.mark.parametrize("lesson", LESSONS, ids=[lesson.key for lesson in LESSONS])
def test_a_lesson_opens_in_each_of_its_views(open_page: Open, lesson: Lesson) -> None:
    app = open_page("Learn", lesson=lesson.key)
    for view in lesson.views:
        app.query_params["set"] = view.setup
        app.run()
        assert not app.exception, app.exception
        assert app.title[0].value.endswith(lesson.title)
        assert not [one.value for one in app.warning if "does not offer" in one.value]
        written = app.query_params.get("set", "")
        assert sorted(written.split("_")) == sorted(view.setup.split("_"))


def test_the_lessons_lead_to_each_other_and_the_address_follows(open_page: Open) -> None:
    app = open_page("Learn")
    for number, lesson in enumerate(LESSONS, start=1):
        assert app.title[0].value == f"{number} {lesson.title}"
        assert app.query_params["lesson"] == lesson.key
        if number < len(LESSONS):
            app.button("lesson-step-1").click().run()
            assert not app.exception, app.exception
    app.button("lesson-padding").click().run()
    assert app.title[0].value == "3 Padding and stride"


def test_a_wrong_answer_is_not_counted_and_the_count_says_what_it_counts(open_page: Open) -> None:
    def counted() -> str:
        [progress] = app.get("progress")
        return str(progress.proto.text)

    app = open_page("Learn", lesson="softmax")
    [asked] = app.radio
    for answer, right in ((0, 0), (2, 1)):
        asked.set_value(answer).run()
        assert counted().startswith(f"{right} of {len(LESSONS)} ")
        assert "correct" in counted()


def test_a_lesson_that_is_not_there_is_told_until_it_is_understood(open_page: Open) -> None:
    app = open_page("Learn", lesson="<b>")
    assert "There is no lesson '<b>'" in app.warning[0].value
    app.run()
    assert app.warning
    app.button("learn-understood").click().run()
    assert not app.warning


def test_what_is_set_while_the_page_is_still_being_drawn_is_kept(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A control that is moved ends a run of the page where it is, and begins another.
    with monkeypatch.context() as interrupted:
        interrupted.setattr(course, "_onwards", lambda _: st.stop())
        app = open_page("Learn", lesson="activations", set="f-tanh")
    [slider] = [one for one in app.slider if one.label.startswith("Input x")]
    slider.set_value(1.1).run()
    assert not app.exception, app.exception
    assert app.query_params["set"] == "f-tanh_x-1.1"
