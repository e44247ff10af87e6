"""The ranking of filters against whole networks with one filter off, evaluated one by one."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from cnn.inspection import forward
from cnn.inspection.edits import Edits, edited
from cnn.inspection.features.ablation import Ranking, images_per_call, rank
from cnn.inspection.forward import probabilities
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import ConvolutionBlock, Network
from tests.inspection.test_edits import convolutions
from tests.strategies import SEEDS, plans, random_images, random_weights


def ranking(images: int, correct: int, filters) -> Ranking:
    """A ranking from the layer, the number, the images lost and gained of each filter."""
    table = pd.DataFrame(filters, columns=["layer", "filter", "lost", "gained"])
    return Ranking(images, correct, table.set_index(["layer", "filter"]))


def same(one: Ranking, other: Ranking) -> bool:
    """Whether all numbers are the same."""
    counts = one.images == other.images and one.correct == other.correct
    return counts and one.filters.equals(other.filters)


def one_by_one(plan, weights, images, labels) -> Ranking:
    """Every network with one filter off evaluated as a whole."""
    right = probabilities(plan, weights, images).argmax(axis=1) == labels
    found = []
    for name, filters in convolutions(plan):
        for filter in range(filters):
            changed = edited(plan, weights, Edits().switched(name, filter, off=True))
            now = probabilities(plan, changed, images).argmax(axis=1) == labels
            lost, gained = int((right & ~now).sum()), int((now & ~right).sum())
            found.append((name, filter, lost, gained))
    return ranking(len(labels), int(right.sum()), found)


@given(plans(), SEEDS)
@settings(max_examples=40, deadline=None)
def test_the_accuracies_are_those_of_the_networks_without_the_filter(plan, seed):
    weights, images = random_weights(plan, seed), random_images(plan, seed, count=40)
    labels = np.random.default_rng(seed).integers(0, plan.classes, 40)
    found = rank(plan, weights, images, labels)
    assert same(found, one_by_one(plan, weights, images, labels))


def test_portions_and_calls_add_up_to_the_whole(monkeypatch):
    one = plan(ARTICLE, (28, 28, 1), 10)
    weights, images = random_weights(one, 5), random_images(one, 5, count=90)
    labels = np.random.default_rng(5).integers(0, 10, 90)
    whole = rank(one, weights, images, labels)
    parts = [rank(one, weights, images[i : i + 31], labels[i : i + 31]) for i in (0, 31, 62)]
    assert same(parts[0] + parts[1] + parts[2], whole)
    monkeypatch.setattr(forward, "NUMBERS_AT_ONCE", 1)  # an image at a time
    assert same(rank(one, weights, images, labels), whole)
    assert same(whole, one_by_one(one, weights, images, labels))


def test_a_network_with_nothing_left_ties_as_argmax_does():
    # As the untrained network of one filter: without it every logit is the same 0.
    one = plan(Network((ConvolutionBlock(1),)), (6, 6, 1), 3)
    weights = random_weights(one, 1)
    for name, array in one.split(weights).items():
        if name.endswith("bias"):
            array[:] = 0
    images, labels = random_images(one, 1, count=30), np.arange(30) % 3
    [accuracy] = rank(one, weights, images, labels).by_loss["accuracy"]
    assert accuracy == pytest.approx(1 / 3)


def test_a_network_without_convolutions_has_no_filters_to_rank():
    one = plan(Network(), (6, 6, 1), 3)
    found = rank(one, random_weights(one, 1), random_images(one, 1), np.zeros(3, np.int64))
    assert found.filters.empty and found.by_loss.empty and found.images == 3


def test_the_filter_that_is_missed_most_comes_first():
    ranked = ranking(100, 80, [("a", 0, 3, 4), ("a", 1, 9, 1), ("b", 0, 2, 2)]).by_loss
    assert [*zip(ranked["layer"], ranked["filter"], strict=True)] == [("a", 1), ("b", 0), ("a", 0)]
    assert [*ranked["accuracy"]] == [0.72, 0.8, 0.81]


def test_a_call_is_long_for_small_networks_and_short_for_large_ones():
    small = plan(ARTICLE, (28, 28, 1), 10)
    block = ConvolutionBlock(128, 3, padding="same", pooling=None)
    large = plan(Network((block,) * 5, "global_average"), (28, 28, 1), 10)
    assert images_per_call(small) > 2000
    assert images_per_call(large) == 1


def test_reading_large_maps_counts_even_where_nothing_is_computed_of_them():
    block = ConvolutionBlock(128, 3, padding="same", pooling=None)
    averaged = plan(Network((block,), "global_average"), (64, 64, 1), 10)
    assert images_per_call(averaged) < 20
