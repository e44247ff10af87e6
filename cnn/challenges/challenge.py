"""A challenge: what is measured, what has to be reached, and what may be changed on the way.

The challenges that come with the app are the rows of `challenges.csv`; what can be measured is in
`measures.csv`. `custom` makes a new one, and `to_text` and `from_text` put it into a link.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from cnn.data.example import CHALLENGE_DATASET, challenge_dataset
from cnn.data.split import DataChoice
from cnn.evaluation.comparison import Difference, differences
from cnn.network import link as network_link
from cnn.network.plan import Plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network, NetworkError
from cnn.training.job import Job, Settings
from cnn.training.link import settings_from_text
from cnn.training.run import Run

Entry = Literal["run", "kernel", "filter", "two runs", "guess"]
"""What a challenge is entered with. A "run" is trained again with other seeds, the others are not."""

SEEDS = 3
"""Trainings whose mean is judged where luck could win."""

LONGEST = 1200
"""Characters of a challenge's text in a link."""

_FOLDER = Path(__file__).parent
_BOUND = re.compile(r"([a-z]{1,20})(\d{1,7}(?:\.\d{1,4})?)", re.ASCII)


class ChallengeError(ValueError):
    """A challenge or an entry that cannot be; the message is a sentence to show."""


@dataclass(frozen=True)
class Measure:
    """Something that is measured of an entry.

    Whether more of it is `better` ("higher" or "lower"), whether it is `known` from the "job", needs
    the "judge", or belongs to one kind of entry. Values are from `lowest` to `highest`: shares, from
    0 to 1, or counts, as `unit` says. `goal`, `limit` and `fact` are phrases with a place for a value.
    """

    key: str
    name: str
    better: Literal["higher", "lower"]
    known: Literal["job", "judge", "entry"]
    unit: Literal["percent", "points", "count", "pixels"]
    lowest: float
    highest: float
    goal: str
    limit: str
    fact: str

    def written(self, value: float) -> str:
        """A value in words: "83.5%", "−0.2 points", "5,000", "8 pixels"."""
        match self.unit:
            case "percent":
                return f"{100 * value:.1f}%"
            case "points":
                return f"{100 * value:.1f} points".replace("-", "−")
            case "pixels":
                return f"{value:,.0f} {'pixel' if value == 1 else 'pixels'}"
            case "count":
                return f"{value:,.0f}"


