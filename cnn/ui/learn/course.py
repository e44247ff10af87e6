"""The course: which lesson is open, its place among the others, and the way through them."""

from dataclasses import dataclass, field

import streamlit as st

from cnn.ui.learn import progress
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.curriculum import LESSONS
from cnn.ui.learn.lesson import Lesson
from cnn.ui.state import url
from cnn.ui.state.browser_echo import UrlEcho
from cnn.ui.state.session import Session

_PLACE = "learn-place"


@dataclass
class _Place:
    """Where a visitor is in the course.

    `setups` has each lesson's controls as the address writes them; `number` counts those that came
    by an address, and `echo` knows the lesson and setup that stand in the address. `notices` are
    sentences on what could not be read there.
    """

    lesson: Lesson
    setups: dict[str, str]
    number: int = 0
    echo: UrlEcho = field(default_factory=UrlEcho)
    notices: list[str] = field(default_factory=list)


def open_lesson() -> Lesson:
    """The lesson that the address names, else the one that was open last, else the first."""
    place: _Place = st.session_state.setdefault(_PLACE, _Place(LESSONS[0], {}))
    state = url.from_browser()[0]
    named = state.lesson, state.controls
    if state.lesson is not None and place.echo.is_opened(named):
        # Now: what somebody sets before all is drawn must not open it anew.
        place.echo.write(named)
        _go_to(place, state.lesson, state.controls)
    return place.lesson


def number_of(lesson: Lesson) -> int:
    """Its number in the course, from 1."""
    return LESSONS.index(lesson) + 1


def show(lesson: Lesson, session: Session) -> None:
    """Draw the lesson and the way to the others."""
    place: _Place = st.session_state[_PLACE]
    with st.sidebar:
        _contents(place)
    top = st.container()
    setup = Setup(lesson.key, place.setups.get(lesson.key, ""), place.number)
    lesson.show(session, setup)
    _onwards(place)
    place.notices += setup.notices
    with top:
        _tell(place.notices)
    place.setups[lesson.key] = setup.text()
    now = lesson.key, setup.text()
    place.echo.write(now)
    url.to_browser(lesson=lesson.key, controls=setup.text())
    progress.remember()


def _go_to(place: _Place, key: str, setup: str) -> None:
    place.number += 1
    for lesson in LESSONS:
        if lesson.key == key:
            place.lesson = lesson
            place.setups[key] = setup
            return
    place.notices.append(
        f"There is no lesson {key[:60]!r}; the lessons are listed at the side. "
        f"“{place.lesson.title}” is open instead."
    )


def _tell(notices: list[str]) -> None:
    for notice in notices:
        st.warning(notice, icon=":material/link_off:")
    if notices:
        st.button("Understood", key="learn-understood", on_click=notices.clear)


def _contents(place: _Place) -> None:
    """All lessons, with a tick at those whose question was answered."""
    learned = progress.lessons_learned()
    done = sum(lesson.key in learned for lesson in LESSONS)
    st.progress(done / len(LESSONS), f"{done} of {len(LESSONS)} questions answered")
    rows = st.container(gap=None)
    for number, lesson in enumerate(LESSONS, start=1):
        rows.button(
            f"{number} {lesson.title}",
            key=f"lesson-{lesson.key}",
            icon=":material/check_circle:" if lesson.key in learned else ":material/circle:",
            type="secondary" if lesson is place.lesson else "tertiary",
            on_click=_choose,
            args=(place, lesson),
        )


def _onwards(place: _Place) -> None:
    """The lesson before and the lesson after."""
    at = LESSONS.index(place.lesson)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        for step, icon in ((-1, "arrow_back"), (1, "arrow_forward")):
            if 0 <= at + step < len(LESSONS):
                lesson = LESSONS[at + step]
                st.button(
                    f"{at + step + 1} {lesson.title}",
                    key=f"lesson-step-{step}",
                    icon=f":material/{icon}:",
                    icon_position="left" if step < 0 else "right",
                    on_click=_choose,
                    args=(place, lesson),
                )


def _choose(place: _Place, lesson: Lesson) -> None:
    place.lesson = lesson
