"""Taking part in a workshop by its code; `join.md` has the text."""

import streamlit as st

from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.notices import show_error
from cnn.ui.common.page import TEACH, WORKSHOP
from cnn.ui.common.prose import read_sections
from cnn.ui.state import workshop
from cnn.ui.state.session import Session
from cnn.workshop.workshop import WorkshopError

_TEXT = read_sections(__file__)


def join_form(session: Session, primary: bool = True) -> None:
    """A field for the code, and a button that opens the workshop."""
    with st.form("join-workshop", border=False):
        _TEXT.caption("join")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            code = st.text_input("Code", max_chars=20, placeholder="ACD 234", width=150)
            joined = st.form_submit_button("Join", type="primary" if primary else "secondary")
    if joined:
        try:
            workshop.join(session, code)
        except WorkshopError as error:
            show_error(error)
        else:
            st.switch_page(WORKSHOP)


def join_or_start(session: Session) -> None:
    """What the page of the workshop shows to somebody who is in none."""
    join, start = responsive_columns(1, 1, narrowest=330)
    with join.container(border=True):
        st.header("Join a workshop", anchor=False)
        join_form(session)
        _TEXT.caption("what")
    with start.container(border=True):
        st.header("Start a workshop", anchor=False)
        _TEXT.show("start")
        st.page_link(TEACH, label="For teachers", icon=":material/co_present:")