def _rows(name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader((_FOLDER / name).read_text("utf-8").splitlines())


MEASURES = {
    row["key"]: Measure(
        **row | {"lowest": float(row["lowest"]), "highest": float(row["highest"])}  # type: ignore[arg-type]
    )
    for row in _rows("measures.csv")
}


@dataclass(frozen=True)
class Bound:
    """The least that a measure has to be, or the most where lower is better."""

    measure: str
    value: float

    def __post_init__(self) -> None:
        kind = MEASURES.get(self.measure)
        if kind is None:
            raise ChallengeError(f"A challenge cannot measure {self.measure[:40]!r}.")
        if not kind.lowest <= self.value <= kind.highest:
            raise ChallengeError(
                f"{kind.name} goes from {kind.written(kind.lowest)} to"
                f" {kind.written(kind.highest)}; {kind.written(self.value)} is outside."
            )

    @property
    def kind(self) -> Measure:
        return MEASURES[self.measure]

    def margin(self, value: float) -> float:
        """By how much a value is better than the bound; negative where it is not reached."""
        return value - self.value if self.kind.better == "higher" else self.value - value

    def __str__(self) -> str:
        digits = f"{self.value:.4f}".rstrip("0").rstrip(".")
        return self.measure + digits


Part = Literal[
    "blocks",
    "filters",
    "kernel",
    "activation",
    "pooling",
    "regularization",
    "dense",
    "epochs",
    "optimizer",
    "rate",
]
"""What a challenge can leave free. The seed always is: several are judged."""

PARTS: tuple[Part, ...] = get_args(Part)

PART_NAMES: dict[Part, str] = {
    "blocks": "number of blocks",
    "filters": "filters",
    "kernel": "kernel size, stride and padding",
    "activation": "activation",
    "pooling": "pooling",
    "regularization": "dropout and batch normalization",
    "dense": "dense layers",
    "epochs": "epochs",
    "optimizer": "optimizer and batch size",
    "rate": "learning rate",
}

_PART_OF_SETTING: dict[tuple[str, str], Part] = {
    ("block", ""): "blocks",
    ("block", "filters"): "filters",
    ("block", "activation"): "activation",
    ("block", "pooling"): "pooling",
    ("network", "flattening"): "pooling",
    ("network", "output"): "dense",
    ("block", "batch_normalization"): "regularization",
    ("block", "dropout"): "regularization",
    ("training", "epochs"): "epochs",
    ("training", "patience"): "epochs",
    ("training", "learning_rate"): "rate",
    **{("training", name): "optimizer" for name in ("optimizer", "momentum", "batch_size")},
    **{("block", name): "kernel" for name in ("kernel", "stride", "padding", "dilation")},
}


@dataclass(frozen=True)
class Challenge:
    """A challenge, complete.

    `rule` is one sentence. An entry has to reach the `goal`, by which entries are ordered, and keep
    the `limits`. `start` is what somebody begins with, and only the `free` parts of it may be changed.
    `luck` says why luck cannot win; "" where several seeds see to that. `key` stands for it in links.
    """

    key: str
    title: str
    rule: str
    entry: Entry
    goal: Bound
    limits: tuple[Bound, ...]
    start: Job
    free: tuple[Part, ...] = PARTS
    luck: str = ""

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """All that has to be reached or kept, the goal first."""
        return (self.goal, *self.limits)

    @property
    def classes(self) -> tuple[int, ...]:
        """The classes that are told apart, by their numbers."""
        return self.start.data.classes or tuple(range(len(challenge_dataset().classes)))


def receptive_field(plan: Plan) -> int:
    """The side, in pixels, of what a network sees at a time.

    That is what one cell of the maps sees that a global average reads, right before the output.
    Flattening, or a hidden dense layer, puts different places together: then it is the whole image.
    """
    side, network = plan.image_shape[0], plan.network
    if network.flattening == "flatten" or network.dense:
        return side
    sizes = (layer.receptive_field.size for layer in plan.layers if layer.receptive_field)
    return min(side, max(sizes, default=1))


def known(job: Job, plan: Plan) -> dict[str, float]:
    """What is known of a training before it is judged, by measure."""
    return {
        "parameters": plan.parameters,
        "convolutions": len(job.network.blocks),
        "epochs": job.settings.epochs,
        "field": receptive_field(plan),
    }


def violation(challenge: Challenge, job: Job, plan: Plan) -> str | None:
    """A sentence on the first rule that a training breaks, with its value; None if it keeps all."""
    if job.data != challenge.start.data:
        return f"It was trained on other images or another split; this challenge takes “{challenge_dataset().name}”{_only(challenge)} with the shuffle seed 0 and a training share of 80%."
    values = known(job, plan)
    for bound in challenge.bounds:
        if bound.measure in values and bound.margin(values[bound.measure]) < 0:
            kind = bound.kind
            return (
                f"{kind.fact.format(kind.written(values[bound.measure]))}; this challenge allows"
                f" {kind.limit.format(kind.written(bound.value))}."
            )
    for difference in differences((challenge.start, job)):
        part = _part(difference)
        if part is not None and part not in challenge.free:
            return f"It changes the {PART_NAMES[part]}{_value(difference)}; this challenge lets you change only {listed(challenge.free)}."
    return None


def why_not(challenge: Challenge, run: Run, plan: Plan) -> str | None:
    """A sentence on why a run cannot be entered; None if it can."""
    if run.imported:
        return "It came as a file, so nobody knows how it was trained. Train it here."
    if run.parent and run.parent.edits:
        return "It goes on from a network that was changed by hand. Train one from the start."
    if broken := violation(challenge, run.job, plan):
        return broken
    if run.live:
        return f"It is not done yet: epoch {run.last_epoch} of {run.planned_epochs}."
    if run.status != "done" or not run.kept:
        return f"Its training did not reach its end: it is {run.status}."
    return None


def listed(parts: Sequence[Part]) -> str:
    """The names of parts in a row: "filters, pooling and epochs"."""
    names = [PART_NAMES[part] for part in parts]
    most = ", ".join(names[:-1])
    return f"{most} and {names[-1]}" if most else "".join(names)


def custom(
    goal: Bound,
    limits: Sequence[Bound] = (),
    free: Sequence[Part] = PARTS,
    network: Network = ARTICLE,
    classes: tuple[int, ...] | None = None,
) -> Challenge:
    """A new challenge that is entered with a run.

    Raises ChallengeError with a sentence where it cannot be: a measure that is not one of a run or is
    there twice, no accuracy to reach, or nothing that may be changed.
    """
    bounds = (goal, *limits)
    names = [bound.measure for bound in bounds]
    for bound in bounds:
        if bound.kind.known == "entry":
            raise ChallengeError(f"{bound.kind.name} cannot be measured of a run.")
        if names.count(bound.measure) > 1:
            raise ChallengeError(
                f"{bound.kind.name} is there twice. Leave one out of {bound.kind.written(bound.value)} and the other."
            )
    if "accuracy" not in names:
        raise ChallengeError(
            "A challenge needs an accuracy to reach, as its goal or as a limit: without one the smallest network wins."
        )
    if not free:
        raise ChallengeError("Nothing may be changed. Tick at least one part.")
    unknown = [part for part in free if part not in PARTS]
    if unknown:
        raise ChallengeError(f"{unknown[0][:40]!r} is nothing that a challenge can leave free.")
    if classes is not None:
        _check_classes(classes)
    start = Job(network, DataChoice(CHALLENGE_DATASET, classes), Settings())
    parts = tuple(part for part in PARTS if part in free)
    phrases = [one.kind.limit.format(one.kind.written(one.value)) for one in limits]
    phrases += [f"changing only {listed(parts)}"] if parts != PARTS else []
    task = goal.kind.goal.format(goal.kind.written(goal.value))
    made = Challenge("", task, "", "run", goal, tuple(limits), start, parts)
    rule = f"{task}{' with ' + ', '.join(phrases) if phrases else ''}{_only(made)}."
    return replace(made, key=to_text(made), rule=rule)


def to_text(challenge: Challenge) -> str:
    """A challenge as it stands in a link: `accuracy0.8~parameters5000~free-filters.epochs`.

    `from_text` reads it back.
    """
    words = [str(bound) for bound in challenge.bounds]
    if challenge.free != PARTS:
        words.append("free-" + ".".join(challenge.free))
    if challenge.start.data.classes is not None:
        words.append("only-" + ".".join(map(str, challenge.start.data.classes)))
    if challenge.start.network != ARTICLE:
        words.append("net-" + network_link.to_text(challenge.start.network))
    return "~".join(words)


def from_text(text: str) -> Challenge:
    """The challenge that a text stands for: the key of one of `CHALLENGES`, or what `to_text` wrote.

    Raises ChallengeError with a sentence if it stands for none.
    """
    if text in CHALLENGES:
        return CHALLENGES[text]
    if len(text) > LONGEST:
        raise ChallengeError(f"The challenge's text has {len(text)} characters; that is too many.")
    bounds, options = [], {}
    for word in text.split("~"):
        name, dash, value = word.partition("-")
        if dash and name in ("free", "only", "net"):
            options[name] = value
        elif match := _BOUND.fullmatch(word):
            bounds.append(Bound(match[1], float(match[2])))
        else:
            raise ChallengeError(f"There is no challenge {text[:60]!r}; choose one from the list.")
    if not bounds:
        raise ChallengeError(f"The challenge {text[:60]!r} names nothing to be measured.")
    free = tuple(part for part in options.get("free", ".".join(PARTS)).split("."))
    try:
        network = network_link.from_text(options["net"]) if "net" in options else ARTICLE
        classes = tuple(map(int, options["only"].split("."))) if "only" in options else None
    except NetworkError as error:
        raise ChallengeError(str(error)) from None
    except ValueError:
        raise ChallengeError(
            f"The challenge keeps the classes {options['only'][:40]!r}; they must be numbers such as 7.9."
        ) from None
    return custom(bounds[0], bounds[1:], free, network, classes)  # type: ignore[arg-type]


def _check_classes(classes: tuple[int, ...]) -> None:
    there = len(challenge_dataset().classes)
    ordered = list(classes) == sorted(set(classes))
    if len(classes) < 2 or not ordered or not 0 <= classes[0] <= classes[-1] < there:
        raise ChallengeError(
            f"A challenge keeps two or more classes, by their numbers from 0 to {there - 1} in ascending order; these were {', '.join(map(str, classes))[:60]}."
        )


def _only(challenge: Challenge) -> str:
    if challenge.start.data.classes is None:
        return ""
    names = [challenge_dataset().classes[label] for label in challenge.classes]
    return f" with only {' and '.join([', '.join(names[:-1]), names[-1]])}"


def _part(difference: Difference) -> Part | None:
    """The part that a difference between two trainings is in; None for the seed."""
    if difference.part == "dense":
        return "dense"
    return _PART_OF_SETTING.get((difference.part, difference.setting))


def _value(difference: Difference) -> str:
    """What a setting was changed to, where that is a number or a word."""
    now = difference.values[1]
    if not difference.setting or not isinstance(now, str | int | float | tuple):
        return ""
    numbers = now if isinstance(now, tuple) else (now,)
    return f" ({difference.setting.replace('_', ' ')}: {', '.join(map(str, numbers))})"


def _read(row: dict[str, str]) -> Challenge:
    network = network_link.from_text(row["network"]) if row["network"] else ARTICLE
    settings = settings_from_text(row["training"]) if row["training"] else Settings()
    only = tuple(map(int, row["classes"].split("."))) if row["classes"] else None
    [goal, *limits] = (_bound(word) for word in f"{row['goal']} {row['limits']}".split())
    return Challenge(
        row["key"],
        row["title"],
        row["rule"],
        row["entry"],  # type: ignore[arg-type]
        goal,
        tuple(limits),
        Job(network, DataChoice(CHALLENGE_DATASET, only), settings),
        luck=row["luck"],
    )


def _bound(word: str) -> Bound:
    match = _BOUND.fullmatch(word)
    if match is None:
        raise ChallengeError(f"{word[:40]!r} is no goal or limit, such as accuracy0.8.")
    return Bound(match[1], float(match[2]))


CHALLENGES = {row["key"]: _read(row) for row in _rows("challenges.csv")}
"""The challenges that come with the app, by their keys."""
