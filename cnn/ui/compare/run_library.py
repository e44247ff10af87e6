"""A visitor's runs, the newest first: to compare, to name, to export and to import."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from cnn.data.dataset import DataError
from cnn.training import archive
from cnn.training.run import Run, RunError
from cnn.training.run_library import LONGEST_NAME, LONGEST_NOTE, Entry
from cnn.ui.common import formatting
from cnn.ui.common.layout import page_of
from cnn.ui.common.live_run import badge
from cnn.ui.common.notices import show_error, show_warning
from cnn.ui.common.page import EVALUATE, INSPECT, TRAIN, errors_shown, open_run, run_name
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import polled
from cnn.ui.experiments.form import train_with_seeds
from cnn.ui.report.download_menu import download
from cnn.ui.state import services
from cnn.ui.state.browser_echo import while_shown, widget
from cnn.ui.state.session import Session
from cnn.ui.state.url import MOST_COMPARED

_TEXT = read_sections(__file__)
_PAGE = 6
_POLL = 1.0
_IMPORTED = "imported"


@dataclass(frozen=True, eq=False)
class Compared:
    """A run as it is now, and a name that no other run of the comparison has."""

    run: Run
    name: str

    @property
    def label(self) -> str:
        """The name as Markdown."""
        return formatting.escaped(self.name)


def chosen(session: Session) -> tuple[str, ...]:
    """The ids of the runs that are compared: what a URL or the visitor names, or the newest run.

    A warning tells which ones do not exist any more.
    """
    own = session.own_runs
    if own.compared is None:
        return (services.EXAMPLE_RUN, *own.ids[-1:])
    # Another tab may have removed one of them from the library.
    known = (services.EXAMPLE_RUN, *own.ids)
    own.compared = tuple(run for run in own.compared if _exists(run) and run in known)
    return own.compared


def _exists(run_id: str) -> bool:
    """Whether the run exists, with a warning if it does not."""
    try:
        services.engine().run(run_id)
    except RunError as error:
        show_warning(f"{error} It is left out of the comparison.", "link_off")
        return False
    return True


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


def with_images(runs: Sequence[Compared]) -> list[Compared]:
    """The runs whose images are on this server; a warning tells which ones are left out."""
    found = []
    for named in runs:
        try:
            services.chosen(named.run.job.data)
            found.append(named)
        except DataError as error:
            show_warning(f"{named.name} is left out. {error}", "hide_image")
    return found


def run_list(session: Session) -> None:
    """The runs with their results; two to six can be ticked to be compared."""
    runs = [services.engine().run(run_id) for run_id in session.own_runs.ids]
    runs.sort(key=lambda run: -run.created)
    runs.append(services.engine().run(services.EXAMPLE_RUN))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("Your runs", anchor=False, width="content")
        ticked = _TEXT.text("ticked", now=len(chosen(session)), most=MOST_COMPARED)
        st.caption(ticked, width="content")
    with st.container():
        _undo(session)
    part = page_of(len(runs), _PAGE, "own-runs-page")
    with st.container():  # what follows keeps its place, however many there are
        for run in runs[part]:
            with st.container(border=True):
                _row(session, run)
    if len(runs) == 1:
        st.info(_TEXT.text("first"), icon=":material/lightbulb:")
    _import_panel(session)


def _undo(session: Session) -> None:
    """The run that was removed last can be put back for as long as the tab is open."""
    own = session.own_runs
    if own.removed is None:
        return
    name = own.removed.name
    run = f"“{formatting.escaped(name)}”" if name else f"Run {own.removed.number}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_TEXT.text("removed", run=run), width="content")
        st.button(f"Undo: put {run} back", icon=":material/undo:", on_click=own.undo_remove)
        st.button("Dismiss", type="tertiary", on_click=lambda: setattr(own, "removed", None))


def _row(session: Session, run: Run) -> None:
    left, right = st.columns(2, vertical_alignment="center")
    entry = session.own_runs.library.entry(run.id)
    with left:
        _tick(session, run)
        network = run.job.network
        named = f"{formatting.network_name(network)}  \n{_size_and_data(run)}"
        st.caption(named, help=formatting.network(network))
        if entry and entry.note:
            st.caption(formatting.escaped(entry.note))
    with right:
        polled(_outcome, _POLL if run.live else None, run)
        _links(session, run, entry)


def _tick(session: Session, run: Run) -> None:
    ticked = chosen(session)
    box = widget(f"compare-{run.id}", run.id in ticked)

    def toggle(wanted: bool) -> None:
        others = tuple(other for other in chosen(session) if other != run.id)
        session.own_runs.compared = (*others, run.id)[:MOST_COMPARED] if wanted else others

    name, now = f"**{formatting.escaped(run_name(session, run.id))}**", run.id in ticked
    full = not now and len(ticked) >= MOST_COMPARED
    st.checkbox(name, now, key=box.key, disabled=full, on_change=box.then(toggle))


def _outcome(drawn: Run) -> None:
    """How far a run is; the page is drawn anew when there is more to it than when it was `drawn`."""
    with errors_shown():
        run = services.engine().run(drawn.id)
        with st.container(horizontal=True, vertical_alignment="center"):
            badge(run)
            if run.imported:
                st.badge("Imported", color="violet", help=_TEXT.text("imported"))
            if run.live:
                st.caption(f"epoch {run.last_epoch} of {run.planned_epochs}", width="content")
            if run.epochs:
                st.markdown(_accuracy(run), width="content")
            if run.epochs and not run.live:
                epochs = formatting.counted(run.last_epoch, "epoch")
                st.caption(f"{epochs} in {run.seconds:.1f} s", width="content")
        if (run.live, bool(run.kept)) != (drawn.live, bool(drawn.kept)):
            st.rerun()


def _accuracy(run: Run) -> str:
    share = run.epochs[-1].validation_accuracy
    try:
        images = len(services.chosen(run.job.data).test)
    except DataError:
        return formatting.percent(share)
    return f"**{formatting.accuracy(share, images)}**"


def _size_and_data(run: Run) -> str:
    try:
        data = services.chosen(run.job.data)
    except DataError:
        return _TEXT.text("no images")
    plan, name = services.run_plan(run), formatting.escaped(data.dataset.name)
    return _TEXT.text("size and data", plan=plan, name=name, images=len(data.train))


def _links(session: Session, run: Run, entry: Entry | None) -> None:
    """The pages about the run, and what can be done with its `entry` in the library."""
    with st.container(horizontal=True, gap="xsmall"):
        for page in (INSPECT, EVALUATE, TRAIN):
            open_run(session, run.id, page)
        train_with_seeds(session, run)
        if entry:
            with st.popover(
                "More", icon=":material/more_horiz:", type="tertiary", key=f"more-{run.id}"
            ):
                _details(session, run, entry)


def _details(session: Session, run: Run, entry: Entry) -> None:
    with st.form(f"entry-{run.id}", border=False):
        name = st.text_input("Name", entry.name, max_chars=LONGEST_NAME)
        note = st.text_area("Note", entry.note, max_chars=LONGEST_NOTE, height=80)
        saved = st.form_submit_button("Save", icon=":material/check:")
    if saved:
        with errors_shown():
            session.own_runs.library.describe(run.id, name, note)
            st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(run.kept) > 1 and archive.fits(run, services.run_plan(run).parameters):
            offer_export(run, entry, run.kept, f"Export with {len(run.kept)} epochs")
        if run.kept:
            offer_export(run, entry, run.kept[-1:], f"Export with epoch {run.kept[-1]} only")
        key, remove = f"off-{run.id}", partial(session.remove_run, run.id)
        st.button("Remove from your runs", key, icon=":material/delete:", on_click=remove)
    _TEXT.caption("remove")


def offer_export(run: Run, entry: Entry, epochs: tuple[int, ...], label: str) -> None:
    """A button for the file in which a run is taken elsewhere, with the weights of these epochs."""

    def content() -> bytes:
        weights = {epoch: services.run_store().weights(run.id, epoch) for epoch in epochs}
        return archive.pack(run, weights, archive.Label(entry.name, entry.note))

    download(label, content, f"run_{entry.number}.zip", f"{run.id}-{len(epochs)}")


def _import_panel(session: Session) -> None:
    """Put a run from a file into the library, or say what is wrong with the file."""
    outcome = st.session_state.get(_IMPORTED, "")
    if isinstance(outcome, RunError):
        show_error(outcome)
    elif entry := session.own_runs.library.entry(outcome):  # it may have been removed since
        st.success(f"It is now in your runs as run {entry.number}.")
    with st.expander("Import a run from a file", icon=":material/upload:"):
        st.file_uploader(
            "A run that was exported from here or from another CNN Playground",
            type="zip",
            key="import",
            max_upload_size=archive.MOST_BYTES // 2**20,
            on_change=while_shown("import", "import", lambda: _import(session)),
        )
        _TEXT.caption("import")


def _import(session: Session) -> None:
    st.session_state.pop(_IMPORTED, None)
    upload = st.session_state["import"]
    if upload is None:
        return
    try:
        archived = archive.unpack(upload.getvalue(), services.chosen)
        run = services.engine().keep(archived.run, archived.weights)
        session.own_runs.library.add(run.id, archived.label.name, archived.label.note)
    except RunError as error:
        st.session_state[_IMPORTED] = error
        return
    st.session_state[_IMPORTED] = run.id
