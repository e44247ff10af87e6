"""The course: its lessons, their place in the URL, and what was learned."""

import pytest
import streamlit as st

from cnn.ui.common.formatting import escaped
from cnn.ui.learn import course
from cnn.ui.learn.course import LESSONS, Lesson, numbered_title
from tests.pages.conftest import Open

FORMER_LINKS = {
    "images": ["part-gray", "part-gray_as-1", "part-color", "part-color_side-1_row-27_column-22"],
    "convolution": [
        "kernel-mean_size-7",
        "image-color_channel-red_green-0_blue-0",
        "turned-yes_kernel-emboss",
        "kernel-sobel-level-edges",
    ],
    "training": ["epoch-0_rate-0.5", "topic-rates_optimizer-adam", "topic-rates_middlesgd-0.1"],
    "beyond": ["net-resnet_layers-40", "net-resnet_spread-1.2", "net-yolo_garments-1_down-14"],
}
"""Links that earlier versions of the app gave out."""


def test_every_lesson_has_its_own_key_and_title() -> None:
    assert len(LESSONS) == 10
    assert len({lesson.key for lesson in LESSONS}) == 10
    assert len({lesson.title for lesson in LESSONS}) == 10


@pytest.mark.parametrize("lesson", LESSONS, ids=[lesson.key for lesson in LESSONS])
def test_a_lesson_opens_in_each_of_its_views(open_page: Open, lesson: Lesson) -> None:
    app = open_page("Learn", lesson=lesson.key)
    for view in lesson.prose.views:
        app.query_params["set"] = view.controls
        app.run()
        assert not app.exception, app.exception
        assert app.title[0].value == numbered_title(lesson)
        assert "learn-dismiss-notices" not in {button.key for button in app.button}
        written = app.query_params.get("set", "")
        assert sorted(written.split("_")) == sorted(view.controls.split("_"))


@pytest.mark.parametrize("key", FORMER_LINKS)
def test_former_links_still_open(open_page: Open, key: str) -> None:
    app = open_page("Learn", lesson=key)
    for controls in FORMER_LINKS[key]:
        app.query_params["set"] = controls
        app.run()
        assert not app.exception, app.exception
        assert "learn-dismiss-notices" not in {button.key for button in app.button}, controls


def test_the_lessons_lead_to_each_other_and_the_url_follows(open_page: Open) -> None:
    app = open_page("Learn")
    for number, lesson in enumerate(LESSONS, start=1):
        assert app.title[0].value == numbered_title(lesson)
        assert app.title[0].value.startswith(f"{number}. ")
        assert app.query_params["lesson"] == lesson.key
        if number < len(LESSONS):
            app.button("lesson-step-1").click().run()
            assert not app.exception, app.exception
    app.button("lesson-padding").click().run()
    assert app.query_params["lesson"] == "padding"


def test_a_lesson_that_does_not_exist_is_reported_until_dismissed(open_page: Open) -> None:
    app = open_page("Learn", lesson="<b>")
    assert escaped(repr("<b>")) in app.warning[0].value
    app.run()
    assert app.warning
    app.button("learn-dismiss-notices").click().run()
    assert not app.warning


def test_a_control_that_is_moved_while_the_page_is_drawn_keeps_its_value(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A control that is moved ends a run of the page where it is, and starts another.
    with monkeypatch.context() as interrupted:
        interrupted.setattr(course, "_neighbors", lambda _: st.stop())
        app = open_page("Learn", lesson="activations", set="f-tanh")
    [slider] = [slider for slider in app.slider if str(slider.key).endswith("-x")]
    slider.set_value(1.1).run()
    assert not app.exception, app.exception
    assert app.query_params["set"] == "f-tanh_x-1.1"
