import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.evaluation.metrics import MetricsError
from cnn.inspection.edits import Edits
from cnn.ui.common.choices import choice
from cnn.ui.common.notices import show_warning
from cnn.ui.common.page import TRAIN, chosen_run, page
from cnn.ui.common.waiting import when_there
from cnn.ui.evaluate.confidence import confidence
from cnn.ui.evaluate.evaluated_run import epoch_choice, evaluate, headline
from cnn.ui.evaluate.gallery import mistakes
from cnn.ui.evaluate.health import health
from cnn.ui.evaluate.hidden_layer_map import hidden_map
from cnn.ui.evaluate.overview import overview
from cnn.ui.evaluate.published import published
from cnn.ui.experiments.form import train_with_seeds
from cnn.ui.report.download_menu import offer_run
from cnn.ui.state import services

SECTIONS = {
    "Overview": overview,
    "Mistakes": mistakes,
    "Confidence": confidence,
    "Map": hidden_map,
    "Health": lambda session, seen: health(session, seen.run, seen.epoch),
    "Published": published,
}

with page(
    "Evaluate",
    "See how good your network is, where it fails, and what may be wrong with it.",
    about_run=True,
) as session:
    run = chosen_run(session)
    if not run.kept:
        st.info("This run has not finished an epoch yet.", icon=":material/hourglass:")
        st.page_link(TRAIN, label="Watch it train", icon=":material/show_chart:")
    else:
        epoch = epoch_choice(session, run)
        if session.viewed.edits:
            st.caption(
                "These numbers are for the network as trained, without your changes on Inspect."
            )

        def show(shares: NDArray[np.float32]) -> None:
            evaluated = evaluate(run, epoch, shares)
            if isinstance(evaluated, MetricsError):
                show_warning(evaluated)
                health(session, run, epoch)
                return
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                headline(evaluated)
                with st.container(horizontal=True, width="content"):
                    train_with_seeds(session, run)
                    offer_run(session, run, epoch)
            section = choice("Section", list(SECTIONS), "evaluate-section", labeled=False)
            SECTIONS[section](session, evaluated)

        when_there(
            services.test_answers("evaluate", run, epoch, Edits()),
            "Running the test images through this network",
            show,
        )
