"""The shelf: a person's runs, the newest first, to choose from, to name, and to take along."""

import streamlit as st

from cnn.data.dataset import DataError
from cnn.training.run import Run
from cnn.training.run_library import LONGEST_NAME, LONGEST_NOTE, Entry
from cnn.ui.common import formatting
from cnn.ui.common.live_run import STATUS
from cnn.ui.common.page import EVALUATE, INSPECT, TRAIN, errors_told, run_name
from cnn.ui.common.waiting import polled
from cnn.ui.compare import selection, transfer
from cnn.ui.experiments.seeds import train_with_seeds
from cnn.ui.state import services
from cnn.ui.state.browser_echo import widget
from cnn.ui.state.session import Session
from cnn.ui.state.url import MOST_COMPARED

_PAGE = 6
_POLL = 1.0
_OPENED = "shelf-opened"


def run_list(session: Session) -> None:
    """The runs with what came of them; two to six can be ticked to be compared."""
    runs = [services.engine().run(run_id) for run_id in session.own_runs.ids]
    runs.sort(key=lambda run: -run.created)
    runs.append(services.engine().run(services.EXAMPLE_RUN))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Your runs", anchor=False, width="content")
        now = len(selection.chosen(session))
        st.caption(
            f"Tick two or more to compare them below; {now} of at most {MOST_COMPARED} ticked.",
            width="content",
        )
    with st.container():
        _undo(session)
    pages = -(-len(runs) // _PAGE)
    shown = st.pagination(pages, key=f"shelf-page-{pages}") if pages > 1 else 1
    with st.container():  # what follows keeps its place, however many there are
        for run in runs[(shown - 1) * _PAGE : shown * _PAGE]:
            with st.container(border=True):
                _row(session, run)
    if len(runs) == 1:
        st.info(
            "Your own runs appear here as soon as you train one. Below, the shipped network can be"
            " trained again with one thing changed, to see what that does.",
            icon=":material/lightbulb:",
        )
    transfer.import_panel(session)


def _undo(session: Session) -> None:
    """What was taken off last can be had back, for as long as the tab is open."""
    if (entry := session.own_runs.removed) is None:
        return
    called = f"“{formatting.escaped(entry.name)}”" if entry.name else f"Run {entry.number}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{called} was taken off your shelf.", width="content")
        st.button(
            f"Undo: put {called} back",
            icon=":material/undo:",
            on_click=session.own_runs.undo_remove,
        )
        st.button("Leave it off", type="tertiary", on_click=session.own_runs.forget_removed)


def _row(session: Session, run: Run) -> None:
    about, came = st.columns(2, vertical_alignment="center")
    entry = session.own_runs.library.entry(run.id)
    with about:
        _tick(session, run)
        st.caption(f"{formatting.network(run.job.network)}  \n{_size_and_data(run)}")
        if entry and entry.note:
            st.caption(formatting.escaped(entry.note))
    with came:
        polled(_came_of_it, _POLL if run.live else None, run.id, run.live)
        _ways(session, run)
    if st.session_state.get(_OPENED) == run.id and entry is not None:
        _details(session, run, entry)


def _tick(session: Session, run: Run) -> None:
    ticked = selection.chosen(session)
    is_ticked = run.id in ticked
    title = formatting.escaped(run_name(session, run.id))
    box = widget(f"compare-{run.id}", is_ticked)
    st.checkbox(
        f"**{title}**",
        is_ticked,
        key=box.key,
        disabled=not is_ticked and len(ticked) >= MOST_COMPARED,
        on_change=box.then(lambda _: selection.toggle(session, run.id)),
    )


def _came_of_it(run_id: str, live: bool) -> None:
    """Status, accuracy, size and time of a run as it is now."""
    with errors_told():
        run = services.engine().run(run_id)
        label, color = STATUS[run.status]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(label, color=color)  # type: ignore[arg-type]
            if run.imported:
                st.badge(
                    "Imported", color="violet", help="It came as a file; nobody here saw it train."
                )
            if run.live:
                st.caption(f"epoch {run.last_epoch} of {run.planned_epochs}", width="content")
            st.markdown(_accuracy(run), width="content")
            if run.epochs and not run.live:
                epochs = f"{run.last_epoch} epoch{'' if run.last_epoch == 1 else 's'}"
                st.caption(f"{epochs} in {run.seconds:.1f}\u202fs", width="content")
        if live and not run.live:
            st.rerun()


def _accuracy(run: Run) -> str:
    if not run.epochs:
        return ""
    try:
        images = len(services.chosen(run.job.data).test)
    except DataError:
        return formatting.percent(run.epochs[-1].validation_accuracy)
    return f"**{formatting.accuracy(run.epochs[-1].validation_accuracy, images)}**"


def _size_and_data(run: Run) -> str:
    try:
        data = services.chosen(run.job.data)
        parameters = services.run_plan(run).parameters
    except DataError:
        return "Its images are not on this server any more."
    return (
        f"{formatting.thousands(parameters)} parameters · {formatting.escaped(data.dataset.name)},"
        f" {formatting.thousands(len(data.train))} to learn from"
    )


def _ways(session: Session, run: Run) -> None:
    """One click to where the run is looked at."""

    def way(label: str, icon: str, page: str) -> None:
        if st.button(label, icon=f":material/{icon}:", type="tertiary", key=f"{label}-{run.id}"):
            session.choose_run(run.id)
            st.switch_page(page)

    with st.container(horizontal=True, gap="xsmall"):
        way("Inspect", "search", INSPECT)
        way("Evaluate", "fact_check", EVALUATE)
        way("Train", "show_chart", TRAIN)
        train_with_seeds(session, run)
        if run.id != services.EXAMPLE_RUN:
            st.button(
                "More",
                icon=":material/more_horiz:",
                type="tertiary",
                key=f"open-{run.id}",
                on_click=_open,
                args=(run.id,),
            )


def _open(run_id: str) -> None:
    is_open = st.session_state.get(_OPENED) == run_id
    st.session_state[_OPENED] = None if is_open else run_id


def _details(session: Session, run: Run, entry: Entry) -> None:
    """Name, note, file, and the way off the shelf, for one run at a time."""
    with st.form(f"entry-{run.id}", border=False):
        name = st.text_input("Name", entry.name, max_chars=LONGEST_NAME)
        note = st.text_area("Note", entry.note, max_chars=LONGEST_NOTE, height=80)
        saved = st.form_submit_button("Save", icon=":material/check:")
    if saved:
        with errors_told():
            session.own_runs.library.describe(run.id, name, note)
            st.session_state[_OPENED] = None
            st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        transfer.export_buttons(run, entry)
        st.button(
            "Take off the shelf",
            icon=":material/delete:",
            key=f"off-{run.id}",
            on_click=session.remove_run,
            args=(run.id,),
        )
    st.caption(
        "Taken off, it is gone from your list only, and can be put back. The run itself stays on"
        " this server for whoever has its link, until it has not been touched for 30 days or"
        " newer runs need its room."
    )
