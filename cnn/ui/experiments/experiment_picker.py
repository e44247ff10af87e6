"""Which experiment is open: one of the person's, a shipped one, or a new one that is being set up."""

import streamlit as st

from cnn.training.experiments.factors import ExperimentError
from cnn.training.experiments.store import Record
from cnn.ui.state import services
from cnn.ui.state.browser_echo import Written
from cnn.ui.state.ignore_stale_widget import heard
from cnn.ui.state.session import Session

NEW = "new"
"""What stands for the experiment that is being set up."""

_ADDRESS = _PLACE = "experiment"
_WRITTEN = "experiment-written"


def open_experiment(name: str) -> None:
    """Have the Experiments page show this one."""
    st.session_state[_PLACE] = name
    _written().write(name)
    st.query_params[_ADDRESS] = name


def opened() -> str:
    """The id of the open one, from the address or as it was left; a shipped one at first."""
    named = st.query_params.get(_ADDRESS)
    if named and _written().is_opened(named):
        st.session_state[_PLACE] = named[:64]
    name: str = st.session_state.get(_PLACE) or services.experiments().shipped()[0].id
    open_experiment(name)
    return name


def _written() -> Written:
    written: Written = st.session_state.setdefault(_WRITTEN, Written())
    return written


def choice(session: Session) -> str:
    """The select box of experiments and the button for a new one; returns the id of the open one."""
    now = opened()
    records = [*services.experiments().of(session.token), *services.experiments().shipped()]
    if now != NEW and now not in [record.id for record in records]:
        records += _by_address(now)
    titles = _titles(records)
    options = [NEW, *titles]
    if now not in options:
        now = records[-1].id
        open_experiment(now)
    key = f"experiment-{now}-{len(options)}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Experiment",
            options,
            index=options.index(now),
            format_func=lambda name: titles.get(name, "A new experiment"),
            key=key,
            on_change=heard("experiment", key, lambda: open_experiment(st.session_state[key])),
        )
        if now != NEW and st.button("New experiment", type="primary", icon=":material/add:"):
            open_experiment(NEW)
            st.rerun()
    return now


def _by_address(name: str) -> list[Record]:
    """The experiment of somebody else that the address names."""
    try:
        return [services.experiments().record(name)]
    except ExperimentError as error:
        st.warning(f"{error} The shipped one is shown instead.", icon=":material/link_off:")
        return []


def _titles(records: list[Record]) -> dict[str, str]:
    """What each is called: a later one of the same title gets a number.

    The browser knows an option by its label, so that no label may be there twice.
    """
    found: dict[str, str] = {}
    for record in sorted(records, key=lambda one: one.created):
        title = told = record.title if record.owner else f"Shipped: {record.title}"
        number = 1
        while told in found.values():
            number += 1
            told = f"{title} ({number})"
        found[record.id] = told
    return {record.id: found[record.id] for record in records}
