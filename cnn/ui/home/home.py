"""The Home page: an item on its way through the example run's network, and the ways on.

It is a function, not a file in `pages/`: as the app's default page it has no address of its own,
and a file would get one. The sentences are in `home.md`.
"""

import streamlit as st

from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.navigation import GROUPS
from cnn.ui.common.page import APP, page
from cnn.ui.common.prose import read_sections
from cnn.ui.components.image_grid import one_of_each
from cnn.ui.components.network_message import Picture
from cnn.ui.components.network_view import network_view
from cnn.ui.state import services
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)
_WAYS = ("Lessons", "Data", "Network", "Train"), ("Inspect", "Evaluate", "Runs", "Experiments")


def home() -> None:
    """The page."""
    pages = {label: file for group in GROUPS.values() for file, (label, _) in group.items()}
    with page(APP, _TEXT.text("about")) as session:
        for row in _WAYS:
            columns = responsive_columns(*[1] * len(row), narrowest=165, gap="small")
            for column, label in zip(columns, row, strict=True):
                with column.container(border=True, height="stretch"):
                    st.page_link(
                        pages[label], label=f"**{label}**", icon=":material/arrow_forward:"
                    )
                    _TEXT.caption(label)
        _example(session)


def _example(session: Session) -> None:
    """One test image of every class to choose from, and what the network makes of the chosen one."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    st.subheader(_TEXT.text("example", images=len(data.train)), anchor=False)
    _TEXT.show("starter network")
    number = one_of_each(session, data, key="garments")
    picture = Picture(
        services.run_plan(run),
        services.weights(run.id, run.kept[-1]),
        data.dataset.images[number],
        data.classes,
        int(data.labels[number]),
    )
    network_view(picture, key="home")
