"""The map of the last hidden layer, held against scikit-learn and Keras."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from cnn.evaluation import projection
from cnn.evaluation.projection import (
    ITERATIONS,
    ProjectionError,
    begin,
    hidden_layer,
    move,
    principal,
    principal_or_why,
    principal_outputs,
)
from cnn.inspection.keras_values import layer_values
from cnn.network.plan import plan
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network
from tests.strategies import random_images, random_weights

PLAIN = Network((ConvolutionBlock(2),), dense=(DenseLayer(6, Activation("tanh"), 0.5),))


@settings(max_examples=15, deadline=None)
@given(st.integers(3, 30), st.integers(2, 60), st.integers(0, 2**16))
def test_principal_components_are_scikit_learns(images: int, numbers: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    outputs = random.normal(size=(images, numbers)) @ random.normal(size=(numbers, numbers)) + 5
    found = principal(outputs.astype(np.float32))
    authority = PCA(2, svd_solver="full").fit(outputs)
    expected = authority.transform(outputs)
    signs = np.sign((expected * found.places).sum(axis=0))
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found.places, expected * signs, atol=1e-3 * scale)
    np.testing.assert_allclose(found.shares, authority.explained_variance_ratio_, atol=1e-4)
    assert (found.places.max(axis=0) >= -found.places.min(axis=0)).all()


@pytest.mark.parametrize(
    ("network", "name"),
    [
        (PLAIN, "dense_activation_1"),
        (Network((ConvolutionBlock(2),), "global_average"), "global_average"),
        (Network(), "flatten"),
    ],
)
def test_it_is_the_layer_that_the_logits_read(network: Network, name: str) -> None:
    unrolled = plan(network, (8, 8, 3), 2)
    assert hidden_layer(unrolled).name == name
    weights, images = random_weights(unrolled, 1), random_images(unrolled, 2, 4)
    outputs = np.concatenate([layer_values(unrolled, weights, one)[name][None] for one in images])
    found = principal_outputs(unrolled, weights, images)
    np.testing.assert_allclose(found.places, principal(outputs.reshape(4, -1)).places, atol=1e-3)


def test_one_number_is_a_line() -> None:
    found = principal(np.array([[1.0], [2.0], [4.0]], np.float32))
    assert found.shares.tolist() == [1, 0]
    assert not found.places[:, 1].any()


def test_what_has_no_map_gives_a_sentence() -> None:
    unrolled = plan(PLAIN, (8, 8, 1), 2)
    images = random_images(unrolled, 2, 20)
    weights = random_weights(unrolled, 1)
    weights[0] = np.nan
    assert "no longer numbers" in str(principal_or_why(unrolled, weights, images))
    assert "the same numbers" in str(
        principal_or_why(unrolled, 0 * random_weights(unrolled, 1), images)
    )
    with pytest.raises(ProjectionError, match="there are 5"):
        begin(unrolled, random_weights(unrolled, 1), images[:5])


def test_tsne_keeps_neighbors_together_and_is_the_same_every_time() -> None:
    unrolled = plan(Network(), (4, 4, 1), 3)
    random = np.random.default_rng(1)
    centers = random.integers(60, 200, (3, 1, 4, 4, 1))
    noise = random.integers(-20, 20, (3, 20, 4, 4, 1))
    images = (centers + noise).reshape(60, 4, 4, 1).astype(np.uint8)
    one = begin(unrolled, random_weights(unrolled, 1), images)
    again = move(one)
    while not one.done:
        before, one = one, move(one)
        assert one.iteration == before.iteration + projection.PORTION
        if one.iteration == projection.PORTION:
            np.testing.assert_array_equal(one.places, again.places)
    assert one.iteration == ITERATIONS
    assert trustworthiness(images.reshape(60, -1), one.places, n_neighbors=10) > 0.9
