"""A run as a file: out of the app, and into it again."""

import streamlit as st

from cnn.training import archive
from cnn.training.run import Run, RunError
from cnn.training.run_library import Entry
from cnn.ui.common import formatting
from cnn.ui.state import services
from cnn.ui.state.session import Session

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
    """Take a run from a file onto the shelf, or say what is wrong with the file."""
    if told := st.session_state.get(_SENTENCE):
        (st.error if told[0] == "error" else st.success)(told[1])
    with st.expander("Import a run from a file", icon=":material/upload:"):
        st.file_uploader(
            "A run that was exported from here or from another CNN Playground",
            type="zip",
            key="import",
            max_upload_size=_MEGABYTES,
            on_change=_import,
            args=(session,),
        )
        st.caption(
            "Nothing in the file is ever executed: it holds numbers and a record, and both are"
            " checked. An imported run is marked, for nobody here has seen it train."
        )


def _import(session: Session) -> None:
    st.session_state.pop(_SENTENCE, None)
    upload = st.session_state["import"]
    if upload is None:
        return
    try:
        found = archive.unpack(upload.getvalue(), services.chosen)
        run = services.engine().keep(found.run, found.weights)
        session.own_runs.library.add(run.id, found.label.name, found.label.note)
    except RunError as error:
        # The sentence may quote the file, which anybody can have written.
        st.session_state[_SENTENCE] = "error", formatting.escaped(str(error))
        return
    entry = session.own_runs.library.entry(run.id)
    number = entry.number if entry else 0
    st.session_state[_SENTENCE] = "success", f"It is on your shelf as run {number}."
