"""Which experiment is open: one of the person's, a shipped one, or a new one that is being set up."""

import streamlit as st

from cnn.training.experiments.factors import ExperimentError
from cnn.training.experiments.store import Record
from cnn.ui.state import services, url
from cnn.ui.state.browser_echo import UrlEcho, widget
from cnn.ui.state.session import Session

NEW = "new"
"""What stands for the experiment that is being set up."""

_OPEN = "open-experiment"


def open_experiment(name: str) -> None:
    """Have the Experiments page show this one."""
    st.session_state[_OPEN] = name
    _echo().write(name)
    url.to_browser(experiment=name)


def open_id() -> str:
    """The id of the open one, from the URL or as it was left; an example at first."""
    named = url.from_browser()[0].experiment
    if named and _echo().is_opened(named):
        st.session_state[_OPEN] = named
    name: str = st.session_state.get(_OPEN) or services.experiments().examples()[0].id
    open_experiment(name)
    return name


def _echo() -> UrlEcho:
    echo: UrlEcho = st.session_state.setdefault("experiment-echo", UrlEcho())
    return echo


def choice(session: Session) -> str:
    """The select box of experiments and the button for a new one; returns the id of the open one."""
    now = open_id()
    records = [*services.experiments().of(session.token), *services.experiments().examples()]
    if now != NEW and now not in [record.id for record in records]:
        records += _by_address(now)
    titles = _titles(records)
    options = [NEW, *titles]
    if now not in options:
        now = records[-1].id
        open_experiment(now)
    box = widget("experiment", (now, tuple(titles.values())))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Experiment",
            options,
            index=options.index(now),
            format_func=lambda name: titles.get(name, "A new experiment"),
            key=box.key,
            on_change=box.then(open_experiment),
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
    titles: dict[str, str] = {}
    for record in sorted(records, key=lambda option: option.created):
        title = numbered = record.title if record.owner else f"Shipped: {record.title}"
        number = 1
        while numbered in titles.values():
            number += 1
            numbered = f"{title} ({number})"
        titles[record.id] = numbered
    return {record.id: titles[record.id] for record in records}
