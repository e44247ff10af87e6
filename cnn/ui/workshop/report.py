"""The board of a workshop as files: a table for a spreadsheet, and a page that opens offline."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from cnn.ui.common import formatting
from cnn.ui.common.prose import read_sections
from cnn.ui.report.document import Chart, Section, Table, render
from cnn.ui.report.download_menu import download, plain_text
from cnn.ui.state import services
from cnn.ui.workshop.board import chart, names_of, table
from cnn.workshop.board import BoardEntry, board
from cnn.workshop.workshop import Workshop

_TEXT = read_sections(__file__)


def offer_report(workshop: Workshop) -> None:
    """The menu with both files, which are made when they are clicked."""
    with st.popover("Report", icon=":material/description:"):
        download("Report (HTML)", lambda: board_report(workshop), "workshop.html", workshop.id)
        download("Board (CSV)", lambda: board_csv(workshop), "workshop.csv", workshop.id)


def board_csv(workshop: Workshop) -> str:
    """A row per network, the most accurate first."""
    found = _table(workshop)[0]
    if len(found):
        found["who"] = found["who"].map(plain_text)
    return found.to_csv(index=False)


def board_report(workshop: Workshop) -> bytes:
    """The board as an HTML page that needs no server."""
    found, entries = _table(workshop)
    day = datetime.fromtimestamp(workshop.began, UTC).date().isoformat()
    network = formatting.network(workshop.plan.start.network)
    lead = _TEXT.text(
        "lead",
        networks=formatting.counted(len(entries), "network was", "networks were"),
        title=formatting.escaped(workshop.plan.title),
        day=day,
        network=network,
    )
    if not entries:
        return render(workshop.plan.title, lead, [])
    shown = pd.DataFrame(
        {
            "who": found["who"],
            "network": found["network"],
            "parameters": found["parameters"].map(formatting.thousands),
            "accuracy (95% interval)": [
                formatting.accuracy(entry.accuracy, entry.run.images) for entry in entries
            ],
            "test images": found["images"].map(formatting.thousands),
            "epochs": found["epochs"],
            "best for its size": found["best"].map({True: "yes", False: ""}),
        }
    )
    compared = found[found["comparable"]].assign(own=False)
    drawn = [Chart(chart(compared), "Accuracy against parameters")] if len(compared) else []
    return render(
        workshop.plan.title,
        lead,
        [Section("The board", [_TEXT.text("front"), *drawn, Table(shown)])],
    )


def _table(workshop: Workshop) -> tuple[pd.DataFrame, list[BoardEntry]]:
    now = services.workshops().workshop(workshop.id)
    entries = board(services.workshops().runs(now.id))
    return table(entries, names_of(now)), entries
