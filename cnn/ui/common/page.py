"""The frame of every page: title, what can be done here, what is chosen, and the address."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from cnn.data.dataset import DataError
from cnn.inspection.edits import Edits
from cnn.network.spec import NetworkError
from cnn.training.job import JobError
from cnn.training.run import Run, RunError
from cnn.ui.common import formatting, navigation
from cnn.ui.state import services, visitor
from cnn.ui.state.ignore_stale_widget import heard
from cnn.ui.state.session import Session, current
from cnn.ui.state.url import DEFAULT_DATA, write

PAGES = LEARN, DATA, BUILD, TRAIN, INSPECT, EVALUATE, COMPARE, EXPERIMENTS, TEACH = (
    "pages/1_Learn.py",
    "pages/2_Data.py",
    "pages/3_Build.py",
    "pages/4_Train.py",
    "pages/5_Inspect.py",
    "pages/6_Evaluate.py",
    "pages/7_Compare.py",
    "pages/8_Experiments.py",
    "pages/9_Teach.py",
)

APP = "CNN Playground"
# A file of our own: the browser would fetch a Material icon from the network.
_ICON = Path(__file__).with_name("icon.png")


@contextmanager
def page(title: str, sentence: str) -> Iterator[Session]:
    """Everything around a page's own content; yields what the user has chosen.

    An error that has a sentence for the user ends the page with that sentence.
    """
    navigation.run_by_app(PAGES)
    st.set_page_config(
        page_title=title if title == APP else f"{title} · {APP}", page_icon=_ICON, layout="wide"
    )
    services.engine()
    session = current(services.runs_of)
    _mend(session)
    st.title(title, anchor=False)
    st.markdown(sentence)
    for notice in session.notices:
        st.warning(notice, icon=":material/link_off:")
    if session.notices:
        st.button("Understood", on_click=session.notices.clear)
    with errors_told():
        yield session
    # Last, so that both tell what the page itself has changed.
    with st.sidebar:
        _chosen(session)
        visitor.remember(session.token)
    write_address(session)


def write_address(session: Session) -> None:
    """Put what is chosen into the address; a fragment that runs by itself must do so, too."""
    st.query_params.from_dict(_parameters(session))


@contextmanager
def errors_told() -> Iterator[None]:
    """An error that has a sentence for the user ends what is within, with that sentence."""
    try:
        yield
    except (NetworkError, DataError, JobError, RunError) as error:
        st.error(str(error), icon=":material/error:")


def chosen_run(session: Session) -> Run:
    """The run that is looked at. Raises RunError with a sentence if it is no longer there."""
    return services.engine().run(session.run or services.EXAMPLE_RUN)


def _parameters(session: Session) -> dict[str, str]:
    """The address of this view; what widgets bound to it put there stays."""
    own = ("net", "data", "train", "run", "image", "epoch", "at")
    others = {k: v for k, v in st.query_params.to_dict().items() if k not in own}
    return others | write(session.address(), services.EXAMPLE_RUN)


def _mend(session: Session) -> None:
    """Put the shipped run or data in the place of ones that are not there any more."""
    try:
        services.chosen(session.data)
    except DataError as error:
        session.notices.append(f"{error} The shipped images are used instead.")
        session.data = DEFAULT_DATA
    try:
        chosen_run(session)
    except RunError as error:
        session.notices.append(f"{error} The shipped run is shown instead.")
        session.run, session.epoch, session.edits = None, None, Edits()
    session.shelf.keep_only(_is_there)


def _is_there(run_id: str) -> bool:
    try:
        services.engine().run(run_id)
    except RunError:
        return False
    return True


def _chosen(session: Session) -> None:
    """The same three choices in the same place on every page."""
    data = services.chosen(session.data)
    st.markdown("**Network**  \n" + formatting.network(session.network))
    st.markdown(
        f"**Data**  \n{formatting.escaped(data.dataset.name)}: {formatting.thousands(len(data.train))} to train on, "
        f"{formatting.thousands(len(data.test))} to test on"
    )
    chosen = session.run or services.EXAMPLE_RUN
    # One that another tab took off the shelf is still looked at here.
    runs = list(dict.fromkeys([services.EXAMPLE_RUN, *session.runs, chosen]))
    labels = {run: _label(session, run) for run in runs}
    # The browser knows an option by its label: with other labels it is another box.
    named = hashlib.sha256("\n".join(labels.values()).encode()).hexdigest()[:12]
    key = f"run-{chosen}-{named}"

    def choose() -> None:
        session.choose_run(st.session_state[key])

    st.selectbox(
        "Run looked at",
        runs,
        index=runs.index(chosen),
        format_func=labels.__getitem__,
        key=key,
        on_change=heard("run", key, choose),
        help="The trained network that Inspect looks into. The shipped one is the article's.",
    )
    st.caption(_result(services.engine().run(chosen)))


def _label(session: Session, run_id: str) -> str:
    """What a run is called in the list. Nothing in it changes while the run trains."""
    network = formatting.network(services.engine().run(run_id).job.network)
    if run_id == services.EXAMPLE_RUN:
        return f"Shipped: {network}"
    entry = session.shelf.entry(run_id)
    return f"Run {entry.number}: {entry.name or network}" if entry else f"A run: {network}"


def _result(run: Run) -> str:
    if not run.epochs:
        return run.status.capitalize()
    last = run.epochs[-1]
    return f"{run.status.capitalize()}: {formatting.percent(last.validation_accuracy)} after {last.epoch} epochs"
