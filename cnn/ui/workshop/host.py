"""What the host of a workshop sees: how to join, the room, the board, and the end; `host.md` has the text."""

import streamlit as st

from cnn.ui.common.choices import choice
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.page import TEACH
from cnn.ui.common.prose import read_sections
from cnn.ui.state import services
from cnn.ui.state.browser_echo import widget
from cnn.ui.state.session import Session
from cnn.ui.workshop.board import board_panel
from cnn.ui.workshop.links import host_link, join_link, only_here, projector_link, qr_code
from cnn.ui.workshop.report import offer_report
from cnn.ui.workshop.room import room_panel
from cnn.ui.workshop.standings import standings_panel
from cnn.workshop.code import spaced
from cnn.workshop.workshop import Workshop

_TEXT = read_sections(__file__)
_QR = 300
SECTIONS = INVITE, ROOM, BOARD = "Invite", "Room", "Board"


def host(session: Session, workshop: Workshop) -> None:
    """All of it."""
    if workshop.over:
        st.info(_TEXT.text("over"), icon=":material/flag:")
        with st.container(horizontal=True):
            offer_report(workshop)
            st.page_link(TEACH, label="Start another workshop", icon=":material/co_present:")
        board_panel(session, workshop, None)
        return
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        section = choice("Part of the workshop", SECTIONS, "workshop-section", labeled=False)
        with st.container(horizontal=True, width="content"):
            offer_report(workshop)
            _end(workshop)
    if section == INVITE:
        _invite(session, workshop)
    elif section == ROOM:
        room_panel(session, workshop)
    else:
        _names(workshop)
        board_panel(session, workshop, None)
        standings_panel(workshop, None)


def _invite(session: Session, workshop: Workshop) -> None:
    address = join_link(workshop.code)
    picture, words = responsive_columns(1, 1, narrowest=300)
    with picture:
        st.image(qr_code(address), width=_QR, alt=f"QR code of {address}")
    with words:
        st.metric("Code", spaced(workshop.code))
        _TEXT.show("scan")
        st.code(address, language=None, wrap_lines=True)
        if only_here(address):
            st.warning(_TEXT.text("only here"), icon=":material/lan:")
        st.link_button(
            "Open the projector page",
            projector_link(workshop.code),
            icon=":material/present_to_all:",
        )
        with st.popover("Host link", icon=":material/key:"):
            secret = session.attendance.secret
            _TEXT.show("host link" if secret else "no host link")
            if secret:
                st.code(host_link(secret), language=None, wrap_lines=True)
        _TEXT.caption("by itself")


def _names(workshop: Workshop) -> None:
    box = widget("board-names", not workshop.names_hidden)
    hide = services.workshops().hide_names
    st.toggle(
        "Names on the board",
        not workshop.names_hidden,
        key=box.key,
        on_change=box.then(lambda shown: hide(workshop.id, not shown)),
    )


def _end(workshop: Workshop) -> None:
    with st.popover("End the workshop", icon=":material/flag:"):
        _TEXT.show("end")
        end, args = services.workshops().set_state, (workshop.id, "ended")
        st.button("End it for everyone", type="primary", on_click=end, args=args)
