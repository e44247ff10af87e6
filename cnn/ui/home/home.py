"""The Home page: an item on its way through the example run's network, a guided start, the ways on.

It is a function, not a file in `pages/`: as the app's default page it has no address of its own,
and a file would get one. The sentences are in `home.md`.
"""

import streamlit as st

from cnn.inspection.forward import forward
from cnn.inspection.units import UnitError, from_text
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.navigation import GROUPS
from cnn.ui.common.page import APP, page
from cnn.ui.common.prose import read_sections
from cnn.ui.components.image_grid import one_of_each
from cnn.ui.components.network_message import Picture
from cnn.ui.components.network_view import ViewCallbacks, film, network_view, timeline
from cnn.ui.home.guided_start import FIRST_LAYER, coach, guided_start, square_to_click
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.workshop.join import join_form

_TEXT = read_sections(__file__)
_FILM = "home-film-wanted"


def home() -> None:
    with page(APP, _TEXT.text("about")) as session:
        _network(session)
        _ways_on()


def _network(session: Session) -> None:
    """Items to choose from, what to do next, and the network at work on the chosen item."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    data, plan = services.chosen(run.job.data), services.run_plan(run)
    start = guided_start()
    items, card = responsive_columns(3, 2, narrowest=100)
    with items:
        number = one_of_each(session, data, key="garments", zoom=1)
        with st.popover("Join a workshop", icon=":material/groups:"):
            join_form(session, primary=False)
    epoch = run.kept[-1] if start.epoch is None else start.epoch
    weights = services.edited_weights(run, epoch, start.shown_edits)
    image = data.dataset.images[number]
    outputs = forward(plan, weights, image[None])
    probabilities = outputs["softmax"][0]
    step = start.step(session)
    with card:
        predicted = data.classes[probabilities.argmax()]
        trained = plan.split(services.weights(run.id, run.kept[-1]))[f"{FIRST_LAYER}/kernel"]
        coach(session, start, trained, predicted=predicted, share=probabilities.max(), plan=plan)
    watched = step in ("watch", "done")
    picture = Picture(
        plan,
        weights,
        image,
        data.classes,
        int(data.labels[number]),
        selected=start.unit,
        edits=start.shown_edits,
        outputs=outputs,
        pulse=square_to_click(outputs) if step == "click" and not start.skipped else None,
        timeline=timeline(run, epoch) if watched else None,
        film=film(run) if watched and st.session_state.pop(_FILM, False) else {},
    )

    def select(name: str) -> None:
        try:
            start.choose(from_text(name, plan))
        except UnitError:  # none is chosen any more
            start.choose(None)

    callbacks = ViewCallbacks(
        select=select,
        show=lambda shown: setattr(start, "epoch", shown),
        want_film=lambda: st.session_state.update({_FILM: True}),
    )
    network_view(picture, "home", callbacks)


def _ways_on() -> None:
    """Links to the pages, in groups as in the navigation."""
    columns = responsive_columns(*[1] * len(GROUPS), narrowest=165, gap="small")
    for column, (group, pages) in zip(columns, GROUPS.items(), strict=True):
        with column.container(border=True, height="stretch"):
            st.caption(group)
            for file, (label, icon) in pages.items():
                st.page_link(file, label=f"**{label}**", icon=f":material/{icon}:")
                _TEXT.caption(f"page/{label}")
