"""The guided start: what completes each step, and what is changed and shown on the way."""

import numpy as np
import pytest

from cnn.inspection.edits import Edits, KernelEdit
from cnn.inspection.units import Unit
from cnn.ui.home.guided_start import GuidedStart, square_to_click
from cnn.ui.state.session import Session


@pytest.fixture
def session() -> Session:
    return Session(token="somebody")


def test_each_step_is_completed_by_its_own_act(session: Session) -> None:
    start = GuidedStart()
    edits = Edits((KernelEdit("convolution_1", 0, 0, (0.0,) * 9),))
    assert start.step(session) == "pick"
    session.choose_image(31)
    assert start.step(session) == "click"
    start.choose(Unit("convolution_1", 2, 0, 0))
    assert start.step(session) == "change"
    start.edits = edits
    assert start.step(session) == "watch" and start.shown_edits == edits
    start.epoch = 3
    # What it learned is shown as it learned it.
    assert start.step(session) == "done" and not start.shown_edits


def test_the_edits_are_not_shown_while_the_guided_start_is_skipped() -> None:
    start = GuidedStart(edits=Edits(off=(("convolution_1", 0),)), skipped=True)
    assert not start.shown_edits
    start.skipped = False
    assert start.shown_edits == start.edits


def test_the_kernel_to_change_is_that_of_the_last_cell_of_the_first_convolution() -> None:
    start = GuidedStart()
    for unit, filter in (
        (Unit("dense_1", 50), 0),
        (Unit("convolution_1", 2, 5, 5), 2),
        (Unit("convolution_2", 7, 1, 1), 2),
        (None, 2),
    ):
        start.choose(unit)
        assert (start.unit, start.filter) == (unit, filter)


def test_the_square_that_pulses_is_the_strongest_whatever_its_sign() -> None:
    maps = np.zeros((1, 4, 5, 3), np.float32)
    maps[0, 1, 2, 0], maps[0, 3, 4, 1] = 2, -7
    assert square_to_click({"convolution_1": maps}) == Unit("convolution_1", 1, 3, 4)
