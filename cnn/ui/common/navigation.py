"""The pages of the app, their groups, and the way of every page through main.py."""

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event
from typing import NoReturn

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from cnn.ui.state.browser_echo import url_opened
from cnn.ui.state.url import PARAMETERS

PAGES = LEARN, DATA, BUILD, TRAIN, INSPECT, EVALUATE, COMPARE, EXPERIMENTS, TEACH, WORKSHOP = (
    "pages/1_Learn.py",
    "pages/2_Data.py",
    "pages/3_Build.py",
    "pages/4_Train.py",
    "pages/5_Inspect.py",
    "pages/6_Evaluate.py",
    "pages/7_Compare.py",
    "pages/8_Experiments.py",
    "pages/9_Teach.py",
    "pages/10_Workshop.py",
)

SERVER = "pages/Server.py"
"""A page that no menu names."""

GROUPS = {
    "LEARN": {
        LEARN: ("Lessons", "school"),
        TEACH: ("For teachers", "co_present"),
        WORKSHOP: ("Workshop", "groups"),
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

_NEXT, _HOME = "next-page", "home-page"
_BY_PATH = {Path(file).stem.partition("_")[2]: file for file in PAGES}

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
    server = st.Page(SERVER, title="Server", visibility="hidden")
    st.session_state[_HOME] = start
    bare = PARAMETERS["projector"].name in st.query_params
    return st.navigation({"": [start, server], **groups}, position="hidden" if bare else "sidebar")


def title_of(path: str) -> str:
    """What a page is called in the navigation, by its path in the URL: "Build" is "Network"."""
    titles = {file: title for pages in GROUPS.values() for file, (title, _) in pages.items()}
    return titles.get(_BY_PATH.get(path, ""), "Home")


def open_at(path: str, parameters: Mapping[str, str]) -> NoReturn:
    """Open a page by its path in the URL, "" for Home, with these parameters."""
    url_opened()
    page = _BY_PATH.get(path) or st.session_state[_HOME]
    st.switch_page(page, query_params=dict(parameters))


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
        known = [st.Page("main.py", default=True), *map(st.Page, (*PAGES, SERVER))]
        st.navigation(known, position="hidden")
        st.rerun()
