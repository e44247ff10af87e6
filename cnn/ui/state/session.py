"""What one visitor has chosen, the same on all pages: network, data, run, image."""

from dataclasses import dataclass, field
from math import inf
from typing import Literal

import streamlit as st

from cnn.data.split import DataChoice
from cnn.inspection.edits import Edits
from cnn.inspection.image.distortion import Distortion
from cnn.inspection.image.drawing import Drawing, empty
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.training.experiments.store import owner
from cnn.training.job import Settings
from cnn.training.run_library import Entry, RunLibrary
from cnn.ui.state import url, visitor
from cnn.ui.state.services import EXAMPLE_RUN, libraries
from cnn.ui.state.url import DEFAULT_DATA, DEFAULT_SETTINGS, UrlState
from cnn.workshop.workshop import Membership

SourceKind = Literal["test image", "drawing", "picture"]

_KEY = "session"
_MOST_UNDO = 50


@dataclass(slots=True)
class Viewed:
    """What is viewed: a run at an epoch, a test image, and one number of the network.

    `image` None is the first test image, `epoch` None the last one, `unit` is written as a URL names
    it, None where none is chosen. `edits` are changes to the network of the run.
    """

    run_id: str = EXAMPLE_RUN
    image: int | None = None
    epoch: int | None = None
    unit: str | None = None
    edits: Edits = field(default_factory=Edits)


@dataclass(slots=True)
class ImageSource:
    """Where the image comes from that goes through the network, and what is done to it.

    `drawings` holds what was drawn, for each shape of images (height, width, channels). A `picture`
    is the bytes of an uploaded file, None before there is one; `invert` swaps its light and dark,
    None where that is needed.
    """

    kind: SourceKind = "test image"
    drawings: dict[tuple[int, int, int], Drawing] = field(default_factory=dict)
    picture: bytes | None = None
    invert: bool | None = None
    distortion: Distortion = field(default_factory=Distortion)

    def drawing(self, shape: tuple[int, int, int]) -> Drawing:
        """What is on the drawing pad for images of this shape (height, width, channels)."""
        return self.drawings.get(shape) or empty(shape)


@dataclass(slots=True)
class OwnRuns:
    """The visitor's run library, which all tabs of a browser share, and what this tab does with it.

    `compared` are the ids of the runs that are compared, None before any was chosen; `removed` is
    the entry that was removed last.
    """

    library: RunLibrary = field(default_factory=RunLibrary)
    compared: tuple[str, ...] | None = None
    removed: Entry | None = None

    @property
    def ids(self) -> list[str]:
        """The runs in the order in which they came; the example run is not among them."""
        return self.library.runs

    def undo_remove(self) -> None:
        """Put back the run that was removed last; do nothing if there is none."""
        if self.removed:
            self.library.put_back(self.removed)
            self.removed = None


