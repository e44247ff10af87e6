"""The frame of every page: title, what can be done here, the current run, and the URL."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import streamlit as st

from cnn.data.dataset import DataError
from cnn.inspection.edits import Edits
from cnn.network.spec import NetworkError
from cnn.training.job import JobError
from cnn.training.run import Run, RunError
from cnn.ui.common import formatting, navigation, workshop_frame
from cnn.ui.common.navigation import BUILD as BUILD
from cnn.ui.common.navigation import COMPARE as COMPARE
from cnn.ui.common.navigation import DATA as DATA
from cnn.ui.common.navigation import EVALUATE as EVALUATE
from cnn.ui.common.navigation import EXPERIMENTS as EXPERIMENTS
from cnn.ui.common.navigation import INSPECT as INSPECT
from cnn.ui.common.navigation import LEARN as LEARN
from cnn.ui.common.navigation import TEACH as TEACH
from cnn.ui.common.navigation import TRAIN as TRAIN
from cnn.ui.common.navigation import WORKSHOP as WORKSHOP
from cnn.ui.common.notices import show_error, show_warning
from cnn.ui.common.waiting import polled
from cnn.ui.state import services, url, visitor, workshop
from cnn.ui.state.browser_echo import widget
from cnn.ui.state.session import Session, current
from cnn.ui.state.url import DEFAULT_DATA
from cnn.workshop.workshop import WorkshopError

APP = "CNN Playground"
_POLL = 2.0
"""Seconds between two looks at how far the current run is."""
# A file of our own: the browser would fetch a Material icon from the network.
_ICON = Path(__file__).with_name("icon.png")
_page_change = st.components.v2.component(
    "cnn_page_change",
    html="<div hidden></div>",
    js=Path(__file__).with_name("page_change.js").read_text("utf-8"),
)


_STYLE = """<style>
@media (min-width: 641px) {
  [data-testid="stMainBlockContainer"] { padding-left: 2rem; padding-right: 2rem; }
}
[data-testid^="stBaseButton-primary"] { color: light-dark(#fff, #000); }
</style>"""
"""Beside the open sidebar Streamlit keeps 160 pixels free, which a network has a better use for, and it
writes in white on the light primary color of the dark theme."""


@contextmanager
def page(title: str, sentence: str, about_run: bool = False) -> Iterator[Session]:
    """Everything around a page's own content; yields what the visitor has chosen.

    A page that is `about_run` shows the current run and image on top. An error that has a sentence
    for the visitor ends the page with that sentence.
    """
    navigation.run_by_app()
    navigation.follow()
    tab = title if title == APP else f"{title} · {APP}"
    st.set_page_config(page_title=tab, page_icon=_ICON, layout="wide")
    st.html(_STYLE)
    session = current()
    workshop_frame.follow_links(session)
    workshop.attend(session, title)
    services.engine().present(session.person, visitor.address())
    _replace_missing(session)
    with st.container(gap=None):
        st.title(title, anchor=False)
        _page_change(key="page-change", data={"page": title}, height=1)
    st.markdown(sentence)
    if problem := services.write_problem():
        show_warning(
            f"This server cannot save anything at present ({problem}). You can look at what is there. New runs, data and names are not kept.",
            "save",
        )
    for notice in session.notices:
        show_warning(notice, "link_off")
    if session.notices:
        st.button("OK", key="dismiss-notices", on_click=session.notices.clear)
    workshop_frame.frame(session, title)
    with errors_shown():
        if about_run:
            _current(session)
        yield session
    visitor.remember(session.token, lambda token: _adopt(session, token))
    write_address(session)  # last, so that it has what the page itself has changed


def write_address(session: Session) -> None:
    """Put what is chosen into the URL; a fragment that runs by itself must do so, too."""
    url.to_browser(**session.url())


@contextmanager
def errors_shown() -> Iterator[None]:
    """An error that has a sentence for the visitor ends what is within, with that sentence."""
    try:
        yield
    except (NetworkError, DataError, JobError, RunError, WorkshopError) as error:
        show_error(error)


def chosen_run(session: Session) -> Run:
    """The current run. Raises RunError with a sentence if it is no longer there."""
    return services.engine().run(session.viewed.run_id)


def run_name(session: Session, run_id: str) -> str:
    """What a run is called: its name in the visitor's library, or its number there."""
    if run_id == services.EXAMPLE_RUN:
        return "Example run"
    entry = session.own_runs.library.entry(run_id)
    if entry is None:
        return "A run"
    return entry.name or f"Run {entry.number}"


def open_run(session: Session, run_id: str, page: str) -> None:
    """A button with a page's name and icon that opens it with this run as the current one."""
    label, icon = next(pages[page] for pages in navigation.GROUPS.values() if page in pages)
    key = f"open-{label}-{run_id}"
    if st.button(label, icon=f":material/{icon}:", type="tertiary", key=key):
        session.choose_run(run_id)
        st.switch_page(page)


def _adopt(session: Session, token: str) -> None:
    """Be the visitor whom another tab of the browser has named first."""
    earlier, before = session.own_runs.library, session.person
    session.token, session.own_runs.library = token, services.libraries().of(token)
    for run in earlier.runs:
        session.own_runs.library.add(run)
    with suppress(WorkshopError):
        services.workshops().adopt(before, session.person)


def _replace_missing(session: Session) -> None:
    """Use the example run or images where the chosen ones are not there any more."""
    try:
        services.chosen(session.data)
    except DataError as error:
        session.notices.append(f"{error} The example images are used instead.")
        session.data = DEFAULT_DATA
    try:
        chosen_run(session)
    except RunError as error:
        session.notices.append(f"{error} The example run is shown instead.")
        viewed = session.viewed
        viewed.run_id, viewed.epoch, viewed.edits = services.EXAMPLE_RUN, None, Edits()
    session.own_runs.library.keep_only(_is_there)


def _is_there(run_id: str) -> bool:
    try:
        services.engine().run(run_id)
    except RunError:
        return False
    return True


def _current(session: Session) -> None:
    """The current run and image in one line, and the choice of another run."""
    chosen = session.viewed.run_id
    # One that another tab has removed from the library is still viewed here.
    runs = list(dict.fromkeys([services.EXAMPLE_RUN, *session.own_runs.ids, chosen]))
    labels = {run: _label(session, run) for run in runs}
    # The browser knows an option by its label: with other labels it is another box.
    box = widget("current-run", (chosen, tuple(labels.values())))
    run = services.engine().run(chosen)

    def choose(picked: str) -> None:
        if picked != chosen:
            session.choose_run(picked)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.selectbox(
            "Current run",
            runs,
            index=runs.index(chosen),
            format_func=labels.__getitem__,
            key=box.key,
            on_change=box.then(choose),
            label_visibility="collapsed",
            help="The trained network that Inspect and Evaluate are about.",
            width=360,
        )
        parameters = formatting.thousands(services.run_plan(run).parameters)
        network = formatting.network(run.job.network)
        st.markdown(f"{parameters} parameters", help=network, width="content")
        polled(_state, _POLL if run.live else None, session, run)


def _state(session: Session, drawn: Run) -> None:
    """How far the current run is, and the current image; while the run is live it looks by itself.

    The page is drawn anew when there is more to show of the run than when it was `drawn`.
    """
    with errors_shown():
        run = services.engine().run(drawn.id)
        st.caption(f"{_result(run)} · {_image(session, run)}", width="content")
        if (run.live, bool(run.kept)) != (drawn.live, bool(drawn.kept)):
            st.rerun()


def _label(session: Session, run_id: str) -> str:
    """What a run is called in the list. Nothing in it changes while the run trains."""
    network = formatting.network_name(services.engine().run(run_id).job.network)
    return f"{run_name(session, run_id)}: {network}"


def _result(run: Run) -> str:
    status = formatting.status(run)
    if not run.epochs:
        return status
    last = run.epochs[-1]
    accuracy = formatting.percent(last.validation_accuracy)
    result = f"{accuracy} after {formatting.counted(last.epoch, 'epoch')}"
    return f"{status}: {result}" if run.live else result


def _image(session: Session, run: Run) -> str:
    if session.source.kind == "drawing":
        return "Your drawing"
    if session.source.kind == "picture" and session.source.picture is not None:
        return "Your picture"
    data = services.chosen(run.job.data)
    number = services.image_number(session.viewed.image, data)
    return f"Image {number}, {formatting.escaped(data.classes[data.labels[number]])}"
