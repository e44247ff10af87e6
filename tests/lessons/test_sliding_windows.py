"""Reading every window at once gives what each window gives, cut out and read alone."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnn.inspection.forward import probabilities
from cnn.lessons.sliding_windows import (
    EveryWindow,
    every_window,
    kept,
    multiply_accumulates,
    shared,
)
from cnn.network.plan import Convolution, Flatten, Plan, plan
from cnn.network.presets import ARTICLE, PRESETS
from tests.strategies import SEEDS, plans, random_weights


def readable(one: Plan) -> bool:
    operations = [layer.operation for layer in one.layers]
    return any(isinstance(operation, Flatten) for operation in operations) and not any(
        isinstance(operation, Convolution) and operation.padding == "same"
        for operation in operations
    )


@settings(max_examples=25, deadline=None)
@given(plans().filter(readable), SEEDS, st.integers(0, 9), st.integers(0, 9))
def test_every_window_has_the_answer_that_it_has_alone(
    network: Plan, seed: int, more_rows: int, more_columns: int
) -> None:
    side, _, channels = network.image_shape
    shape = (side + more_rows, side + more_columns, channels)
    canvas = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    weights = random_weights(network, seed)
    found = every_window(network, weights, canvas)
    rows, columns = found.starts(0), found.starts(1)
    assert rows[-1] + side <= shape[0] < rows[-1] + found.step + side
    cut = [canvas[row : row + side, column : column + side] for row in rows for column in columns]
    alone = probabilities(network, weights, np.array(cut))
    np.testing.assert_allclose(found.probabilities.reshape(alone.shape), alone, atol=1e-5)


def test_the_articles_network_has_a_window_every_four_pixels() -> None:
    article, whole = (plan(ARTICLE, (side, side, 1), 10) for side in (28, 56))
    weights = random_weights(article, 1)
    found = every_window(article, weights, np.zeros((56, 56, 1), np.uint8))
    assert (found.step, found.probabilities.shape) == (4, (8, 8, 10))
    assert multiply_accumulates(article, whole, 1) == whole.multiply_accumulates - (
        whole.layer("dense_1").multiply_accumulates - article.layer("dense_1").multiply_accumulates
    )


@pytest.mark.parametrize("name", ["lenet5", "vgg"])
def test_a_network_with_padding_is_refused(name: str) -> None:
    padded = plan(PRESETS[name].network, (28, 28, 1), 10)
    with pytest.raises(ValueError, match="valid padding"):
        every_window(padded, random_weights(padded, 1), np.zeros((30, 30, 1), np.uint8))


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(2, 9), st.integers(1, 4), st.floats(0.1, 0.9), st.floats(0, 0.9))
def test_what_is_kept_is_sure_and_apart_and_nothing_else_could_be(
    seed: int, side: int, step: int, at_least: float, most_shared: float
) -> None:
    random = np.random.default_rng(seed)
    answers = EveryWindow(side, step, random.dirichlet([0.3] * 4, (5, 6)).astype(np.float32))
    boxes = kept(answers, at_least, most_shared)
    assert all(box.probability >= at_least for box in boxes)
    assert all(shared(answers, *pair) <= most_shared for pair in combinations(boxes, 2))
    places = {(box.row, box.column) for box in boxes}
    for row, column in np.ndindex(5, 6):
        sure = answers.probabilities[row, column].max()
        if (row, column) not in places and sure >= at_least:
            box = replace(boxes[0], row=row, column=column)
            surer = [one for one in boxes if one.probability >= sure]
            assert any(shared(answers, box, one) > most_shared for one in surer)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(1, 3), st.tuples(*[st.integers(0, 5)] * 4))
def test_the_share_is_that_of_pixels_counted(
    side: int, step: int, at: tuple[int, int, int, int]
) -> None:
    answers = EveryWindow(side, step, np.zeros((1, 1, 2), np.float32))
    assume(at[:2] != at[2:])
    painted = np.zeros((2, 40, 40), bool)
    for number, (row, column) in enumerate((at[:2], at[2:])):
        painted[number, row * step : row * step + side, column * step : column * step + side] = True
    box = kept(replace(answers, probabilities=np.ones((1, 1, 2), np.float32)), 0.5, 0.5)[0]
    one, other = (replace(box, row=row, column=column) for row, column in (at[:2], at[2:]))
    assert shared(answers, one, other) == pytest.approx(painted.all(0).sum() / painted.any(0).sum())
