"""The code of a network is executed and held against the model that the app itself builds."""

import keras
import numpy as np
from hypothesis import example, given, settings

from cnn.inspection.forward import scaled
from cnn.network.keras import PointConvolution, build
from cnn.network.keras_code import keras_code
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from tests.strategies import SEEDS, plans, random_images, random_weights


def executed(plan, seed):
    """The model that the code makes, as a reader's script would make it."""
    keras.utils.set_random_seed(seed)
    names = {"keras": keras, "layers": keras.layers}
    exec(keras_code(plan), names)
    return names["model"]


def steps(model):
    """What each layer does, the activation within a layer told apart from the layer."""
    for layer in model.layers:
        settings = layer.get_config()
        settings.pop("name")
        # The app names the seeds that Keras would draw; the weights below are compared instead.
        settings.pop("seed", None)
        settings.get("kernel_initializer", {}).get("config", {}).pop("seed", None)
        inner = settings.pop("activation", "linear")
        if not isinstance(layer, keras.layers.Activation | keras.layers.Softmax):
            # The script has plain Keras in the place of a point convolution: the same numbers.
            kind = type(layer)
            yield (keras.layers.Conv2D if kind is PointConvolution else kind), settings
        if inner != "linear":
            yield "activation", inner
        if isinstance(layer, keras.layers.Softmax):
            yield "activation", "softmax"


@given(plans(), SEEDS)
@example(plan(ARTICLE, (28, 28, 1), 10), 1)
@settings(max_examples=25, deadline=None)
def test_the_code_makes_the_same_model(plan, seed):
    ours, theirs = build(plan, seed), executed(plan, seed)
    assert list(steps(ours)) == list(steps(theirs))
    assert theirs.input_shape == (None, *plan.image_shape)
    for own, their in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(own, their)
    images = scaled(random_images(plan, seed))
    for model in (ours, theirs):
        model.set_weights(list(plan.split(random_weights(plan, seed)).values()))
    np.testing.assert_allclose(
        ours(images, training=False), theirs(images, training=False), rtol=0, atol=1e-6
    )


def test_the_code_of_the_article_reads_as_a_person_would_write_it():
    assert keras_code(plan(ARTICLE, (28, 28, 1), 10)) == (
        "model = keras.Sequential([\n"
        "    keras.Input((28, 28, 1)),\n"
        '    layers.Conv2D(4, 3, activation="relu"),\n'
        "    layers.MaxPooling2D(2),\n"
        '    layers.Conv2D(8, 3, activation="relu"),\n'
        "    layers.MaxPooling2D(2),\n"
        "    layers.Flatten(),\n"
        '    layers.Dense(100, activation="sigmoid"),\n'
        '    layers.Dense(10, activation="softmax"),\n'
        "])\n"
    )
