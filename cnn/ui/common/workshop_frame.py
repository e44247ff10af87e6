"""A workshop on every page: who one is there, what the host shows everyone, the host's own controls."""

import streamlit as st

from cnn.ui.common import navigation
from cnn.ui.common.formatting import escaped
from cnn.ui.common.notices import show_warning
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import polled
from cnn.ui.state import services, url, workshop
from cnn.ui.state.browser_echo import page_now
from cnn.ui.state.session import Session
from cnn.workshop.code import spaced
from cnn.workshop.workshop import Membership, View, Workshop, WorkshopError

EVERY = 2.0
"""Seconds between two looks at what others have changed."""

_TEXT = read_sections(__file__)
_AT_ONCE = "follow-at-once"


def follow_links(session: Session) -> None:
    """Take part in, or host, the workshop that the URL names; a sentence says why that cannot be."""
    for field, enter in (("join", workshop.join), ("host", workshop.become_host)):
        if text := url.taken(field):
            try:
                enter(session, text)
            except WorkshopError as error:
                session.notices.append(str(error))
            else:
                st.switch_page(navigation.WORKSHOP)


def frame(session: Session, page: str) -> None:
    """What a workshop adds to the page with this title; nothing for everyone else."""
    attendance = session.attendance
    if attendance.ended:
        _ended(session)
    membership = attendance.membership
    if membership is None or membership.workshop.over:
        return
    if membership.me is None:
        _host(session, membership.workshop)
    else:
        _participant(session, membership)
    polled(_look, EVERY, session, page, membership.workshop)


def show_not_allowed(session: Session) -> None:
    """Say why the next training is not allowed, if it is not, and offer that of the workshop."""
    now = workshop.participation(session)
    if now is None or not (why := workshop.not_allowed(session)):
        return
    show_warning(_TEXT.text("not allowed", why=why), "lock")
    start = now.workshop.plan.start
    st.button(
        "Back to the workshop's network",
        icon=":material/restart_alt:",
        on_click=session.prepare_training,
        args=(start.network, start.data, start.settings),
    )


def _ended(session: Session) -> None:
    attendance = session.attendance
    st.info(_TEXT.text("ended", title=escaped(attendance.ended)), icon=":material/flag:")
    st.button("OK", key="workshop-ended", on_click=lambda: setattr(attendance, "ended", ""))


def _participant(session: Session, membership: Membership) -> None:
    current, me = membership.workshop, membership.me
    assert me is not None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        told = _TEXT.text("participant", title=escaped(current.plan.title), name=escaped(me.name))
        st.caption(f":material/groups: {told}", width="content")
        if page_now() != "Workshop":
            st.page_link(navigation.WORKSHOP, label="To the workshop", width="content")
    if current.paused:
        st.warning(_TEXT.text("paused"), icon=":material/pause:")
    news = current.sent is not None and current.sends > me.sends
    if news and st.session_state.get(_AT_ONCE):
        _open(workshop.look_at_hosts_view(session))
    if news or me.aside:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            if news and current.sent:
                page = navigation.title_of(current.sent.page)
                st.markdown(f":material/cast: {_TEXT.text('shows', page=page)}", width="content")
                if st.button("Go there", type="primary", icon=":material/arrow_forward:"):
                    _open(workshop.look_at_hosts_view(session))
                no = workshop.dismiss_hosts_view
                st.button("Not now", type="tertiary", on_click=no, args=(session,))
            else:
                st.markdown(f":material/cast: {_TEXT.text('looking')}", width="content")
            if me.aside and st.button("Back to my own work", icon=":material/undo:"):
                _open(workshop.back_to_own_work(session))
            st.toggle("Always go at once", key=_AT_ONCE, persist_state="session")


def _host(session: Session, current: Workshop) -> None:
    people = services.workshops().participants(current.id)
    here = sum(map(services.workshops().here, people))
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        told = _TEXT.text(
            "host", title=escaped(current.plan.title), code=spaced(current.code), people=here
        )
        st.markdown(f":material/co_present: {told}", width="content")
        if page_now() != "Workshop":
            st.page_link(navigation.WORKSHOP, label="To the workshop", width="content")
            _send_button(current)
        pause_button(current)


def _send_button(current: Workshop) -> None:
    def send() -> None:
        services.workshops().send(current.id, workshop.view_now())
        st.toast("Everyone in the workshop is shown this page.", icon=":material/cast:")

    st.button("Show this page to everyone", icon=":material/cast:", on_click=send)


def pause_button(current: Workshop) -> None:
    """The host's button that pauses all trainings, or lets them go on."""
    set_state = services.workshops().set_state
    if current.paused:
        label, icon, state = "Let trainings go on", "resume", "running"
    else:
        label, icon, state = "Pause all trainings", "pause", "paused"
    st.button(label, icon=f":material/{icon}:", on_click=set_state, args=(current.id, state))


def _open(view: View | None) -> None:
    if view is not None:
        navigation.open_at(view.page, workshop.parameters(view))


def _look(session: Session, page: str, drawn: Workshop) -> None:
    """Draw the page anew when the host has changed something."""
    try:
        workshop.note_presence(session, page)
        now = services.workshops().workshop(drawn.id)
    except WorkshopError:
        return
    if now.sends != drawn.sends and now.sent and workshop.participation(session):
        # The banner is on top, which somebody further down the page does not see.
        page = navigation.title_of(now.sent.page)
        st.toast(_TEXT.text("shows", page=page), icon=":material/cast:")
    shown = ("state", "sends", "revealed", "names_hidden")
    if any(getattr(now, name) != getattr(drawn, name) for name in shown):
        st.rerun()
