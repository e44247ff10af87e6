"""The judge: what an entry of a challenge is worth on images that nobody could train or tune on.

All functions are pure and need no server: they take networks as plans and flat weights, and use
`judges_images`. What many images cost can be asked of a worker.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt

import numpy as np

from cnn.arrays import Array, Mask, Numbers, Pixels
from cnn.challenges.challenge import Bound, Challenge, ChallengeError, known
from cnn.data.example import challenge_dataset, judges_images
from cnn.data.split import choose
from cnn.evaluation.health.history import gap_interval
from cnn.evaluation.metrics import confusion, most_frequent_mistake
from cnn.evaluation.predictions import Predictions
from cnn.inspection.edits import Edits, edited
from cnn.inspection.forward import probabilities, scaled
from cnn.inspection.image.distortion import Distortion, distorted
from cnn.network.plan import Plan
from cnn.operations import convolution, relu
from cnn.statistics import mean_interval, wilson
from cnn.training.job import Job

SHIFTS = tuple(
    Distortion(shift_right=right, shift_down=down)
    for right, down in ((-2, 0), (2, 0), (0, -2), (0, 2))
)
"""The four shifts by two pixels; the pixels that come in are black."""

SAMPLE = 1000
"""Training images on which the accuracy of a gap is measured: as many as the judge has."""

LARGEST_SIDE = 7
LARGEST_WEIGHT = 100.0

_STEEPEST = np.tan(np.radians(30))
_FAINTEST = 0.1


@dataclass(frozen=True)
class Finding:
    """A measured value with its 95% interval, and what it has to reach; see `Bound`."""

    measure: str
    value: float
    low: float
    high: float
    bound: float

    @property
    def wanted(self) -> Bound:
        return Bound(self.measure, self.bound)

    @property
    def margin(self) -> float:
        """By how much it is better than it has to be; negative where it is not."""
        return self.wanted.margin(self.value)

    @property
    def kept(self) -> bool:
        # Shares of 1,000 images are exact to the fourth digit, sums of them are not.
        return self.margin > -1e-9

    @property
    def sure(self) -> bool:
        """Whether the whole interval is on the side of the bound that the value is on."""
        ends = [self.wanted.margin(end) > -1e-9 for end in (self.low, self.high)]
        return ends == [self.kept, self.kept]


@dataclass(frozen=True)
class Verdict:
    """What the judge found: the goal first, then the limits.

    `networks` is how many trainings the values are means of, and `note` a sentence on what was found.
    """

    findings: tuple[Finding, ...]
    networks: int = 1
    note: str = ""

    @property
    def goal(self) -> Finding:
        return self.findings[0]

    @property
    def met(self) -> bool:
        """Whether the goal was reached and all limits were kept."""
        return all(finding.kept for finding in self.findings)

    @property
    def rank(self) -> tuple[bool, float]:
        """What orders entries, the best one last: limits kept, then how far the goal is passed."""
        return all(limit.kept for limit in self.findings[1:]), self.goal.margin


@cache
def images_of(classes: tuple[int, ...]) -> tuple[Pixels, Numbers]:
    """The judge's images of these classes, and their labels counted within them."""
    images, labels = judges_images()
    wanted = np.isin(labels, classes)
    return images[wanted], np.searchsorted(classes, labels[wanted])


def judge_runs(challenge: Challenge, job: Job, plan: Plan, weights: Sequence[Array]) -> Verdict:
    """Judge one training by the weights of all its seeds: values are means over them.

    With one seed the interval is that of a share of the judge's images (Wilson, 1927), with more it is
    that of the mean over the seeds (Student's t), which leaves out the choice of images.
    """
    images, labels = images_of(challenge.classes)
    found = [_predictions(plan, vector, images, labels) for vector in weights]
    measured: dict[str, Callable[[], list[float]]] = {
        "accuracy": lambda: [one.accuracy for one in found],
        "changed": lambda: [
            _changed(plan, vector, images, one.predicted)
            for vector, one in zip(weights, found, strict=True)
        ],
    }
    values = known(job, plan)
    intervals = {
        bound.measure: _over_seeds(measured[bound.measure](), len(images))
        for bound in challenge.bounds
        if bound.measure in measured
    }
    return _verdict(
        challenge,
        {name: (value, value, value) for name, value in values.items()} | intervals,
        networks=len(weights),
    )


