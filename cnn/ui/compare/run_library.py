"""A visitor's runs, the newest first: to compare, to name, to export and to import."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from cnn.data.dataset import DataError
from cnn.training import archive
from cnn.training.run import Run, RunError
from cnn.training.run_library import LONGEST_NAME, LONGEST_NOTE, Entry
from cnn.ui.common import formatting
from cnn.ui.common.layout import page_of
from cnn.ui.common.live_run import badge
from cnn.ui.common.page import EVALUATE, INSPECT, TRAIN, errors_told, run_name
from cnn.ui.common.waiting import polled
from cnn.ui.experiments.form import train_with_seeds
from cnn.ui.state import services, url
from cnn.ui.state.browser_echo import heard, widget
from cnn.ui.state.session import Session
from cnn.ui.state.url import MOST_COMPARED

_PAGE = 6
_POLL = 1.0


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


def run_list(session: Session) -> None:
    """The runs with their results; two to six can be ticked to be compared."""
    runs = [services.engine().run(run_id) for run_id in session.own_runs.ids]
    runs.sort(key=lambda run: -run.created)
    runs.append(services.engine().run(services.EXAMPLE_RUN))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Your runs", anchor=False, width="content")
        now = len(chosen(session))
        st.caption(
            f"Tick two or more to compare them below; {now} of at most {MOST_COMPARED} ticked.",
            width="content",
        )
    with st.container():
        _undo(session)
    part = page_of(len(runs), _PAGE, "own-runs-page")
    with st.container():  # what follows keeps its place, however many there are
        for run in runs[part]:
            with st.container(border=True):
                _row(session, run)
    if len(runs) == 1:
        st.info(
            "Your own runs appear here as soon as you train one. Below, you can train the"
            " starter network again with one change, to see what it does.",
            icon=":material/lightbulb:",
        )
    import_panel(session)


def _undo(session: Session) -> None:
    """What was taken off last can be had back, for as long as the tab is open."""
    if (entry := session.own_runs.removed) is None:
        return
    called = f"“{formatting.escaped(entry.name)}”" if entry.name else f"Run {entry.number}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{called} was removed from your runs.", width="content")
        st.button(
            f"Undo: put {called} back",
            icon=":material/undo:",
            on_click=session.own_runs.undo_remove,
        )
        st.button("Dismiss", type="tertiary", on_click=session.own_runs.forget_removed)


def _row(session: Session, run: Run) -> None:
    about, came = st.columns(2, vertical_alignment="center")
    entry = session.own_runs.library.entry(run.id)
    with about:
        _tick(session, run)
        st.caption(
            f"{formatting.network_name(run.job.network)}  \n{_size_and_data(run)}",
            help=formatting.network(run.job.network),
        )
        if entry and entry.note:
            st.caption(formatting.escaped(entry.note))
    with came:
        polled(_outcome, _POLL if run.live else None, run.id, run.live)
        _ways(session, run)


def _tick(session: Session, run: Run) -> None:
    ticked = chosen(session)
    is_ticked = run.id in ticked
    title = formatting.escaped(run_name(session, run.id))
    box = widget(f"compare-{run.id}", is_ticked)
    st.checkbox(
        f"**{title}**",
        is_ticked,
        key=box.key,
        disabled=not is_ticked and len(ticked) >= MOST_COMPARED,
        on_change=box.then(lambda _: toggle(session, run.id)),
    )


def _outcome(run_id: str, live: bool) -> None:
    """Status, accuracy, size and time of a run as it is now."""
    with errors_told():
        run = services.engine().run(run_id)
        with st.container(horizontal=True, vertical_alignment="center"):
            badge(run)
            if run.imported:
                st.badge(
                    "Imported",
                    color="violet",
                    help="Imported from a file; its training was not observed here.",
                )
            if run.live:
                st.caption(f"epoch {run.last_epoch} of {run.planned_epochs}", width="content")
            st.markdown(_accuracy(run), width="content")
            if run.epochs and not run.live:
                epochs = formatting.counted(run.last_epoch, "epoch")
                st.caption(f"{epochs} in {run.seconds:.1f} s", width="content")
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
    """One click to the pages about the run."""

    def way(label: str, icon: str, page: str) -> None:
        if st.button(label, icon=f":material/{icon}:", type="tertiary", key=f"{label}-{run.id}"):
            session.choose_run(run.id)
            st.switch_page(page)

    with st.container(horizontal=True, gap="xsmall"):
        way("Inspect", "search", INSPECT)
        way("Evaluate", "fact_check", EVALUATE)
        way("Train", "show_chart", TRAIN)
        train_with_seeds(session, run)
        if entry := session.own_runs.library.entry(run.id):
            with st.popover(
                "More", icon=":material/more_horiz:", type="tertiary", key=f"more-{run.id}"
            ):
                _details(session, run, entry)


def _details(session: Session, run: Run, entry: Entry) -> None:
    """Name, note, file, and the way out of the library."""
    with st.form(f"entry-{run.id}", border=False):
        name = st.text_input("Name", entry.name, max_chars=LONGEST_NAME)
        note = st.text_area("Note", entry.note, max_chars=LONGEST_NOTE, height=80)
        saved = st.form_submit_button("Save", icon=":material/check:")
    if saved:
        with errors_told():
            session.own_runs.library.describe(run.id, name, note)
            st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        export_buttons(run, entry)
        st.button(
            "Remove from your runs",
            icon=":material/delete:",
            key=f"off-{run.id}",
            on_click=session.remove_run,
            args=(run.id,),
        )
    st.caption(
        "This removes it from your list only, and you can undo it. The run itself stays on this"
        " server for whoever has its link, until nobody has opened it for 30 days or newer runs"
        " need its room."
    )


_SENTENCE = "import-sentence"
_MEGABYTES = archive.MOST_BYTES // 2**20


def export_buttons(run: Run, entry: Entry) -> None:
    """One click to the file of a run, with all its epochs or the last one."""
    if not run.kept:
        return
    if len(run.kept) > 1 and archive.fits(run, services.run_plan(run).parameters):
        _export(run, entry, run.kept, f"Export with {len(run.kept)} epochs")
    _export(run, entry, run.kept[-1:], f"Export with epoch {run.kept[-1]} only")


def _export(run: Run, entry: Entry, epochs: tuple[int, ...], label: str) -> None:
    def content() -> bytes:
        weights = {epoch: services.run_store().weights(run.id, epoch) for epoch in epochs}
        return archive.pack(run, weights, archive.Label(entry.name, entry.note))

    st.download_button(
        label,
        data=content,
        file_name=f"run_{entry.number}.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        key=f"export-{run.id}-{len(epochs)}",
    )


def import_panel(session: Session) -> None:
    """Put a run from a file into the library, or say what is wrong with the file."""
    if outcome := st.session_state.get(_SENTENCE):
        (st.error if outcome[0] == "error" else st.success)(outcome[1])
    with st.expander("Import a run from a file", icon=":material/upload:"):
        st.file_uploader(
            "A run that was exported from here or from another CNN Playground",
            type="zip",
            key="import",
            max_upload_size=_MEGABYTES,
            on_change=heard("import", "import", lambda: _import(session)),
        )
        st.caption(
            "Nothing in the file is ever executed: it holds numbers and a record, and both are"
            " checked. An imported run is marked: its training was not observed here."
        )


def _import(session: Session) -> None:
    st.session_state.pop(_SENTENCE, None)
    upload = st.session_state["import"]
    if upload is None:
        return
    try:
        archived = archive.unpack(upload.getvalue(), services.chosen)
        run = services.engine().keep(archived.run, archived.weights)
        session.own_runs.library.add(run.id, archived.label.name, archived.label.note)
    except RunError as error:
        # The sentence may quote the file, which anybody can have written.
        st.session_state[_SENTENCE] = "error", formatting.escaped(str(error))
        return
    entry = session.own_runs.library.entry(run.id)
    number = entry.number if entry else 0
    st.session_state[_SENTENCE] = "success", f"It is now in your runs as run {number}."
