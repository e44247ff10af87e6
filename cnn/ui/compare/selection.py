"""Which runs are compared, and what they are called while they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from cnn.training.run import Run, RunError
from cnn.ui.common import formatting
from cnn.ui.state import services
from cnn.ui.state.session import Session

MOST = 6
"""Runs that can be compared at once."""

_ADDRESS = "compare"
_LONGEST = 500


@dataclass(frozen=True, eq=False)
class Compared:
    """A run as it is now, and a name that no other run of the comparison has."""

    run: Run
    name: str


def name_of(session: Session, run_id: str) -> str:
    """What a run is called: its name on the shelf, or its number there."""
    if run_id == services.EXAMPLE_RUN:
        return "Shipped run"
    entry = session.shelf.entry(run_id)
    if entry is None:
        return "A run"
    return entry.name or f"Run {entry.number}"


def chosen(session: Session) -> tuple[str, ...]:
    """The ids of the runs that are compared: those of the address, the person's choice, or the newest.

    What an address names is put on the shelf; what is not here is told and left out.
    """
    if session.compared is None and (text := st.query_params.get(_ADDRESS)):
        session.compared = tuple(dict.fromkeys(text[:_LONGEST].split(",")))[:MOST]
    if session.compared is None:
        return (services.EXAMPLE_RUN, *session.runs[-1:])
    session.compared = there(session.compared)
    for run_id in session.compared:
        if run_id not in (services.EXAMPLE_RUN, *session.runs):
            session.shelf.add(run_id)
    return session.compared


def there(run_ids: Sequence[str]) -> tuple[str, ...]:
    """Those of some runs that are here; of the others a sentence is told."""
    found = []
    for run_id in run_ids:
        try:
            services.engine().run(run_id)
            found.append(run_id)
        except RunError as error:
            told = f"{formatting.escaped(str(error))} It is left out of the comparison."
            st.warning(told, icon=":material/link_off:")
    return tuple(found)


def toggle(session: Session, run_id: str) -> None:
    """Take a run into the comparison or out of it."""
    now = chosen(session)
    session.compared = tuple(one for one in now if one != run_id)
    if run_id not in now and len(now) < MOST:
        session.compared = (*now, run_id)


def to_address(session: Session) -> None:
    """Put what is compared into the address, so that the link shows the same."""
    if session.compared:
        st.query_params[_ADDRESS] = ",".join(session.compared)
    else:
        st.query_params.pop(_ADDRESS, None)


def compared(session: Session, run_ids: Sequence[str]) -> list[Compared]:
    """The runs as they are now; a name that two of them share gets their numbers."""
    names = [name_of(session, run_id) for run_id in run_ids]
    found = []
    for run_id, name in zip(run_ids, names, strict=True):
        entry = session.shelf.entry(run_id)
        if names.count(name) > 1 and entry is not None:
            name = f"{name} ({entry.number})"
        found.append(Compared(services.engine().run(run_id), name))
    return found
