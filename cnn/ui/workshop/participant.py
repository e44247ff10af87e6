"""What a participant sees of a workshop: who they are, where to begin, and the board."""

import streamlit as st

from cnn.ui.common import formatting, navigation
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.notices import show_error
from cnn.ui.common.prose import read_sections
from cnn.ui.state import services
from cnn.ui.state import workshop as state
from cnn.ui.state.browser_echo import widget
from cnn.ui.state.session import Session
from cnn.ui.workshop.board import board_panel
from cnn.ui.workshop.standings import standings_panel
from cnn.workshop.rules import NAMES, PARTS
from cnn.workshop.workshop import LONGEST_NAME, Participant, Workshop, WorkshopError

_TEXT = read_sections(__file__)


def participant(session: Session, workshop: Workshop, me: Participant) -> None:
    """All of it."""
    about, board = responsive_columns(1, 2)
    with about:
        st.header(formatting.escaped(workshop.plan.title), anchor=False)
        _name(session, workshop, me)
        _begin(workshop)
        _rules(workshop)
        _device(session, workshop, me)
    with board:
        st.header("Board", anchor=False)
        board_panel(session, workshop, me)
        standings_panel(workshop, me)


def _name(session: Session, workshop: Workshop, me: Participant) -> None:
    if not workshop.plan.named:
        _TEXT.show("nickname", name=formatting.escaped(me.name))
        return
    with (
        st.form("rename", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.text_input("Your name here", me.name, max_chars=LONGEST_NAME, key=f"name-{me.id}")
        saved = st.form_submit_button("Save")
    if saved:
        try:
            services.workshops().rename(me.id, name)
        except WorkshopError as error:
            show_error(error)
        else:
            st.rerun()


def _begin(workshop: Workshop) -> None:
    view = workshop.plan.view
    parameters = state.parameters(view)
    page = "the lesson" if "lesson" in parameters else navigation.title_of(view.page)
    if st.button(f"Begin at {page}", type="primary", icon=":material/arrow_forward:"):
        navigation.open_at(view.page, parameters)


def _rules(workshop: Workshop) -> None:
    rules = workshop.plan.rules
    free = [NAMES[part] for part in PARTS if part in rules.free]
    if len(free) == len(PARTS):
        _TEXT.show("all free")
    elif free:
        _TEXT.show(
            "free", parts=f"{', '.join(free[:-1])} and {free[-1]}" if len(free) > 1 else free[0]
        )
    else:
        _TEXT.show("none free")
    if "epochs" in rules.free:
        _TEXT.caption("epochs", most=rules.most_epochs)
    if rules.reason:
        st.caption(formatting.escaped(rules.reason))


def _device(session: Session, workshop: Workshop, me: Participant) -> None:
    """Several people at one browser, and leaving."""
    people = {
        one.id: one.name
        for one in services.workshops().at_device(session.person)
        if one.workshop == workshop.id
    }
    if len(people) > 1:
        order = sorted(people, key=people.__getitem__)
        box = widget("at-device", (me.id, tuple(order)))
        st.selectbox(
            "At this device now",
            order,
            index=order.index(me.id),
            format_func=people.__getitem__,
            key=box.key,
            on_change=box.then(lambda one: state.attend_as(session, one)),
        )
    with st.container(horizontal=True, gap="xsmall"):
        if st.button(
            "Someone else at this device",
            icon=":material/person_add:",
            type="tertiary",
            help=_TEXT.text("shared"),
        ):
            state.join(session, workshop.code, again=True)
            st.rerun()
        with st.popover("Leave", icon=":material/logout:", type="tertiary"):
            _TEXT.show("leave")
            leave = services.workshops().leave
            st.button("Leave the workshop", on_click=leave, args=(me.id,))