def judge_kernel(challenge: Challenge, kernel: Array, bias: float) -> Verdict:
    """Judge a kernel (side, side) by the map that it makes, with its bias, after ReLU.

    "vertical" is the share of its mean responses to test patterns that vertical edges get; see
    `pattern_responses`. "items" is the share of its response to the judge's images that lies on
    vertical edges: where the image changes at least ten percent of the full range from one pixel to
    the next (Scharr's derivative), and its edge is within 30 degrees of vertical. "found" is the
    share of the images that have any response. Without a response shares are 0.
    """
    check_kernel(kernel, bias)
    responses = pattern_responses(kernel, bias)
    images, _ = judges_images()
    map = map_of(scaled(images), kernel, bias)
    on_edges = map[_centered(_vertical_edges(scaled(images)), len(kernel))].sum()
    values = {
        "vertical": _share(responses["vertical"], sum(responses.values())),
        "items": _share(on_edges, map.sum()),
        "found": float(map.any(axis=(1, 2)).mean()),
    }
    return _verdict(challenge, {name: (value,) * 3 for name, value in values.items()})


def pattern_responses(kernel: Array, bias: float) -> dict[str, float]:
    """The mean value of the map, after ReLU, for the test patterns of each kind."""
    return {kind: float(map_of(scaled(some), kernel, bias).mean()) for kind, some in patterns()}


@cache
def patterns() -> tuple[tuple[str, Pixels], ...]:
    """The test patterns, uint8 (n, 28, 28, 1) for each kind: black beside white, and plain grays.

    Edges lie at five places, with either side white; "rising" and "falling" ones are diagonal.
    """
    row, column = np.mgrid[:28, :28]
    distances = {
        "vertical": column,
        "horizontal": row,
        "rising": row + column - 14,
        "falling": row - column + 14,
    }
    edges = {
        kind: np.stack(
            [(distance >= place) == white for place in range(8, 21, 3) for white in (True, False)]
        )
        for kind, distance in distances.items()
    }
    plain = np.stack([np.full((28, 28), gray) for gray in (0, 64, 128, 191, 255)])
    kinds = {kind: 255 * some for kind, some in edges.items()} | {"flat": plain}
    return tuple((kind, some[..., None].astype(np.uint8)) for kind, some in kinds.items())


def check_kernel(kernel: Array, bias: float) -> None:
    """Raise ChallengeError with a sentence for a kernel that cannot be judged."""
    side = len(kernel)
    if kernel.ndim != 2 or kernel.shape != (side, side) or not 1 <= side <= LARGEST_SIDE:
        raise ChallengeError(
            f"A kernel is a square of 1 to {LARGEST_SIDE} numbers a side; this one is {' by '.join(map(str, kernel.shape))}."
        )
    for number in (*kernel.ravel().tolist(), bias):
        if not abs(number) <= LARGEST_WEIGHT:
            raise ChallengeError(
                f"The numbers must lie between −{LARGEST_WEIGHT:g} and {LARGEST_WEIGHT:g}; one was {number:g}."
            )


def judge_filter(
    challenge: Challenge, plan: Plan, weights: Array, layer: str, filter: int
) -> Verdict:
    """Judge a network without one of its filters.

    "lost" is the accuracy that this costs, and "accuracy" that of the whole network. Raises
    ChallengeError where it has no such filter.
    """
    if not 0 <= filter < filters(plan).get(layer, 0):
        raise ChallengeError(f"This run has no filter {filter + 1} in “{layer[:40]}”.")
    whole = _on_images(challenge, plan, weights)
    less = _on_images(challenge, plan, edited(plan, weights, Edits(off=((layer, filter),))))
    lost, gained = (whole.correct & ~less.correct).sum(), (less.correct & ~whole.correct).sum()
    note = f"Without it {lost} of {len(whole):,} images become wrong and {gained} become correct."
    return _verdict(
        challenge,
        {"lost": _paired(whole.correct, less.correct), "accuracy": _share_of(whole.correct)},
        note,
    )


def filters(plan: Plan) -> dict[str, int]:
    """How many filters each convolution of a network has, by its name."""
    return {
        layer.name: layer.output_shape[2]
        for layer in plan.layers
        if layer.name.startswith("convolution_")
    }


def judge_fix(
    challenge: Challenge, overfit: tuple[Plan, Array], fixed: tuple[Plan, Array]
) -> Verdict:
    """Judge a network that memorizes and one that does not, each a plan with its weights.

    A gap is the accuracy on a sample of the training images minus that on the judge's.
    """
    data = choose(challenge_dataset(), challenge.start.data)
    sample = data.train[:SAMPLE]
    images, labels = data.dataset.images[sample], data.labels[sample]
    judged = [_on_images(challenge, *network) for network in (overfit, fixed)]
    trained = [_predictions(*network, images, labels) for network in (overfit, fixed)]
    gaps = [
        gap_interval(one.accuracy, len(one), other.accuracy, len(other))
        for one, other in zip(trained, judged, strict=True)
    ]
    before, after = judged
    shares = [f"{100 * one.accuracy:.1f}%" for one in (trained[0], before, trained[1], after)]
    note = "The first run gets {} of its training images and {} of the judge's; the second {} and {}.".format(
        *shares
    )
    gained = _paired(after.correct, before.correct)
    return _verdict(challenge, {"overfit": gaps[0], "gap": gaps[1], "gained": gained}, note)


