"""How a lesson's question was answered in a workshop, as bars."""

import streamlit as st

from cnn.ui.common.waiting import polled
from cnn.ui.common.workshop_frame import EVERY
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.state.workshop import participation
from cnn.workshop.workshop import Tally, WorkshopError


def answer_bars(tally: Tally) -> None:
    """A bar per answer, as long as the share of the people who chose it."""
    for number, (answer, count) in enumerate(
        zip(tally.question.answers, tally.counts, strict=True)
    ):
        mark = " :material/check:" if number == tally.question.right else ""
        st.progress(count / max(1, tally.answered), f"{answer}{mark}: **{count}**")


def revealed_answers(session: Session, lesson: str) -> None:
    """What the others in the visitor's workshop have answered, once their host shows it."""
    now = participation(session)
    if now and lesson in now.workshop.revealed:
        polled(_bars, EVERY, now.workshop.id, lesson)


def _bars(workshop: str, lesson: str) -> None:
    try:
        tally = services.workshops().tallies(workshop).get(lesson)
    except WorkshopError:
        return
    if tally:
        st.markdown("**Your workshop's answers**")
        answer_bars(tally)
