"""Challenges as values: what each allows, what it says about a run that breaks a rule, links."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.challenges.challenge import (
    CHALLENGES,
    MEASURES,
    PARTS,
    Bound,
    Challenge,
    ChallengeError,
    Part,
    custom,
    from_text,
    receptive_field,
    to_text,
    violation,
    why_not,
)
from cnn.data.example import EXAMPLE_DATASET, challenge_dataset
from cnn.data.split import DataChoice, choose
from cnn.inspection.forward import forward
from cnn.network import link
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE, PRESETS
from cnn.network.spec import Activation, DenseLayer, Network, Pooling
from cnn.training.job import Job, Phase
from cnn.training.run import Parent, Run
from tests.strategies import random_weights

SHAPE = (28, 28, 1)


def broken(challenge: Challenge, job: Job) -> str | None:
    return violation(challenge, job, plan(job.network, SHAPE, len(challenge.classes)))


@pytest.mark.parametrize("challenge", CHALLENGES.values(), ids=CHALLENGES)
def test_what_a_challenge_starts_with_keeps_its_rules(challenge: Challenge) -> None:
    assert broken(challenge, challenge.start) is None
    assert from_text(challenge.key) is challenge
    assert challenge.rule.endswith(".") and challenge.rule.count(".") == 1 + challenge.rule.count(
        "0."
    )
    assert (challenge.entry == "run") == (not challenge.luck)
    choose(challenge_dataset(), challenge.start.data)


def test_there_are_eight() -> None:
    assert len(CHALLENGES) >= 8


def test_a_broken_rule_is_named_with_its_value() -> None:
    small, one, narrow = (CHALLENGES[key] for key in ("small", "one", "narrow"))
    sentence = broken(small, replace(small.start, network=ARTICLE))
    assert sentence and "21,446" in sentence and "5,000" in sentence
    sentence = broken(one, replace(one.start, network=PRESETS["lenet5"].network))
    assert sentence and "2" in sentence and "1 convolution" in sentence
    sentence = broken(narrow, replace(narrow.start, network=ARTICLE))
    assert sentence and "28 pixels" in sentence and "14 pixels" in sentence


@pytest.mark.parametrize(
    "data",
    [
        DataChoice(EXAMPLE_DATASET),
        DataChoice("fashion-mnist-challenge", (0, 6)),
        DataChoice("fashion-mnist-challenge", seed=1),
        DataChoice("fashion-mnist-challenge", train_share=0.95),
    ],
)
def test_only_the_fixed_split_of_the_challenge_images_counts(data: DataChoice) -> None:
    small = CHALLENGES["small"]
    assert "9,000 images for challenges" in str(broken(small, replace(small.start, data=data)))


def seen_by_a_cell(network: Network) -> int:
    """How many pixels on a side change the cell in the middle of the last maps, one tried at a time."""
    whole = plan(network, SHAPE, 10)
    maps = next(one for one in reversed(whole.layers) if len(one.output_shape) == 3)
    weights = random_weights(whole, 1)
    images = np.full((785, *SHAPE), 100, np.uint8)
    images.reshape(785, -1)[np.arange(784), np.arange(784)] = 255
    cells = forward(whole, weights, images)[maps.name]
    middle = cells[:, cells.shape[1] // 2, cells.shape[2] // 2]
    changed = (middle[:-1] != middle[-1]).any(axis=1).reshape(28, 28)
    return max(changed.any(axis=0).sum(), changed.any(axis=1).sum())


@pytest.mark.parametrize(
    "text",
    [
        "conv2x3-relu_globalaverage_softmax",
        "conv2x5-s2-tanh_conv3x3-tanh_globalaverage_softmax",
        "conv2x3-tanh-avg2_conv3x3-tanh_globalaverage_softmax",
    ],
)
def test_the_receptive_field_is_what_changes_a_cell(text: str) -> None:
    network = link.from_text(text)
    assert receptive_field(plan(network, SHAPE, 10)) == seen_by_a_cell(network)


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("globalaverage_softmax", 1),
        ("conv2x3-relu_globalaverage_dense8-relu_softmax", 28),
        ("conv2x3-relu_flatten_softmax", 28),
        ("conv2x11-same_conv2x11-same_conv2x11-same_globalaverage_softmax", 28),
    ],
)
def test_what_puts_places_together_sees_the_whole_image(text: str, side: int) -> None:
    assert receptive_field(plan(link.from_text(text), SHAPE, 10)) == side


def in_block(job: Job, **changes: object) -> Job:
    first, *others = job.network.blocks
    blocks = (replace(first, **changes), *others)  # type: ignore[arg-type]
    return replace(job, network=replace(job.network, blocks=blocks))


def in_network(job: Job, **changes: object) -> Job:
    return replace(job, network=replace(job.network, **changes))  # type: ignore[arg-type]


def in_settings(job: Job, **changes: object) -> Job:
    return replace(job, settings=replace(job.settings, **changes))  # type: ignore[arg-type]


BASE = custom(Bound("accuracy", 0.5)).start
CHANGED: list[tuple[Part | None, Job]] = [
    ("blocks", in_network(BASE, blocks=BASE.network.blocks[:1])),
    ("filters", in_block(BASE, filters=5)),
    ("kernel", in_block(BASE, kernel=5)),
    ("kernel", in_block(BASE, stride=2)),
    ("kernel", in_block(BASE, padding="same")),
    ("kernel", in_block(BASE, dilation=2)),
    ("activation", in_block(BASE, activation=Activation("tanh"))),
    ("pooling", in_block(BASE, pooling=Pooling("average"))),
    ("pooling", in_block(BASE, pooling=None)),
    ("pooling", in_network(BASE, flattening="global_average")),
    ("regularization", in_block(BASE, batch_normalization=True)),
    ("regularization", in_block(BASE, dropout=0.5)),
    ("dense", in_network(BASE, dense=())),
    ("dense", in_network(BASE, dense=(DenseLayer(50, Activation("sigmoid")),))),
    ("epochs", in_settings(BASE, phases=(Phase(5),))),
    ("epochs", in_settings(BASE, patience=2)),
    ("rate", in_settings(BASE, phases=(Phase(30, 0.01),))),
    ("optimizer", in_settings(BASE, optimizer="rmsprop")),
    ("optimizer", in_settings(BASE, optimizer="sgd", momentum=0.9)),
    ("optimizer", in_settings(BASE, batch_size=64)),
    (None, in_settings(BASE, seed=7)),
]


@pytest.mark.parametrize(("part", "job"), CHANGED)
def test_only_the_free_parts_may_be_changed(part: Part | None, job: Job) -> None:
    for free in PARTS:
        challenge = custom(Bound("accuracy", 0.5), free=[free])
        allowed = part in (None, free)
        assert (broken(challenge, job) is None) == allowed, free
    assert broken(custom(Bound("accuracy", 0.5)), job) is None


def test_every_setting_of_a_network_and_a_training_belongs_to_a_part() -> None:
    tried = {part for part, _ in CHANGED}
    assert tried == {*PARTS, None}
    fields = {field for thing in (BASE.network.blocks[0], BASE.settings) for field in vars(thing)}
    assert fields == {
        *("filters", "kernel", "stride", "padding", "batch_normalization", "activation"),
        *("pooling", "dropout", "dilation"),
        *("phases", "batch_size", "optimizer", "momentum", "seed", "patience"),
    }, "a new setting has to be in a part, and in CHANGED"


def run(**changes: object) -> Run:
    small = CHALLENGES["small"]
    made = Run("one", small.start, "done", "", 0, 0, kept=(0, 20))
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"imported": True}, "came as a file"),
        ({"parent": Parent("other", 3, "digest")}, "changed by hand"),
        ({"status": "training"}, "not done yet"),
        ({"status": "diverged"}, "diverged"),
        ({"kept": ()}, "did not reach its end"),
    ],
)
def test_a_run_that_cannot_be_entered_is_told_why(changes: dict[str, object], words: str) -> None:
    small = CHALLENGES["small"]
    unrolled = plan(small.start.network, SHAPE, 10)
    assert why_not(small, run(), unrolled) is None
    assert why_not(small, run(parent=Parent("other", 3)), unrolled) is None
    assert words in str(why_not(small, run(**changes), unrolled))


OF_RUNS = [key for key, measure in MEASURES.items() if measure.known != "entry"]


@st.composite
def customs(draw: st.DrawFn) -> Challenge:
    names = draw(st.permutations(OF_RUNS))[: draw(st.integers(1, len(OF_RUNS)))]
    names += [] if "accuracy" in names else ["accuracy"]
    bounds = []
    for name in names:
        kind = MEASURES[name]
        if kind.unit == "percent":
            value = draw(st.integers(round(100 * kind.lowest), 100)) / 100
        else:
            value = float(draw(st.integers(int(kind.lowest), int(kind.highest))))
        bounds.append(Bound(name, value))
    free = draw(st.sets(st.sampled_from(PARTS), min_size=1))
    only = draw(st.none() | st.sets(st.integers(0, 9), min_size=2).map(lambda s: tuple(sorted(s))))
    network = draw(st.sampled_from([preset.network for preset in PRESETS.values()]))
    return custom(bounds[0], bounds[1:], list(free), network, only)


@given(customs())
def test_a_challenge_of_ones_own_comes_back_from_its_link(challenge: Challenge) -> None:
    assert from_text(challenge.key) == challenge == from_text(to_text(challenge))
    assert challenge.rule.count("{") == 0 and challenge.rule.endswith(".")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("parameters5000", "needs an accuracy"),
        ("accuracy0.8~accuracy0.9", "twice"),
        ("accuracy8", "800.0% is outside"),
        ("wisdom1", "cannot measure 'wisdom'"),
        ("accuracy0.8~lost0", "cannot be measured of a run"),
        ("accuracy0.8~free-", "nothing that a challenge can leave free"),
        ("accuracy0.8~free-weights", "'weights' is nothing"),
        ("accuracy0.8~only-7", "two or more classes"),
        ("accuracy0.8~only-9.7", "ascending"),
        ("accuracy0.8~only-7.x", "'7.x'"),
        ("accuracy0.8~net-nonsense", "The network's text"),
        ("", "There is no challenge"),
        ("free-filters", "nothing to be measured"),
        ("nonsense", "There is no challenge 'nonsense'"),
        ("a" * 5000, "5000 characters"),
    ],
)
def test_a_link_that_is_none_is_explained(text: str, words: str) -> None:
    with pytest.raises(ChallengeError, match=words.replace(".", r"\.")):
        from_text(text)