def judge_guess(
    challenge: Challenge, plan: Plan, weights: Array, actual: int, predicted: int
) -> Verdict:
    """Judge a guess of the most frequent mistake: images of class `actual` taken for `predicted`.

    "guess" is how many there are of these for each of the most frequent one. Raises ChallengeError
    for a pair that is none.
    """
    names = [challenge_dataset().classes[label] for label in challenge.classes]
    if actual == predicted or not {actual, predicted} <= set(range(len(names))):
        raise ChallengeError("A mistake needs two different classes. Choose another one.")
    found = _on_images(challenge, plan, weights)
    counts = confusion(found.true_labels, found.predicted, len(names))
    top = most_frequent_mistake(counts)
    times = int(counts[actual, predicted])
    note = f"{names[top[0]]} was mistaken for {names[top[1]]} most often: {_times(counts[top])}. Your pair, {names[actual]} mistaken for {names[predicted]}: {_times(times)}."
    share = _share(times, int(counts[top]) if top[0] != top[1] else 0)
    return _verdict(challenge, {"guess": (share,) * 3}, note)


def _verdict(
    challenge: Challenge,
    values: Mapping[str, tuple[float, float, float]],
    note: str = "",
    networks: int = 1,
) -> Verdict:
    findings = []
    for bound in challenge.bounds:
        value, low, high = map(float, values[bound.measure])
        findings.append(Finding(bound.measure, value, low, high, bound.value))
    return Verdict(tuple(findings), networks, note)


def _on_images(challenge: Challenge, plan: Plan, weights: Array) -> Predictions:
    return _predictions(plan, weights, *images_of(challenge.classes))


def _predictions(plan: Plan, weights: Array, images: Pixels, labels: Numbers) -> Predictions:
    return Predictions(probabilities(plan, weights, images), labels)


def _changed(plan: Plan, weights: Array, images: Pixels, predicted: Numbers) -> float:
    """The share of predictions that are others after a shift, the mean over `SHIFTS`."""
    shares = []
    for shift in SHIFTS:
        shifted = np.stack([distorted(image, shift) for image in images])
        now = probabilities(plan, weights, shifted).argmax(axis=1)
        shares.append((now != predicted).mean())
    return float(np.mean(shares))


def _over_seeds(values: list[float], images: int) -> tuple[float, float, float]:
    if len(values) > 1:
        mean, low, high = mean_interval(values)
        return mean, max(0.0, low), min(1.0, high)
    [value] = values
    return value, *wilson(value, images)


def _share_of(correct: Mask) -> tuple[float, float, float]:
    share = float(correct.mean())
    return share, *wilson(share, len(correct))


def _paired(better: Mask, worse: Mask) -> tuple[float, float, float]:
    """How much higher the one share is than the other on the same images, and its 95% interval (Wald)."""
    difference = better.astype(int) - worse.astype(int)
    mean = float(difference.mean())
    half = 1.96 * sqrt((difference**2).mean() - mean**2) / sqrt(len(difference))
    return mean, mean - half, mean + half


def _times(count: int) -> str:
    return f"{count} {'time' if count == 1 else 'times'}"


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else 0.0


def map_of(images: Array, kernel: Array, bias: float) -> Array:
    """What a convolution with this kernel and bias, and ReLU, make of images: (n, rows, columns)."""
    weights = kernel.astype(np.float32)[:, :, None, None]
    return relu(convolution(images, weights, np.array([bias], np.float32)))[..., 0]


def _vertical_edges(images: Array) -> Mask:
    """Whether an edge within 30 degrees of vertical runs through each pixel, (n, rows, columns)."""
    across = np.array([[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]], np.float32) / np.float32(16)
    kernels: Array = np.stack([across, across.T], axis=-1)[:, :, None, :]
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    changes = np.abs(convolution(framed, kernels, np.zeros(2, np.float32)))
    right, down = changes[..., 0], changes[..., 1]
    steep: Mask = (down <= _STEEPEST * right) & (np.hypot(right, down) > _FAINTEST)
    return steep


def _centered(pixels: Mask, side: int) -> Mask:
    """The pixels that the middles of a kernel's positions lie on; of an even side those left and above."""
    before, after = (side - 1) // 2, side // 2
    return pixels[:, before : pixels.shape[1] - after, before : pixels.shape[2] - after]
