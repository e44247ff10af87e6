"""What one user has chosen: one network, one choice of data, one run, one image, on all pages."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import streamlit as st

from cnn.data.dataset import DataChoice
from cnn.inspection.edits import Edits
from cnn.inspection.image.distortion import Distortion
from cnn.inspection.image.drawing import NO_DRAWING, Drawing
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.training.job import Settings
from cnn.training.run_library import Entry, RunLibrary
from cnn.ui.state import visitor
from cnn.ui.state.services import EXAMPLE_RUN
from cnn.ui.state.url import DEFAULT_DATA, DEFAULT_SETTINGS, Address, read

Source = Literal["test image", "drawing", "picture"]

_KEY = "session"
_MOST_UNDO = 50


@dataclass
class Session:
    """The choices of one browser tab.

    `network` is the one being built, `settings` are for its next training; `run` is the run that is
    looked at (None: the shipped one), `image` the number of the image in its data set (None: the
    first test image), `epoch` the epoch looked at (None: the last), `unit` the number looked at as an
    address names it (None: a telling one), `edits` what was changed by hand in the network of the
    run. `source` is where the image looked at comes from: the data set, the drawing pad with its
    `drawing`, or an uploaded `picture` (the file's bytes, None: none yet), light and dark swapped or
    not by `invert` (None: where it needs to be); `distortion` is done to it, wherever it is from;
    `image_generation` counts the changes of both that came from elsewhere than their own widgets.
    `generation` counts the changes that came from elsewhere than the editor's own widgets,
    which are then made anew. `shelf` has the runs of the person, `compared` names those that are
    compared (None: not chosen yet), `taken_off` is what was taken off the shelf last. `token` is the
    person's for the engine: the same in all tabs of a browser.
    """

    network: Network = ARTICLE
    data: DataChoice = DEFAULT_DATA
    settings: Settings = DEFAULT_SETTINGS
    run: str | None = None
    image: int | None = None
    epoch: int | None = None
    unit: str | None = None
    edits: Edits = field(default_factory=Edits)
    source: Source = "test image"
    drawing: Drawing = NO_DRAWING
    picture: bytes | None = None
    invert: bool | None = None
    distortion: Distortion = field(default_factory=Distortion)
    image_generation: int = 0
    undo: list[Network] = field(default_factory=list)
    generation: int = 0
    shelf: RunLibrary = field(default_factory=RunLibrary)
    compared: tuple[str, ...] | None = None
    removed: Entry | None = None
    notices: list[str] = field(default_factory=list)
    token: str = field(default_factory=visitor.token)

    def change_network(self, network: Network, from_widgets: bool = False) -> None:
        """Choose another network; the one before can be had back by `undo_network`."""
        if network == self.network:
            return
        self.undo = [*self.undo[1 - _MOST_UNDO :], self.network]
        self.network = network
        if not from_widgets:
            self.generation += 1

    def undo_network(self) -> None:
        """Go back to the network before the last change; nothing happens if there is none."""
        if self.undo:
            self.network = self.undo.pop()
            self.generation += 1

    @property
    def runs(self) -> list[str]:
        """The person's runs, in the order in which they came; the shipped one is not among them."""
        return self.shelf.runs

    def remove(self, run: str) -> None:
        """Take a run off the shelf; what it was called can be had back by `undo_take_off`."""
        self.removed = self.shelf.remove(run)
        self.compared = tuple(one for one in self.compared or () if one != run) or None
        if self.run == run:
            self.choose_run(EXAMPLE_RUN)

    def undo_remove(self) -> None:
        """Put back the run that was taken off last; nothing happens if there is none."""
        if self.removed:
            self.shelf.put_back(self.removed)
            self.removed = None

    def forget_removed(self) -> None:
        """Offer what was taken off last no more."""
        self.removed = None

    def choose_run(self, run: str) -> None:
        """Look at another run, at its last epoch."""
        if run != EXAMPLE_RUN:
            self.shelf.add(run)
        self.run = run
        self.epoch, self.unit, self.edits = None, None, Edits()

    def choose_image(self, number: int) -> None:
        """Look at an image of the data set, by its number."""
        self.image = number
        if self.source != "test image":
            self.source = "test image"
            self.image_generation += 1

    def undo_distortion(self) -> None:
        """Look at the image as it is."""
        self.distortion = Distortion()
        self.image_generation += 1

    def address(self) -> Address:
        """The choices that a link to this view carries."""
        return Address(
            self.network,
            self.data,
            self.settings,
            self.run,
            self.image,
            self.epoch,
            self.unit,
        )


def current(runs_of: Callable[[str], RunLibrary]) -> Session:
    """The session of this browser tab; the first time, made from the address it was opened by.

    `runs_of` gives the shelf of a browser, which all its tabs share.
    """
    if _KEY not in st.session_state:
        address, notices = read(st.query_params.to_dict())
        session = Session(**vars(address))
        session.notices = notices
        session.shelf = runs_of(session.token)
        if address.run not in (None, EXAMPLE_RUN):
            session.shelf.add(str(address.run))
        st.session_state[_KEY] = session
    found: Session = st.session_state[_KEY]
    return found
