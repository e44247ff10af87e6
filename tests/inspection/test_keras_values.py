"""Keras's own numbers for an image, and that asking for them disturbs no training."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given, settings

from cnn.data.split import training_data
from cnn.inspection.forward import forward
from cnn.inspection.keras_values import layer_values
from cnn.network.keras import build, flat_weights
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import ConvolutionBlock, DenseLayer, Network
from cnn.training.events import EpochEnd
from cnn.training.worker.task import train
from tests.strategies import SEEDS, plans, random_images, random_weights
from tests.training import examples

ARTICLES = plan(ARTICLE, (28, 28, 1), 10)
WITH_DROPOUT = Network((ConvolutionBlock(2, 3, dropout=0.4),), dense=(DenseLayer(4, dropout=0.3),))


@given(plans(), SEEDS)
@settings(max_examples=12, deadline=None)
def test_every_layers_values_are_those_of_the_forward_pass(one: Plan, seed: int) -> None:
    weights, images = random_weights(one, seed), random_images(one, seed)
    found = layer_values(one, weights, images[0])
    ours = forward(one, weights, images)
    assert list(found) == [layer.name for layer in one.layers]
    for name, values in found.items():
        assert values.dtype == np.float32
        scale = max(1.0, float(np.abs(values).max()))
        np.testing.assert_allclose(values, ours[name][0], rtol=0, atol=1e-5 * scale)


def test_weights_that_are_no_numbers_are_no_fault() -> None:
    broken = np.full(ARTICLES.parameters, np.nan, np.float32)
    found = layer_values(ARTICLES, broken, random_images(ARTICLES, 1)[0])
    assert np.isnan(found["softmax"]).all()


def test_answers_do_not_mix_when_many_ask_at_once() -> None:
    """The models are shared by all who look at a network of the same plan."""
    asked = [(random_weights(ARTICLES, n), random_images(ARTICLES, n)[0]) for n in range(8)]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda one: layer_values(ARTICLES, *one), asked))
    for (weights, image), found in zip(asked, answers, strict=True):
        ours = forward(ARTICLES, weights, image[None])
        np.testing.assert_allclose(found["softmax"], ours["softmax"][0], rtol=0, atol=1e-5)


def trained(ask: bool) -> list[EpochEnd]:
    """A short training with dropout; with `ask`, Keras's values are asked for again and again."""
    found: list[EpochEnd] = []
    asked = 0

    def report(event: object) -> None:
        nonlocal asked
        if isinstance(event, EpochEnd):
            found.append(event)
        if ask:  # each time another plan, so that a model is built each time
            asked += 1
            other = plan(Network((ConvolutionBlock(asked, 2, dropout=0.5),)), (6, 6, 1), 2)
            layer_values(other, random_weights(other, asked), random_images(other, asked)[0])

    told = training_data(examples.chosen())
    train(WITH_DROPOUT, examples.settings(3), told, None, report, lambda: "go")
    assert not ask or asked > 3
    return found


def test_asking_during_a_training_changes_nothing_of_it() -> None:
    alone, beside = trained(ask=False), trained(ask=True)
    assert len(alone) == len(beside) == 4
    for one, other in zip(alone, beside, strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)
        assert (one.loss, one.validation_loss) == (other.loss, other.validation_loss)


def test_asking_between_changes_no_freshly_drawn_weights() -> None:
    first = flat_weights(build(ARTICLES, seed=7))
    other = plan(Network((ConvolutionBlock(5, 2),)), (7, 7, 1), 3)
    layer_values(other, random_weights(other, 1), random_images(other, 1)[0])
    np.testing.assert_array_equal(flat_weights(build(ARTICLES, seed=7)), first)