@dataclass(slots=True)
class Aside:
    """A visitor's own work while they look at what their host shows: all that `Session.look_at` changes.

    `borrowed` are the runs that are in their library only to be looked at.
    """

    network: Network
    data: DataChoice
    settings: Settings
    former_networks: list[Network]
    viewed: Viewed
    source: ImageSource
    compared: tuple[str, ...] | None
    borrowed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Attendance:
    """This tab in a workshop; `cnn.ui.state.workshop` reads and changes it.

    `participant` is the id of the one who uses it, of those at this device. `ended` is the title of
    a workshop that has just ended, `secret` that of the host's link of one that was begun here.
    `noted` is the page and the time of the last sign of presence, `answers` what was chosen of each
    lesson's answers.
    """

    membership: Membership | None = None
    participant: str = ""
    ended: str = ""
    secret: str = ""
    aside: Aside | None = None
    noted: tuple[str, float] = ("", -inf)
    answers: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Session:
    """The choices of one browser tab.

    `network`, `data` and `settings` are those of the next training; `former_networks` are those that
    were built before this one. `notices` are sentences that stay on top of every page until they are
    dismissed. `token` names the browser.
    """

    network: Network = ARTICLE
    data: DataChoice = DEFAULT_DATA
    settings: Settings = DEFAULT_SETTINGS
    viewed: Viewed = field(default_factory=Viewed)
    source: ImageSource = field(default_factory=ImageSource)
    own_runs: OwnRuns = field(default_factory=OwnRuns)
    notices: list[str] = field(default_factory=list)
    token: str = field(default_factory=visitor.token)
    former_networks: list[Network] = field(default_factory=list)
    attendance: Attendance = field(default_factory=Attendance)

    @property
    def person(self) -> str:
        """What names the visitor where others may read it: a digest of the token."""
        return owner(self.token)

    def change_network(self, network: Network) -> None:
        """Build on another network; `undo_network` brings back the one of before."""
        if network != self.network:
            self.former_networks = [*self.former_networks[1 - _MOST_UNDO :], self.network]
            self.network = network

    def undo_network(self) -> None:
        """Go back to the network before the last change; do nothing if there is none."""
        if self.former_networks:
            self.network = self.former_networks.pop()

    def prepare_training(self, network: Network, data: DataChoice, settings: Settings) -> None:
        self.change_network(network)
        self.data, self.settings = data, settings

    def choose_run(self, run: str) -> None:
        """View another run, at its last epoch, without edits."""
        if run != EXAMPLE_RUN:
            self.own_runs.library.add(run)
        self.viewed = Viewed(run, self.viewed.image)

    def choose_image(self, number: int) -> None:
        """View an image of the data set, by its number."""
        self.viewed.image = number
        self.source.kind = "test image"

    def remove_run(self, run: str) -> None:
        """Remove a run from the library, until it is undone; if it is viewed, view the example run."""
        own = self.own_runs
        own.removed = own.library.remove(run)
        own.compared = tuple(other for other in own.compared or () if other != run) or None
        if self.viewed.run_id == run:
            self.choose_run(EXAMPLE_RUN)

    def look_at(self, state: UrlState) -> None:
        """Have what a URL says on all pages; `back_to_own` brings back what was there."""
        own, aside = self.own_runs, self.attendance.aside
        if aside is None:
            aside = self.attendance.aside = Aside(
                self.network,
                self.data,
                self.settings,
                self.former_networks,
                self.viewed,
                self.source,
                own.compared,
            )
        for run in (state.run, *(state.compared or ())):
            if run != EXAMPLE_RUN and run not in own.ids:
                own.library.add(run)
                aside.borrowed.add(run)
        self.network, self.data, self.settings = state.network, state.data, state.settings
        self.viewed = Viewed(state.run, state.image, state.epoch, state.unit)
        self.former_networks, self.source, own.compared = [], ImageSource(), state.compared

    def back_to_own(self) -> None:
        """Have again what was there before `look_at`; do nothing if that was not asked for."""
        own, aside = self.own_runs, self.attendance.aside
        if aside is None:
            return
        self.network, self.data, self.settings = aside.network, aside.data, aside.settings
        self.viewed, self.source = aside.viewed, aside.source
        self.former_networks, own.compared = aside.former_networks, aside.compared
        for run in aside.borrowed:
            own.library.remove(run)
        self.attendance.aside = None

    def url(self) -> dict[str, object]:
        """The fields of `UrlState` that every page has in its URL."""
        viewed = self.viewed
        return {
            "network": self.network,
            "data": self.data,
            "settings": self.settings,
            "run": viewed.run_id,
            "image": viewed.image,
            "epoch": viewed.epoch,
            "unit": viewed.unit,
        }


def opened(state: UrlState, library: RunLibrary, token: str) -> Session:
    """The session of somebody who opens a URL; the runs that it names go into their library."""
    for run in (state.run, *(state.compared or ())):
        if run != EXAMPLE_RUN:
            library.add(run)
    viewed = Viewed(state.run, state.image, state.epoch, state.unit)
    own = OwnRuns(library, state.compared)
    return Session(state.network, state.data, state.settings, viewed, own_runs=own, token=token)


def current() -> Session:
    """The session of this browser tab; the first time, made from the URL it was opened by."""
    session: Session | None = st.session_state.get(_KEY)
    if session is None:
        state, notices = url.from_browser()
        token = visitor.token()
        session = opened(state, libraries().of(token), token)
        session.notices = notices
        if session.own_runs.library.damaged:
            session.notices.append(
                "The file with your list of runs was damaged on this server, so the list starts empty. The runs are still there: their links open them."
            )
        st.session_state[_KEY] = session
    return session
