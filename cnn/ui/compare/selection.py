"""Which runs are compared, and what they are called while they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from cnn.training.run import Run, RunError
from cnn.ui.common import formatting
from cnn.ui.common.page import run_name
from cnn.ui.state import services, url
from cnn.ui.state.session import Session
from cnn.ui.state.url import MOST_COMPARED


@dataclass(frozen=True, eq=False)
class Compared:
    """A run as it is now, and a name that no other run of the comparison has."""

    run: Run
    name: str


def chosen(session: Session) -> tuple[str, ...]:
    """The ids of the runs that are compared: what a URL or the visitor names, or the newest run.

    Runs of a URL are put into the library; a warning tells which ones do not exist any more.
    """
    if session.own_runs.compared is None:
        return (services.EXAMPLE_RUN, *session.own_runs.ids[-1:])
    session.own_runs.compared = existing(session.own_runs.compared)
    for run_id in session.own_runs.compared:
        if run_id not in (services.EXAMPLE_RUN, *session.own_runs.ids):
            session.own_runs.library.add(run_id)
    return session.own_runs.compared


def existing(run_ids: Sequence[str]) -> tuple[str, ...]:
    """Return the runs that exist; warn about the rest."""
    existing_ids = []
    for run_id in run_ids:
        try:
            services.engine().run(run_id)
            existing_ids.append(run_id)
        except RunError as error:
            sentence = f"{formatting.escaped(str(error))} It is left out of the comparison."
            st.warning(sentence, icon=":material/link_off:")
    return tuple(existing_ids)


def toggle(session: Session, run_id: str) -> None:
    """Take a run into the comparison or out of it."""
    now = chosen(session)
    session.own_runs.compared = tuple(compared_id for compared_id in now if compared_id != run_id)
    if run_id not in now and len(now) < MOST_COMPARED:
        session.own_runs.compared = (*now, run_id)


def to_url(session: Session) -> None:
    """Put what is compared into the URL, so that the link shows the same."""
    url.to_browser(compared=session.own_runs.compared or None)


def compared(session: Session, run_ids: Sequence[str]) -> list[Compared]:
    """The runs as they are now; a name that two of them share gets their numbers."""
    names = [run_name(session, run_id) for run_id in run_ids]
    named = []
    for run_id, name in zip(run_ids, names, strict=True):
        entry = session.own_runs.library.entry(run_id)
        if names.count(name) > 1 and entry is not None:
            name = f"{name} ({entry.number})"
        named.append(Compared(services.engine().run(run_id), name))
    return named
