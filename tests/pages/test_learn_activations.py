"""The lesson on activation functions: its numbers, against Keras and TensorFlow."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from cnn.inspection.features.saturation import Activity, activity
from cnn.inspection.forward import after
from cnn.network.keras_code import keras_code
from cnn.network.layers.activation import ACTIVATIONS
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Activation, ActivationName
from cnn.ui.common import formatting
from cnn.ui.learn.figure import example, starter_network_with
from cnn.ui.learn.lessons.activations import (
    LARGEST_DROP,
    PROSE,
    filter_in_words,
    observable_layers,
    zeros_in_words,
)
from cnn.ui.state import services
from tests.e2e.reading import check_number
from tests.pages.conftest import Open
from tests.test_operations import keras_activation

FUNCTIONS = tuple(name for name in ACTIVATIONS if name != "linear")


def test_every_function_is_offered_and_written_as_the_keras_code_writes_it() -> None:
    offered = {key.replace("-", "_") for key in PROSE.options("functions")}
    assert offered == set(ACTIVATIONS) - {"linear"}
    for name in FUNCTIONS:
        activation = Activation(name, 0.15 if name == "leaky_relu" else 0.0)
        network = starter_network_with(activation=activation)
        batch = replace(network.blocks[0], batch_normalization=True)  # with a line of its own
        code = keras_code(plan(replace(network, blocks=(batch,)), (28, 28, 1), 10))
        assert f"    {activation.keras_code},\n" in code


@pytest.mark.parametrize("x", [-1.5, 0.0])
def test_value_and_slope_are_those_of_tensorflow(open_page: Open, x: float) -> None:
    app = open_page("Learn", lesson="activations")
    for name in FUNCTIONS:
        app.query_params["set"] = f"f-{name.replace('_', '-')}_slope-0.25_x-{x:g}"
        app.run()
        assert not app.exception
        variable = tf.Variable([x])
        with tf.GradientTape() as tape:
            value = keras_activation(name, 0.25)(variable)
        slope = tape.gradient(value, variable)
        shown = [one.value.strip("*").split(" = ") for one in app.markdown if " = " in one.value]
        numbers = {left: right for left, right in (pair for pair in shown if len(pair) == 2)}
        value_shown, slope_shown = (
            next(text for left, text in numbers.items() if left.startswith(start))
            for start in ("f(", "f′(")
        )
        check_number(value_shown, float(value[0]))
        check_number(slope_shown, float(slope[0]))
        has_kink = name.endswith("relu") and x == 0
        kink = PROSE.text("kink", slope=slope_shown)
        assert (kink in [one.value for one in app.caption]) == has_kink


def test_every_filter_can_be_made_to_die_and_leaky_relu_keeps_it_alive() -> None:
    item = example()
    images = item.data.dataset.images[item.data.test]
    cells, count = formatting.thousands(26 * 26 * len(images)), formatting.thousands(len(images))
    for filter in range(ARTICLE.blocks[0].filters):
        layers, weights = item.one_filter(
            filter, LARGEST_DROP, activation=Activation("relu"), pooling=None
        )
        measured = activity(layers, weights, images, "activation_1")
        assert measured.dead.all()
        dead = PROSE.text("one filter dead", cells=cells, images=count)
        assert filter_in_words(measured, "relu") == dead
    layers, weights = item.one_filter(
        0, LARGEST_DROP, activation=Activation("leaky_relu", 0.1), pooling=None
    )
    measured = activity(layers, weights, images, "activation_1")
    assert measured.slope == pytest.approx(0.1)
    never_zero = PROSE.text("one filter never zero", images=count, cells=cells)
    assert filter_in_words(measured, "leaky_relu").startswith(never_zero)


def test_the_example_run_is_as_saturated_as_the_right_answer_says(open_page: Open) -> None:
    app = open_page("Learn", lesson="activations", set="part-trained")
    assert app.info and not app.get("vega_lite_chart")
    app.radio("learn-question-activations").set_value(2).run()
    assert app.success and not app.exception
    item = example()
    layers = item.plan.upto("dense_activation_1").layers
    images = item.data.dataset.images[item.data.test]
    outputs = after(layers, item.plan.split(item.weights), images)
    low, high = (outputs < 0.05).mean(), (outputs > 0.95).mean()
    assert all(abs(share - 1 / 3) < 0.03 for share in (low, high))
    text = "\n".join(one.value for one in app.markdown)
    for share in (low + high, low, high):
        assert formatting.percent(float(share)) in text
    assert formatting.thousands(outputs.size) in text
    [layer] = [one for one in app.segmented_control if str(one.key).endswith("-layer")]
    layer.set_value("1").run()
    maps = after(item.plan.layers[:2], item.plan.split(item.weights), images)
    text = "\n".join(one.value for one in app.markdown)
    zeros = formatting.percent(float((maps == 0).mean()))
    assert PROSE.text("zeros", share=zeros, outputs=formatting.thousands(maps.size)) in text
    assert (
        PROSE.text("no dead units", unit="filter", often="all", part=PROSE.options("parts")["map"])
        in text
    )
    [inspect] = [one for one in app.button if str(one.key).startswith("to-inspect-")]
    inspect.click().run()
    assert app.session_state["session"].viewed.unit == "activation_1-map4"


def test_only_layers_that_can_saturate_or_die_are_observed() -> None:
    run = services.run_store().run(services.EXAMPLE_RUN)

    def names(*activations: ActivationName) -> list[str]:
        blocks = tuple(
            replace(block, activation=Activation(name))
            for block, name in zip(ARTICLE.blocks, activations, strict=True)
        )
        network = replace(ARTICLE, blocks=blocks, dense=())
        changed = replace(run, job=replace(run.job, network=network))
        return [layer.name for layer in observable_layers(changed)]

    assert names("elu", "silu") == []
    assert names("tanh", "relu") == ["activation_1", "activation_2"]


def test_dead_and_rarely_active_units_are_counted() -> None:
    nothing = np.zeros(3)
    awake = np.array([0, 0.02, 0.9])
    measured = Activity("activation_1", 1000, 1, 1 - awake, nothing, nothing, awake, awake)
    text = zeros_in_words(measured, "unit")
    assert PROSE.text("dead units", dead=1, count=3, unit="unit") in text
    assert PROSE.text("rarely active units", rare=1, limit=formatting.percent(0.05, 0)) in text
