"""The pages of the app, their groups, and the way of every page through main.py."""

from collections.abc import Callable
from threading import Event

import streamlit as st
from streamlit.navigation.page import StreamlitPage

PAGES = LEARN, DATA, BUILD, TRAIN, INSPECT, EVALUATE, COMPARE, EXPERIMENTS, TEACH, CHALLENGES = (
    "pages/1_Learn.py",
    "pages/2_Data.py",
    "pages/3_Build.py",
    "pages/4_Train.py",
    "pages/5_Inspect.py",
    "pages/6_Evaluate.py",
    "pages/7_Compare.py",
    "pages/8_Experiments.py",
    "pages/9_Teach.py",
    "pages/10_Challenges.py",
)

GROUPS = {
    "LEARN": {
        LEARN: ("Lessons", "school"),
        CHALLENGES: ("Challenges", "emoji_events"),
        TEACH: ("For teachers", "co_present"),
    },
    "BUILD": {
        DATA: ("Data", "photo_library"),
        BUILD: ("Network", "construction"),
        TRAIN: ("Train", "show_chart"),
    },
    "UNDERSTAND": {INSPECT: ("Inspect", "search"), EVALUATE: ("Evaluate", "fact_check")},
    "COMPARE": {COMPARE: ("Runs", "compare"), EXPERIMENTS: ("Experiments", "science")},
}
"""For each page of each group its label and its icon; a page's URL comes from its file."""

_NEXT = "next-page"

_app_has_run = Event()


def navigation(home: Callable[[], None]) -> StreamlitPage:
    """The page to run; only main.py calls this. `home` is the page without a path in the URL."""
    _app_has_run.set()
    groups = {
        group: [
            st.Page(file, title=title, icon=f":material/{icon}:")
            for file, (title, icon) in pages.items()
        ]
        for group, pages in GROUPS.items()
    }
    start = st.Page(home, title="Home", icon=":material/home:", default=True)
    return st.navigation({"": [start], **groups})


def go_to(page: str) -> None:
    """Open this page instead of drawing the present one again; for callbacks, which cannot switch."""
    st.session_state[_NEXT] = page


def follow() -> None:
    """Go where a callback has asked to go; to be called before anything is drawn."""
    if page := st.session_state.pop(_NEXT, None):
        st.switch_page(page)


def run_by_app() -> None:
    """Have a page that was run without main.py run again with it.

    For the folder pages/ Streamlit runs a page's file alone, and names the pages by their files,
    until st.navigation was called for the first time on a server.
    """
    if not _app_has_run.is_set():
        _app_has_run.set()  # whatever comes of it, it is tried once
        known = [st.Page("main.py", default=True), *map(st.Page, PAGES)]
        st.navigation(known, position="hidden")
        st.rerun()
