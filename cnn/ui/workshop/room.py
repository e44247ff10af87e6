"""The room of a workshop, live, for its host: who is where, who waits, and what was answered."""

import time
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from cnn.ui.common import formatting
from cnn.ui.common.answer_bars import answer_bars
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.page import errors_shown
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import polled
from cnn.ui.common.workshop_frame import EVERY
from cnn.ui.learn.course import LESSONS, numbered_title
from cnn.ui.state import services
from cnn.ui.state.browser_echo import widget
from cnn.ui.state.session import Session
from cnn.workshop.workshop import OwnRun, Participant, Tally, TrainedRun, Workshop

_TEXT = read_sections(__file__)
_WAITING, _TRAINING = ("queued",), ("starting", "training")
_TITLES = {lesson.key: numbered_title(lesson) for lesson in LESSONS}


def room_panel(session: Session, workshop: Workshop) -> None:
    """The room as it is now and, by itself, as it becomes."""
    polled(_room, EVERY, workshop.id)


def people_table(
    people: Sequence[Participant], here: Mapping[str, bool], runs: Sequence[OwnRun], now: float
) -> pd.DataFrame:
    """A row per participant: who waits longest first, then who trains, then the others by name."""
    rows = []
    for one in people:
        mine = [own.run for own in runs if own.participant == one.id]
        waiting = [run for run in mine if run.status in _WAITING]
        training = [run for run in mine if run.status in _TRAINING]
        since = min((run.since for run in waiting), default=now)
        rows.append(
            (
                (not waiting, since, not training, one.name),
                {
                    "Who": one.name,
                    "Page": one.page if here[one.id] else f"away ({one.page or 'just joined'})",
                    "Training": _doing(waiting, training, now - since),
                    "Networks": sum(run.accuracy is not None for run in mine),
                },
            )
        )
    return pd.DataFrame([row for _, row in sorted(rows, key=lambda pair: pair[0])])


def lesson_table(
    people: Sequence[Participant], here: Mapping[str, bool], tallies: Mapping[str, Tally]
) -> pd.DataFrame:
    """A row per lesson that somebody is in or has answered."""
    rows = []
    for key, title in _TITLES.items():
        now = sum(one.page == title and here[one.id] for one in people)
        tally = tallies.get(key)
        if now or tally:
            answered, right = (tally.answered, tally.right) if tally else (0, 0)
            rows.append({"Lesson": title, "There now": now, "Answered": answered, "Correct": right})
    return pd.DataFrame(rows)


def _doing(waiting: Sequence[TrainedRun], training: Sequence[TrainedRun], waits: float) -> str:
    if training:
        return f"epoch {training[0].epochs} of {training[0].planned}"
    return f"waits {formatting.seconds(waits)}" if waiting else ""


def _room(workshop_id: str) -> None:
    with errors_shown():
        store = services.workshops()
        workshop, people = store.workshop(workshop_id), store.participants(workshop_id)
        runs, tallies = store.runs(workshop_id), store.tallies(workshop_id)
        here = {one.id: store.here(one) for one in people}
        _counts(people, here, runs)
        if not people:
            st.info(_TEXT.text("nobody"), icon=":material/groups:")
            return
        left, right = responsive_columns(1, 1, narrowest=330)
        with left:
            st.header("People", anchor=False)
            rows = people_table(people, here, runs, time.time())
            told = formatting.counted(len(people), "person", "people")
            st.dataframe(rows, hide_index=True, alt=f"{told}, and where they are")
        with right:
            st.header("Lessons", anchor=False)
            lessons = lesson_table(people, here, tallies)
            if len(lessons):
                st.dataframe(lessons, hide_index=True, alt="How far the lessons are")
            else:
                _TEXT.caption("no answers")
            for lesson, title in _TITLES.items():
                if tally := tallies.get(lesson):
                    _answers(workshop, lesson, title, tally, len(people))


def _counts(
    people: Sequence[Participant], here: Mapping[str, bool], runs: Sequence[OwnRun]
) -> None:
    status = {own.run.run: own.run.status for own in runs}.values()
    with st.container(horizontal=True, gap="medium"):
        st.metric("Joined", len(people), width="content")
        st.metric("Here now", sum(here.values()), width="content")
        st.metric("Training", sum(one in _TRAINING for one in status), width="content")
        st.metric("Waiting", sum(one in _WAITING for one in status), width="content")


def _answers(workshop: Workshop, lesson: str, title: str, tally: Tally, people: int) -> None:
    shown = lesson in workshop.revealed
    with st.container(border=True):
        st.markdown(f"**{formatting.escaped(title)}** {tally.question.text}")
        _TEXT.caption("answers", answered=tally.answered, people=people)
        box, reveal = widget(f"reveal-{lesson}", shown), services.workshops().reveal
        st.toggle(
            "Show the answers on all screens",
            shown,
            key=box.key,
            on_change=box.then(lambda wanted: reveal(workshop.id, lesson, wanted)),
        )
        if shown:
            answer_bars(tally)
