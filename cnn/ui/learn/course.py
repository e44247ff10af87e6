"""The course: which lesson is open, the list of lessons, and the way from one to the next."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from cnn.ui.common.notices import show_warning
from cnn.ui.common.prose import Prose, View
from cnn.ui.learn.learned import lessons_learned, remember
from cnn.ui.learn.lesson_page import LessonPage
from cnn.ui.learn.lessons import (
    activations,
    article,
    beyond,
    convolution,
    dense,
    images,
    padding,
    pooling,
    softmax,
    training,
)
from cnn.ui.state import url
from cnn.ui.state.browser_echo import UrlEcho
from cnn.ui.state.session import Session

_KEY = "learn-course"


@dataclass(frozen=True)
class Lesson:
    """One topic of the course. `key` names it in the URL, `show` draws it, `prose` is its text."""

    key: str
    prose: Prose
    show: Callable[[LessonPage], None]

    @property
    def title(self) -> str:
        """The title without its number."""
        return self.prose.title

    def address(self, view: View) -> str:
        """Return the URL, relative to the app's, that opens the lesson in this view."""
        parameters = {"lesson": self.key} | ({"set": view.controls} if view.controls else {})
        return f"Learn?{urlencode(parameters)}"


LESSONS = (
    Lesson("images", images.PROSE, images.show),
    Lesson("convolution", convolution.PROSE, convolution.show),
    Lesson("padding", padding.PROSE, padding.show),
    Lesson("pooling", pooling.PROSE, pooling.show),
    Lesson("activations", activations.PROSE, activations.show),
    Lesson("dense", dense.PROSE, dense.show),
    Lesson("softmax", softmax.PROSE, softmax.show),
    Lesson("training", training.PROSE, training.show),
    Lesson("article", article.PROSE, article.show),
    Lesson("beyond", beyond.PROSE, beyond.show),
)
"""All lessons, in the order of the 2019 article."""


@dataclass
class _Course:
    """Where a visitor is in the course.

    `controls` has each lesson's controls as the URL writes them. `opened` counts the URLs that were
    opened, and `echo` knows the lesson and controls that are in the URL now. `notices` are
    sentences about what the URL asked for and could not get.
    """

    lesson: Lesson
    controls: dict[str, str]
    opened: int = 0
    echo: UrlEcho = field(default_factory=UrlEcho)
    notices: list[str] = field(default_factory=list)


def open_lesson() -> Lesson:
    """Return the lesson that the URL names, otherwise the last one that was open, or the first."""
    course: _Course = st.session_state.setdefault(_KEY, _Course(LESSONS[0], {}))
    state = url.from_browser()[0]
    in_url = state.lesson, state.controls
    if state.lesson is not None and course.echo.is_opened(in_url):
        # Noted before anything is drawn: a control moved meanwhile must not open the URL again.
        course.echo.write(in_url)
        course.opened += 1
        if named := [lesson for lesson in LESSONS if lesson.key == state.lesson]:
            [course.lesson] = named
            course.controls[state.lesson] = state.controls
        else:
            course.notices.append(
                f"There is no lesson {state.lesson[:60]!r}. “{course.lesson.title}” is open instead."
                " All lessons are listed in the sidebar."
            )
    return course.lesson


def open_now() -> tuple[str, str]:
    """Return the key of the lesson that was open last, and its controls as the URL has them."""
    course: _Course = st.session_state.setdefault(_KEY, _Course(LESSONS[0], {}))
    return course.lesson.key, course.controls.get(course.lesson.key, "")


def numbered_title(lesson: Lesson) -> str:
    """Return the title with the lesson's number: "3. Padding and stride"."""
    return f"{LESSONS.index(lesson) + 1}. {lesson.title}"


def show(lesson: Lesson, session: Session) -> None:
    """Draw the lesson and the buttons that lead to the others."""
    course: _Course = st.session_state[_KEY]
    with st.sidebar:
        _contents(course)
    notices = st.container()
    values = course.controls.get(lesson.key, "")
    page = LessonPage(session, lesson.prose, lesson.key, values, course.opened)
    lesson.show(page)
    _neighbors(course)
    course.notices += page.notices
    with notices:
        for notice in course.notices:
            show_warning(notice, "link_off")
        if course.notices:
            st.button("OK", key="learn-dismiss-notices", on_click=course.notices.clear)
    controls = course.controls[lesson.key] = page.for_url()
    course.echo.write((lesson.key, controls))
    url.to_browser(lesson=lesson.key, controls=controls)
    remember()


def _contents(course: _Course) -> None:
    """List all lessons, with a check mark where the question was answered correctly."""
    learned = lessons_learned()
    done = sum(lesson.key in learned for lesson in LESSONS)
    st.progress(done / len(LESSONS), f"{done} of {len(LESSONS)} questions answered correctly")
    with st.container(gap=None):
        for lesson in LESSONS:
            icon = "check_circle" if lesson.key in learned else "circle"
            look = "secondary" if lesson is course.lesson else "tertiary"
            _button(course, lesson, f"lesson-{lesson.key}", icon, type=look)


def _neighbors(course: _Course) -> None:
    place = LESSONS.index(course.lesson)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        for step, icon in ((-1, "arrow_back"), (1, "arrow_forward")):
            if 0 <= place + step < len(LESSONS):
                side, lesson = "left" if step < 0 else "right", LESSONS[place + step]
                _button(course, lesson, f"lesson-step-{step}", icon, icon_position=side)


def _button(course: _Course, lesson: Lesson, key: str, icon: str, **look: Any) -> None:
    def choose() -> None:
        course.lesson = lesson

    label = numbered_title(lesson).replace(".", "\\.", 1)  # Markdown would take "3." for a list
    st.button(label, key=key, icon=f":material/{icon}:", on_click=choose, **look)
