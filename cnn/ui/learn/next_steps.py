"""What was set up in a lesson, carried to the page where it goes on."""

import streamlit as st

from cnn.data.dataset import DataChoice
from cnn.inspection.edits import Edits
from cnn.network.spec import Network
from cnn.training.job import Settings
from cnn.ui.common.page import BUILD, INSPECT, TRAIN
from cnn.ui.state.session import Session


def to_build(session: Session, label: str, network: Network) -> None:
    """A button that opens Build with this network; the one before can be had back there."""
    if st.button(label, icon=":material/construction:", key=f"to-build-{label}"):
        session.change_network(network)
        st.switch_page(BUILD)


def to_inspect(
    session: Session,
    label: str,
    run: str,
    image: int | None = None,
    unit: str | None = None,
    edits: Edits | None = None,
) -> None:
    """A button that opens Inspect with a run at its last epoch, and what else is given.

    `unit` is written as `cnn.inspection.units` writes it.
    """
    if st.button(label, icon=":material/search:", key=f"to-inspect-{label}"):
        session.choose_run(run)
        session.viewed.unit, session.viewed.edits = unit, edits or Edits()
        if image is not None:
            session.choose_image(image)
        st.switch_page(INSPECT)


def to_train(
    session: Session, label: str, network: Network, data: DataChoice, settings: Settings
) -> None:
    """A button that opens Train with this network, these images and these settings to start from."""
    if st.button(label, icon=":material/play_arrow:", key=f"to-train-{label}"):
        session.prepare_training(network, data, settings)
        st.switch_page(TRAIN)
