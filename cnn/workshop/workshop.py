"""A workshop: people who joined with a code, what they may change, and what came of it. Values only."""

from dataclasses import dataclass
from typing import Literal

from cnn.training.job import Job
from cnn.workshop.rules import Rules

State = Literal["running", "paused", "ended"]

IDLE = 2 * 3600.0
LONGEST = 24 * 3600.0
"""Seconds after which a workshop ends by itself: since anybody did anything, and since it began."""

KEPT = 7 * 24 * 3600.0
"""Seconds for which the board of a workshop that has ended is kept for its host."""

HERE = 20.0
"""Seconds after which somebody whose pages have sent nothing counts as away."""

LONGEST_TITLE = 60
LONGEST_NAME = 30
MOST_PEOPLE = 300
MOST_HOSTED = 5
"""Workshops that one browser may host at the same time."""


class WorkshopError(ValueError):
    """A wish that a workshop cannot meet; the message is a sentence for the person who had it."""


@dataclass(frozen=True)
class View:
    """What is on a screen: a page by its path in the URL, "" for Home, and the URL's parameters."""

    page: str
    query: str = ""


@dataclass(frozen=True)
class Plan:
    """What the host decides before it begins.

    `start` is the training and `view` the screen that people begin with. They choose a name if
    `named`, otherwise each has a nickname. The board is for everyone or, unless `board_open`, only
    for the host.
    """

    title: str
    start: Job
    view: View
    rules: Rules
    named: bool = False
    board_open: bool = True


@dataclass(frozen=True)
class Workshop:
    """A workshop as it is now.

    `sent` is the view that the host sent everyone last, `sends` how many there were. `revealed` are
    the lessons whose answers everyone may see. `began`, `active` and `ended` are seconds since 1970:
    when it began, when anybody did anything last, and when it ended (None: it has not).
    """

    id: str
    code: str
    plan: Plan
    state: State
    began: float
    active: float
    ended: float | None = None
    names_hidden: bool = False
    sends: int = 0
    sent: View | None = None
    revealed: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        return self.state == "ended"

    @property
    def paused(self) -> bool:
        return self.state == "paused"

    @property
    def ends_by_itself(self) -> float:
        """When it ends if nobody does anything any more, in seconds since 1970."""
        return min(self.active + IDLE, self.began + LONGEST)


@dataclass(frozen=True)
class Participant:
    """Somebody who takes part. `person` is the browser, which several people may share.

    `seen` is when their pages sent something last, `page` the title of the page they were at then.
    `sends` says up to which of the host's views they have seen all, `aside` where their own work is
    while they look at one.
    """

    id: str
    workshop: str
    person: str
    name: str
    joined: float
    seen: float
    page: str = ""
    sends: int = 0
    aside: View | None = None


@dataclass(frozen=True)
class Membership:
    """What a browser is in a workshop: its host, or a participant (the host is none)."""

    workshop: Workshop
    me: Participant | None = None

    @property
    def host(self) -> bool:
        return self.me is None


@dataclass(frozen=True)
class Question:
    """A lesson's question as it was asked: its text and its answers, and which of them is right."""

    lesson: str
    text: str
    answers: tuple[str, ...]
    right: int


@dataclass(frozen=True)
class Tally:
    """How a question was answered: for each answer the number of people who chose it."""

    question: Question
    counts: tuple[int, ...]

    @property
    def answered(self) -> int:
        return sum(self.counts)

    @property
    def right(self) -> int:
        return self.counts[self.question.right]


@dataclass(frozen=True)
class TrainedRun:
    """How far a participant's run is: what a board and a room tell of it.

    `accuracy` is that on `images` test images after `epochs` epochs, None before the first.
    `comparable` says that these are the images that the workshop began with. `since` is when it got
    its `status`, in seconds since 1970.
    """

    run: str
    network: str
    parameters: int
    status: str
    since: float
    epochs: int = 0
    planned: int = 0
    accuracy: float | None = None
    images: int = 0
    comparable: bool = True

    @property
    def live(self) -> bool:
        return self.status in ("queued", "starting", "training", "paused")


@dataclass(frozen=True)
class OwnRun:
    """A run and the participant who asked for it, None once the workshop is over."""

    run: TrainedRun
    participant: str | None
    on_board: bool = True
