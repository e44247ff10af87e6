"""What the server is used for at present: tabs, runs, memory and disk. For whoever runs it."""

import hmac
import os
import shutil
from contextlib import suppress
from pathlib import Path

import pandas as pd
import psutil
import streamlit as st
from streamlit import runtime

from cnn.server_limits import LIMITS
from cnn.ui.common import formatting
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import polled
from cnn.ui.state import services, visitor

KEY_VARIABLE = "CNN_PLAYGROUND_ADMIN_KEY"

_TEXT = read_sections(__file__)
_POLL = 2.0
_ALLOWED = "admin"


def admitted() -> bool:
    """Whether the visitor may see the usage; asks for the key if there is one.

    Without a key only visitors on the server's own machine are admitted.
    """
    key = os.environ.get(KEY_VARIABLE, "")
    if not key:
        if visitor.address():
            _TEXT.show("no key", variable=KEY_VARIABLE)
        return not visitor.address()
    if st.session_state.get(_ALLOWED):
        return True
    with st.form("admin-key", border=False, enter_to_submit=True):
        entered = st.text_input("Key of this server", type="password", width=320)
        asked = st.form_submit_button("Show usage", type="primary")
    if asked:
        if hmac.compare_digest(entered.encode(), key.encode()):
            st.session_state[_ALLOWED] = True
            st.rerun()
        _TEXT.show("wrong key", variable=KEY_VARIABLE)
    return False


def usage() -> None:
    """The figures, looked up again every two seconds."""
    polled(_figures, _POLL)


def _figures() -> None:
    engine = services.engine()
    runs = engine.live()
    training = [run for run in runs if run.status in ("starting", "training")]
    disk = shutil.disk_usage(services.home() if services.home().exists() else Path.cwd())
    web, workers = _memory()
    with st.container(horizontal=True):
        st.metric("Open tabs", _tabs(), width="content")
        st.metric("Runs training", f"{len(training)} of {engine.workers}", width="content")
        waiting = f"{len(runs) - len(training)} of {LIMITS.queue}"
        st.metric("Runs waiting", waiting, width="content")
        st.metric("Memory, web process", _bytes(web), width="content")
        st.metric("Memory, workers here", _bytes(workers), width="content")
        st.metric("Memory free", _bytes(psutil.virtual_memory().available), width="content")
        st.metric("Disk free", _bytes(disk.free), width="content")
    st.subheader("Runs that have not ended", anchor=False)
    if not runs:
        _TEXT.caption("no runs")
    else:
        st.dataframe(
            pd.DataFrame(
                {
                    "Person": [run.owner[:6] or "experiment" for run in runs],
                    "Network": [formatting.network_name(run.job.network) for run in runs],
                    "State": [formatting.status(run) for run in runs],
                    "Epoch": [f"{run.last_epoch} of {run.planned_epochs}" for run in runs],
                }
            ),
            hide_index=True,
        )
    st.subheader("Disk", anchor=False)
    st.dataframe(_folders(str(services.home())), hide_index=True, width="content")


def _tabs() -> int:
    # Streamlit has no public count of its sessions.
    sessions = getattr(runtime.get_instance(), "_session_mgr", None) if runtime.exists() else None
    return sessions.num_active_sessions() if sessions else 0


def _memory() -> tuple[int, int]:
    """The bytes of this process, and of those that it has started."""
    web = psutil.Process()
    workers = 0
    for process in web.children(recursive=True):
        with suppress(psutil.Error):  # it may have ended meanwhile
            workers += process.memory_info().rss
    return web.memory_info().rss, workers


@st.cache_data(show_spinner=False, ttl=30)
def _folders(home: str) -> pd.DataFrame:
    """What is kept in the home folder: its folders, their items and sizes."""
    rows = []
    for folder in sorted(path for path in Path(home).glob("*") if path.is_dir()):
        sizes = []
        for path in folder.rglob("*"):
            with suppress(OSError):
                sizes.append(path.stat().st_size if path.is_file() else 0)
        items = sum(1 for _ in folder.glob("[!.]*"))
        rows.append({"Folder": folder.name, "Items": items, "Size": _bytes(sum(sizes))})
    return pd.DataFrame(rows, columns=["Folder", "Items", "Size"])


def _bytes(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
