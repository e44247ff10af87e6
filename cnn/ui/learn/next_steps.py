"""Buttons that take what was set in a lesson to the page where it goes on."""

import streamlit as st

from cnn.data.split import DataChoice
from cnn.inspection.edits import Edits
from cnn.network.spec import Network
from cnn.training.job import Settings
from cnn.ui.common.page import BUILD, INSPECT, TRAIN
from cnn.ui.state.session import Session


def to_build(session: Session, label: str, network: Network) -> None:
    """Show a button that opens Build with this network; Undo there brings the previous one back."""
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
    """Show a button that opens Inspect with a run at its last epoch.

    `image` is the number of an image, `unit` a number in the network as `cnn.inspection.units` writes
    it, and `edits` are changes of weights to apply.
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
    """Show a button that opens Train with this network, these images and these settings."""
    if st.button(label, icon=":material/play_arrow:", key=f"to-train-{label}"):
        session.prepare_training(network, data, settings)
        st.switch_page(TRAIN)
