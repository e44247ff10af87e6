"""The guided start on the Home page: four steps, each completed by what the visitor does themselves."""

from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import numpy as np
import streamlit as st

from cnn.arrays import Array
from cnn.inspection.edits import Edits, KernelEdit
from cnn.inspection.units import Unit
from cnn.ui.common import kernel_table
from cnn.ui.common.page import BUILD, INSPECT, LEARN
from cnn.ui.common.prose import read_sections
from cnn.ui.state.session import Session

Step = Literal["pick", "click", "change", "watch", "done"]
STEPS: tuple[Step, ...] = ("pick", "click", "change", "watch")
FIRST_LAYER = "convolution_1"

_TEXT = read_sections(__file__)
_KEY = "guided-start"
_SHEET = "home-kernel"


@dataclass(slots=True)
class GuidedStart:
    """What the visitor has done on the Home page: clicked a number, edited a kernel, moved to an epoch.

    `unit` is the number that is chosen now, `filter` that of the filter, from 0, of the first
    convolution whose kernel is edited.
    """

    unit: Unit | None = None
    clicked: bool = False
    filter: int = 0
    edits: Edits = field(default_factory=Edits)
    epoch: int | None = None
    skipped: bool = False

    def step(self, session: Session) -> Step:
        """The first step that is not completed."""
        picked, watched = session.viewed.image is not None, self.epoch is not None
        completed = picked, self.clicked, bool(self.edits), watched
        return next((step for step, done in zip(STEPS, completed, strict=True) if not done), "done")

    @property
    def shown_edits(self) -> Edits:
        """The edits of the network that is shown: none once it is watched as it learned, or skipped."""
        return self.edits if self.epoch is None and not self.skipped else Edits()

    def choose(self, unit: Unit | None) -> None:
        """Take up the number that was clicked; a cell of the first convolution chooses its filter."""
        self.unit, self.clicked = unit, True
        if unit and unit.layer == FIRST_LAYER:
            self.filter = unit.channel

    def start_over(self, session: Session) -> None:
        """Forget everything that was done, and begin with the first step."""
        session.viewed.image = None
        st.session_state[_KEY] = GuidedStart()
        kernel_table.start_over(_SHEET)


def guided_start() -> GuidedStart:
    kept: GuidedStart = st.session_state.setdefault(_KEY, GuidedStart())
    return kept


def coach(session: Session, start: GuidedStart, trained: Array, **numbers: object) -> None:
    """The card that says what to do next; `numbers` are those in the texts of the steps.

    `trained` is the kernel of the first convolution, (side, side, channels, filters), as trained.
    """
    if start.skipped:
        label, icon = "Resume the guided start", ":material/play_circle:"
        resume = partial(setattr, start, "skipped", False)
        st.button(label, icon=icon, type="tertiary", on_click=resume)
        return
    step = start.step(session)
    with st.container(border=True, gap="small"):
        if step == "done":
            _TEXT.show("done")
            with st.container(horizontal=True):
                st.page_link(BUILD, label="Build your own", icon=":material/construction:")
                st.page_link(INSPECT, label="Look further inside", icon=":material/search:")
                st.page_link(LEARN, label="Take a lesson", icon=":material/school:")
            st.button("Start over", type="tertiary", on_click=start.start_over, args=(session,))
            return
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.caption(f"Step {STEPS.index(step) + 1} of {len(STEPS)}", width="content")
            skip = partial(setattr, start, "skipped", True)
            st.button("Skip", type="tertiary", on_click=skip, width="content")
        st.markdown(_TEXT.text_from(f"step/{step}", filter=start.filter + 1, **numbers))
        if step == "change":
            _kernel(start, trained)


def _kernel(start: GuidedStart, trained: Array) -> None:
    own = trained[:, :, 0, start.filter]
    edit = start.edits.kernel(FIRST_LAYER, start.filter, 0)
    now = own if edit is None else np.array(edit.values, np.float32).reshape(own.shape)
    typed = kernel_table.kernel_sheet(_SHEET, start.filter, now, "%.2f", width=210)
    if wrong := kernel_table.fault(typed):
        st.warning(wrong)
    elif not kernel_table.same(typed, now):
        values = tuple(typed.ravel().tolist())
        start.edits = start.edits.with_kernel(KernelEdit(FIRST_LAYER, start.filter, 0, values))
        st.rerun()


def square_to_click(outputs: dict[str, Array]) -> Unit:
    """The strongest cell of the first convolution, which is the one that pulses."""
    sizes = np.abs(outputs[FIRST_LAYER][0])
    row, column, channel = map(int, np.unravel_index(sizes.argmax(), sizes.shape))
    return Unit(FIRST_LAYER, channel, row, column)
