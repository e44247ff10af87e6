"""The judge held against SciPy, scikit-learn, and networks of which the answer is known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.signal import correlate2d
from sklearn.metrics import accuracy_score, confusion_matrix

from cnn.arrays import Array
from cnn.challenges.challenge import CHALLENGES, Bound, ChallengeError, custom
from cnn.challenges.judge import (
    Finding,
    Verdict,
    images_of,
    judge_filter,
    judge_fix,
    judge_guess,
    judge_kernel,
    judge_runs,
    pattern_responses,
    patterns,
)
from cnn.data.example import challenge_dataset, judges_images
from cnn.data.split import choose
from cnn.inspection.classic_kernels import CLASSIC_KERNELS
from cnn.inspection.forward import probabilities
from cnn.network import link
from cnn.network.plan import Plan, plan
from cnn.training.job import Job
from tests.strategies import random_weights

KERNELS = {one.name: one.sized(3) for one in CLASSIC_KERNELS}
VERTICAL, HORIZONTAL = KERNELS["Sobel, vertical edges"], KERNELS["Sobel, horizontal edges"]
EDGES = CHALLENGES["edges"]


def values(verdict: Verdict) -> dict[str, float]:
    return {finding.measure: finding.value for finding in verdict.findings}


def network(text: str, classes: int = 10) -> Plan:
    return plan(link.from_text(text), (28, 28, 1), classes)


def predicted(plan: Plan, weights: Array, images: Array) -> Array:
    return probabilities(plan, weights, images).argmax(axis=1)


def test_the_kernel_of_vertical_edges_needs_a_bias_to_ignore_diagonal_ones() -> None:
    assert judge_kernel(EDGES, VERTICAL, -3).met
    assert not judge_kernel(EDGES, VERTICAL, 0).met
    assert judge_kernel(EDGES, -VERTICAL, -3).met, "either direction is a vertical edge"
    sideways = judge_kernel(EDGES, HORIZONTAL, -3)
    assert (
        not sideways.met and values(sideways)["vertical"] == 0 and values(sideways)["items"] < 0.1
    )


@pytest.mark.parametrize("name", sorted(KERNELS.keys() - {"Sobel, vertical edges"}))
def test_no_other_classic_kernel_finds_vertical_edges_only(name: str) -> None:
    for bias in (0, -0.5, -1, -2, -3, -5):
        assert not judge_kernel(EDGES, KERNELS[name], bias).met


def test_a_kernel_that_finds_nothing_is_worth_nothing() -> None:
    verdict = judge_kernel(EDGES, VERTICAL, -4)
    assert set(values(verdict).values()) == {0}
    assert not judge_kernel(EDGES, np.zeros((1, 1), np.float32), 0).met


@pytest.mark.parametrize("bias", [0, -1.5])
def test_responses_are_those_of_scipy(bias: float) -> None:
    kernel = np.random.default_rng(1).normal(size=(4, 4)).astype(np.float32)
    responses = pattern_responses(kernel, bias)
    for kind, images in patterns():
        maps = [correlate2d(image[..., 0] / 255, kernel, "valid") + bias for image in images]
        assert responses[kind] == pytest.approx(np.maximum(maps, 0).mean(), rel=1e-5)


@pytest.mark.parametrize("kernel", [np.zeros((2, 3)), np.zeros((9, 9)), np.full((3, 3), np.nan)])
def test_a_kernel_that_cannot_be_judged_is_refused(kernel: Array) -> None:
    with pytest.raises(ChallengeError):
        judge_kernel(EDGES, kernel, 0)


def test_several_seeds_are_judged_by_their_mean() -> None:
    challenge = custom(Bound("accuracy", 0.1), [Bound("changed", 0.9), Bound("parameters", 10_000)])
    unrolled = network("flatten_softmax")
    weights = [random_weights(unrolled, seed) for seed in (1, 2, 3)]
    job = replace(challenge.start, network=unrolled.network)
    verdict = judge_runs(challenge, job, unrolled, weights)
    images, labels = judges_images()
    answers = [predicted(unrolled, one, images) for one in weights]
    each = [accuracy_score(labels, answer) for answer in answers]
    goal = verdict.goal
    assert verdict.networks == 3 and goal.value == pytest.approx(np.mean(each))
    low, high = stats.t.interval(0.95, 2, np.mean(each), stats.sem(each))
    assert (goal.low, goal.high) == pytest.approx((max(0, low), min(1, high)))
    frames = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)))
    moved = [frames[:, r : r + 28, c : c + 28] for r, c in ((0, 2), (4, 2), (2, 0), (2, 4))]
    changed = [
        (predicted(unrolled, one, some) != answer).mean()
        for one, answer in zip(weights, answers, strict=True)
        for some in moved
    ]
    assert values(verdict)["changed"] == pytest.approx(np.mean(changed))
    assert values(verdict)["parameters"] == unrolled.parameters == 7850
    [alone] = judge_runs(custom(Bound("accuracy", 0.1)), job, unrolled, weights[:1]).findings
    wilson = stats.binomtest(round(1000 * each[0]), 1000).proportion_ci(method="wilson")
    assert (alone.low, alone.high) == pytest.approx((wilson.low, wilson.high), rel=1e-3)


def test_a_network_that_always_says_the_same_is_steady_but_not_good_enough() -> None:
    steady = CHALLENGES["steady"]
    unrolled = network("flatten_softmax")
    job: Job = replace(steady.start, network=unrolled.network)
    verdict = judge_runs(steady, job, unrolled, [np.zeros(unrolled.parameters, np.float32)])
    assert values(verdict) == {"changed": 0, "accuracy": pytest.approx(0.1)}
    assert verdict.goal.kept and not verdict.met


def test_two_classes_are_judged_on_their_images_alone() -> None:
    images, labels = images_of((7, 9))
    assert len(images) == 200 and np.bincount(labels).tolist() == [100, 100]
    narrow = CHALLENGES["narrow"]
    unrolled = network("globalaverage_softmax", 2)
    # Ankle boots are taller, so they have more light pixels than sneakers.
    weights = np.array([0, 100, 0, -20], np.float32)
    job = replace(narrow.start, network=unrolled.network)
    verdict = judge_runs(narrow, job, unrolled, [weights])
    brighter = images.mean(axis=(1, 2, 3)) / 255 > 0.2
    assert values(verdict) == {"field": 1, "accuracy": pytest.approx((brighter == labels).mean())}


def test_a_dead_filter_costs_nothing_and_a_filter_that_is_all_costs_much() -> None:
    spare = CHALLENGES["spare"]
    unrolled = network("conv2x3-relu_flatten_softmax")
    weights = random_weights(unrolled, 4)
    arrays = unrolled.split(weights)
    arrays["convolution_1/kernel"][..., 0] = 0
    arrays["convolution_1/bias"][0] = -1
    dead = judge_filter(spare, unrolled, weights, "convolution_1", 0)
    assert dead.goal.kept and dead.goal.value == 0 and "0 of 1,000 images become wrong" in dead.note
    images, labels = judges_images()
    whole = accuracy_score(labels, predicted(unrolled, weights, images))
    assert values(dead)["accuracy"] == pytest.approx(whole)
    alive = judge_filter(spare, unrolled, weights, "convolution_1", 1)
    arrays["convolution_1/kernel"][..., 1] = 0
    arrays["convolution_1/bias"][1] = 0
    without = accuracy_score(labels, predicted(unrolled, weights, images))
    assert alive.goal.value == pytest.approx(whole - without)
    for layer, filter in (("convolution_1", 2), ("convolution_2", 0), ("logits", 0)):
        with pytest.raises(ChallengeError, match="no filter"):
            judge_filter(spare, unrolled, weights, layer, filter)


def test_gaps_are_between_training_and_judges_images() -> None:
    challenge = CHALLENGES["overfit"]
    unrolled = network("flatten_softmax")
    one, other = (random_weights(unrolled, seed) for seed in (1, 2))
    verdict = judge_fix(challenge, (unrolled, one), (unrolled, other))
    data = choose(challenge_dataset(), challenge.start.data)
    sample = data.train[:1000]
    images, labels = judges_images()
    accuracies = [
        [
            accuracy_score(
                data.labels[sample], predicted(unrolled, w, data.dataset.images[sample])
            ),
            accuracy_score(labels, predicted(unrolled, w, images)),
        ]
        for w in (one, other)
    ]
    [(train, judged), (train_fixed, judged_fixed)] = accuracies
    assert values(verdict) == {
        "overfit": pytest.approx(train - judged),
        "gap": pytest.approx(train_fixed - judged_fixed),
        "gained": pytest.approx(judged_fixed - judged),
    }
    same = judge_fix(challenge, (unrolled, one), (unrolled, one))
    assert values(same)["gained"] == 0 and same.findings[2].kept


def test_the_most_frequent_mistake_is_that_of_scikit_learn() -> None:
    challenge = CHALLENGES["guess"]
    unrolled = network("flatten_softmax")
    weights = random_weights(unrolled, 5)
    images, labels = judges_images()
    counts = confusion_matrix(labels, predicted(unrolled, weights, images))
    np.fill_diagonal(counts, 0)
    actual, wrong = np.unravel_index(counts.argmax(), counts.shape)
    assert judge_guess(challenge, unrolled, weights, int(actual), int(wrong)).met
    other = judge_guess(challenge, unrolled, weights, int(actual), int((actual + 1) % 10))
    expected = counts[actual, (actual + 1) % 10] / counts.max()
    assert other.goal.value == pytest.approx(expected) and other.met == (expected == 1)
    with pytest.raises(ChallengeError):
        judge_guess(challenge, unrolled, weights, 3, 3)


def test_a_network_without_mistakes_has_no_most_frequent_one() -> None:
    images, labels = images_of((0, 1))
    challenge = replace(CHALLENGES["narrow"], goal=Bound("guess", 1), limits=())
    challenge = replace(
        challenge,
        start=replace(challenge.start, data=replace(challenge.start.data, classes=(0, 1))),
    )
    unrolled = network("flatten_softmax", 2)
    flat = images.reshape(len(images), -1) / 255
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1e6, max_iter=5000).fit(flat, labels)
    if fitted.score(flat, labels) < 1:
        pytest.skip("the two classes cannot be told apart by a line")
    kernel = np.stack([-fitted.coef_[0], fitted.coef_[0]], axis=-1)
    weights = np.append(kernel.ravel(), [-fitted.intercept_[0], fitted.intercept_[0]])
    verdict = judge_guess(challenge, unrolled, weights.astype(np.float32), 0, 1)
    assert not verdict.met


def finding(measure: str, value: float, bound: float, half: float = 0) -> Finding:
    return Finding(measure, value, value - half, value + half, bound)


def test_entries_are_ordered_by_limits_first_and_then_by_the_goal() -> None:
    def verdict(changed: float, accuracy: float) -> Verdict:
        return Verdict((finding("changed", changed, 0.15), finding("accuracy", accuracy, 0.75)))

    ordered = [verdict(0.01, 0.2), verdict(0.3, 0.8), verdict(0.15, 0.76), verdict(0.1, 0.75)]
    assert sorted(reversed(ordered), key=lambda one: one.rank) == ordered
    assert [one.met for one in ordered] == [False, False, True, True]


@pytest.mark.parametrize(
    ("measure", "value", "half", "kept", "sure"),
    [
        ("accuracy", 0.85, 0.02, True, True),
        ("accuracy", 0.81, 0.02, True, False),
        ("accuracy", 0.79, 0.02, False, False),
        ("accuracy", 0.7, 0.02, False, True),
        ("changed", 0.7, 0.05, True, True),
        ("changed", 0.9, 0.05, False, True),
        ("changed", 0.8, 0.05, True, False),
    ],
)
def test_a_finding_says_whether_it_is_kept_and_how_sure_that_is(
    measure: str, value: float, half: float, kept: bool, sure: bool
) -> None:
    found = finding(measure, value, 0.8, half)
    assert (found.kept, found.sure) == (kept, sure)
