"""The lesson on dense layers: its numbers are those of the operations and of Keras."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn import operations
from cnn.inspection.forward import forward
from cnn.lessons.unit_as_convolution import unit_as_convolution
from cnn.network.keras import build
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Flattening, Network, Pooling
from cnn.ui.common import formatting
from cnn.ui.common.prose import significant, tex, tex_count
from cnn.ui.learn.figure import Example, example
from cnn.ui.learn.lessons.dense import PROSE
from tests.pages.conftest import Open


@pytest.fixture(scope="module")
def item() -> Example:
    """The item that the lesson starts with."""
    return example()


def opened(open_page: Open, controls: str) -> AppTest:
    app = open_page("Learn", lesson="dense", set=controls)
    assert not app.warning
    return app


def text(app: AppTest) -> str:
    return "\n".join(one.value for one in app.markdown)


def set_to(app: AppTest, **values: int) -> None:
    for name, value in values.items():
        [slider] = [one for one in app.slider if str(one.key).endswith(f"-{name}")]
        slider.set_value(value)
    app.run()
    assert not app.exception, app.exception


def test_a_cell_is_where_flatten_and_keras_put_it(open_page: Open, item: Example) -> None:
    app = opened(open_page, "")
    maps = item.outputs["pooling_2"]
    for cell in ((1, 1, 1), (2, 1, 5), (3, 4, 2), (5, 5, 8)):
        set_to(app, row=cell[0], column=cell[1], map=cell[2])
        at = tuple(one - 1 for one in cell)
        marked = np.zeros((1, *maps.shape), np.float32)
        marked[(0, *at)] = 1
        place = int(operations.flatten(marked)[0].argmax()) + 1
        assert place == int(np.argmax(keras.layers.Flatten()(marked)[0])) + 1
        assert f"= {place}\n" in text(app)
        value = significant(float(maps[at]))
        _, width, count = maps.shape
        explanation = PROSE.text(
            "flatten",
            shape=formatting.shape(maps.shape),
            count=maps.size,
            width=width,
            maps=count,
            row_length=width * count,
            rows_before=at[0],
            columns_before=at[1],
            map=at[2] + 1,
            position=place,
            value=value,
            index=place - 1,
        )
        assert explanation in text(app)


def test_a_units_sum_is_that_of_the_dense_layer(open_page: Open, item: Example) -> None:
    app = opened(open_page, "part-unit")
    arrays = item.plan.split(item.weights)
    kernel, biases = arrays["dense_1/kernel"], arrays["dense_1/bias"]
    for unit in (1, 17, 100):
        set_to(app, unit=unit)
        products = item.outputs["flatten"].astype(float) * kernel[:, unit - 1]
        total, bias = float(item.outputs["dense_1"][unit - 1]), float(biases[unit - 1])
        sentences = PROSE.text(
            "unit",
            inputs=len(products),
            positive_count=(products > 0).sum(),
            positive_sum=products[products > 0].sum(),
            negative_count=(products < 0).sum(),
            negative_sum=-products[products < 0].sum(),
            products=total - bias,
            bias=bias,
            z=total,
            after=float(item.outputs["dense_activation_1"][unit - 1]),
        )
        assert sentences in text(app)
        assert f"&= {tex(total)}\n" in text(app)


def test_a_unit_as_a_convolution_gives_the_same_sum(item: Example) -> None:
    for unit in (1, 50, 100):
        layers, weights = unit_as_convolution(item.plan, item.weights, unit)
        [found] = forward(layers, weights, item.image[None])["convolution_3"].ravel()
        assert found == pytest.approx(float(item.outputs["dense_1"][unit - 1]), abs=1e-5)


def test_costs_are_counted_as_keras_counts_them_and_carried_to_build(open_page: Open) -> None:
    app = opened(open_page, "part-parameters")
    settings: tuple[tuple[Flattening, int, int], ...]
    settings = (("flatten", 512, 1), ("flatten", 1, 8), ("global_average", 100, 2))
    for flattening, units, window in settings:
        [flattenings] = [one for one in app.segmented_control if str(one.key).endswith("-bridge")]
        flattenings.set_value("average" if flattening == "global_average" else flattening)
        set_to(app, units=units, window=window)
        last = replace(ARTICLE.blocks[1], pooling=Pooling("max", window, window))
        dense = replace(ARTICLE.dense[0], units=units)
        network = Network((ARTICLE.blocks[0], last), flattening, (dense,))
        model = build(plan(network, (28, 28, 1), 10), 0)
        counted = model.get_layer("dense_1").count_params()
        assert f"**Parameters**: {formatting.thousands(model.count_params())}\n" in text(app)
        assert f"= {tex_count(counted)} \\\\" in text(app)
        assert f"= {100 * counted / model.count_params():.1f}\\%" in text(app)
    [button] = [one for one in app.button if str(one.key).startswith("to-build-")]
    button.click().run()
    assert app.session_state["session"].network == network


def test_the_question_has_kerass_numbers_and_a_position_is_carried_to_inspect(
    open_page: Open,
) -> None:
    app = opened(open_page, "")
    averaged = build(plan(replace(ARTICLE, flattening="global_average"), (28, 28, 1), 10), 0)
    right = formatting.thousands(averaged.get_layer("dense_1").count_params())
    place = app.radio[0].options.index(right)
    app.radio[0].set_value((place + 1) % 3).run()
    assert app.info and not app.success
    app.radio[0].set_value(place).run()
    assert app.success and not app.info
    [button] = [one for one in app.button if str(one.key).startswith("to-inspect-")]
    button.click().run()
    assert app.session_state["session"].viewed.unit == "flatten-unit45"
