"""The lesson on activation functions: what it tells, against Keras and TensorFlow."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from cnn.inspection.features.saturation import Activity, activity
from cnn.inspection.forward import after
from cnn.network.keras_code import keras_code
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import ACTIVATIONS, Activation, ActivationName
from cnn.ui.learn.example_run import AtWork
from cnn.ui.learn.lessons.activation_facts import FACTS
from cnn.ui.learn.lessons.activation_map import LOWEST, in_words, one_filter
from cnn.ui.learn.lessons.activation_trained import at_rest, watched
from cnn.ui.learn.lessons.activations import everywhere, keras_line
from cnn.ui.state import services
from tests.e2e.reading import check_number
from tests.pages.conftest import Open
from tests.test_operations import keras_activation


def shipped() -> AtWork:
    run = services.run_store().run(services.EXAMPLE_RUN)
    data, weights = services.chosen(run.job.data), services.weights(run.id, run.last_epoch)
    return AtWork(run, data, services.run_plan(run), weights, int(data.test[0]))


def test_every_function_is_offered_and_written_as_keras_code_writes_it() -> None:
    assert set(FACTS) == set(ACTIVATIONS) - {"linear"}
    for name in FACTS:
        activation = Activation(name, 0.15 if name == "leaky_relu" else 0.0)
        network = everywhere(activation)
        batch = replace(network.blocks[0], batch_normalisation=True)  # with a line of its own
        code = keras_code(plan(replace(network, blocks=(batch,)), (28, 28, 1), 10))
        assert f"    {keras_line(activation).removeprefix('keras.')},\n" in code


@pytest.mark.parametrize("x", [-1.5, 0.0])
def test_value_and_slope_are_read_off_as_tensorflow_has_them(open_page: Open, x: float) -> None:
    app = open_page("Learn", lesson="activations")
    for name, facts in FACTS.items():
        app.query_params["set"] = f"f-{name.replace('_', '-')}_slope-0.25_x-{x:g}"
        app.run()
        assert not app.exception
        variable = tf.Variable([x])
        with tf.GradientTape() as tape:
            value = keras_activation(name, 0.25)(variable)
        slope = tape.gradient(value, variable)
        told = dict(one.value.strip("*").split(" = ") for one in app.markdown if " = " in one.value)
        number, slope_told = told.values()
        check_number(number.replace("−", "-"), float(value[0]))
        check_number(slope_told.replace("−", "-"), float(slope[0]))
        kinks = [one.value for one in app.caption if "kink" in one.value]
        assert bool(kinks) == (facts.has_kink and x == 0) == (name.endswith("relu") and x == 0)


def test_every_filter_can_be_made_to_die_and_leaky_relu_keeps_it_alive() -> None:
    work = shipped()
    images = work.data.dataset.images[work.data.test]
    for filter in range(ARTICLE.blocks[0].filters):
        layers, weights = one_filter(work, filter, LOWEST, Activation("relu"))
        found = activity(layers, weights, images, "activation_1")
        assert found.dead.all()
        assert in_words(found, "relu").startswith("**Dead**: all 1\u202f352\u202f000 cells are 0")
    layers, weights = one_filter(work, 0, LOWEST, Activation("leaky_relu", 0.1))
    found = activity(layers, weights, images, "activation_1")
    assert found.slope == pytest.approx(0.1)
    assert "none of this filter's 1\u202f352\u202f000 cells is 0" in in_words(found, "leaky_relu")


def test_the_shipped_run_is_as_saturated_as_the_right_answer_says(open_page: Open) -> None:
    app = open_page("Learn", lesson="activations", set="part-trained")
    assert "Answer the question first" in app.info[0].value
    app.radio("learn-question-activations").set_value(2).run()
    assert app.success and not app.exception
    work = shipped()
    steps = work.plan.upto("dense_activation_1").layers
    images = work.data.dataset.images[work.data.test]
    outputs = after(steps, work.plan.split(work.weights), images)
    shares = (outputs < 0.05).mean(), (outputs > 0.95).mean()
    assert all(abs(share - 1 / 3) < 0.03 for share in shares)
    told = next(one.value for one in app.markdown if "are saturated" in one.value)
    assert told.startswith(f"**{100 * sum(shares):.1f}\u202f%** of the 200\u202f000 outputs")
    [layers] = [one for one in app.segmented_control if one.label == "Layer"]
    layers.set_value("1").run()
    told = next(one.value for one in app.markdown if "is dead" in one.value)
    zeros = (after(work.plan.layers[:2], work.plan.split(work.weights), images) == 0).mean()
    assert told.startswith(
        f"**{100 * zeros:.1f}\u202f%** of the 5\u202f408\u202f000 outputs are 0."
    )
    assert "**No filter is dead**: each gives something above 0 on every test image." in told
    app.button("to-inspect-See filter 4 in Inspect").click().run()
    assert app.title[0].value == "Inspect"
    assert app.session_state["session"].viewed.unit == "activation_1-map4"


def test_only_what_can_saturate_or_die_is_watched() -> None:
    run = services.run_store().run(services.EXAMPLE_RUN)

    def names(*activations: ActivationName) -> list[str]:
        blocks = tuple(
            replace(block, activation=Activation(name))
            for block, name in zip(ARTICLE.blocks, activations, strict=True)
        )
        network = replace(ARTICLE, blocks=blocks, dense=())
        return [one.name for one in watched(replace(run, job=replace(run.job, network=network)))]

    assert names("elu", "silu") == []
    assert names("tanh", "relu") == ["activation_1", "activation_2"]


def test_dead_and_rarely_awake_units_are_counted() -> None:
    nothing = np.zeros(3)
    awake = np.array([0, 0.02, 0.9])
    found = Activity("activation_1", 1000, 1, 1 - awake, nothing, nothing, awake, awake)
    told = at_rest(found, "unit")
    assert "1 of 3 units is **dead**" in told
    assert "1 is awake on less than 5\u202f% of the images." in told
