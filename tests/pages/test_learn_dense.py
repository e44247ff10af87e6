"""The lesson on flatten and dense layers: its numbers are those of the operations and of Keras."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn import operations
from cnn.inspection.forward import forward
from cnn.network.keras_model import build
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Bridge, Network, Pooling
from cnn.ui.common import formatting
from cnn.ui.learn.example_run import AtWork
from cnn.ui.learn.lessons.dense_unit import as_convolution
from cnn.ui.state import services
from tests.e2e.reading import check_number, numbers_in
from tests.pages.conftest import Open


@pytest.fixture(scope="module")
def at_work() -> AtWork:
    """The shipped network on the garment that the lesson begins with."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    number = services.image_number(None, data)
    weights = services.weights(run.id, run.last_epoch)
    return AtWork(run, data, services.run_plan(run), weights, number)


def opened(open_page: Open, setup: str) -> AppTest:
    app = open_page("Learn", lesson="dense", set=setup)
    assert not app.warning
    return app


def text(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.get("latex")])


def set_to(app: AppTest, **values: int) -> None:
    for name, value in values.items():
        [slider] = [one for one in app.slider if str(one.key).endswith(f"-{name}")]
        slider.set_value(value)
    app.run()
    assert not app.exception, app.exception


def test_a_cell_stands_where_flatten_and_keras_put_it(open_page: Open, at_work: AtWork) -> None:
    app = opened(open_page, "")
    maps = at_work.outputs["pooling_2"]
    for cell in ((1, 1, 1), (2, 1, 5), (3, 4, 2), (5, 5, 8)):
        set_to(app, row=cell[0], column=cell[1], map=cell[2])
        at = tuple(one - 1 for one in cell)
        marked = np.zeros((1, *maps.shape), np.float32)
        marked[(0, *at)] = 1
        place = int(operations.flatten(marked)[0].argmax()) + 1
        assert place == int(np.argmax(keras.layers.Flatten()(marked)[0])) + 1
        told = text(app)
        assert f"= {place}\n" in told
        assert f"`row[{place - 1}]`" in told
        assert f"Place {place} holds **{formatting.number(maps[at])}**" in told


def test_a_units_sum_is_that_of_the_dense_layer(open_page: Open, at_work: AtWork) -> None:
    app = opened(open_page, "part-unit")
    kernel = at_work.plan.split(at_work.weights)["dense_1/kernel"]
    for unit in (1, 17, 100):
        set_to(app, unit=unit)
        products = at_work.outputs["flatten"].astype(float) * kernel[:, unit - 1]
        [sentence] = [one.value for one in app.markdown if "speak for" in one.value]
        counts = [(products > 0).sum(), products[products > 0].sum()]
        counts += [(products < 0).sum(), -products[products < 0].sum()]
        for told, value in zip(numbers_in(sentence)[-4:], counts, strict=True):
            check_number(str(told).removesuffix(".0"), float(value))
        total = float(at_work.outputs["dense_1"][unit - 1])
        assert f"&= {formatting.number(total).replace('−', '-')}\n" in text(app)


def test_a_unit_laid_back_as_maps_is_the_same_sum(at_work: AtWork) -> None:
    for unit in (1, 50, 100):
        layers, weights = as_convolution(at_work, unit)
        [found] = forward(layers, weights, at_work.image[None])["convolution_3"].ravel()
        assert found == pytest.approx(float(at_work.outputs["dense_1"][unit - 1]), abs=1e-5)


def test_costs_are_counted_as_keras_counts_them_and_carried_to_build(open_page: Open) -> None:
    app = opened(open_page, "part-parameters")
    settings: tuple[tuple[Bridge, int, int], ...]
    settings = (("flatten", 512, 1), ("flatten", 1, 8), ("global_average", 100, 2))
    for bridge, units, window in settings:
        [bridges] = [one for one in app.segmented_control if one.label == "From maps to a row"]
        bridges.set_value("average" if bridge == "global_average" else bridge)
        set_to(app, units=units, window=window)
        last = replace(ARTICLE.blocks[1], pooling=Pooling("max", window, window))
        dense = replace(ARTICLE.dense[0], units=units)
        network = Network((ARTICLE.blocks[0], last), bridge, (dense,))
        model = build(plan(network, (28, 28, 1), 10), 0)
        counted = model.get_layer("dense_1").count_params()
        told = text(app).replace(r"\,", "").replace("\u202f", "")
        assert f"**Parameters**: {model.count_params()}\n" in told
        assert f"= {counted} \\\\" in told
        assert f"= {100 * counted / model.count_params():.1f}\\%" in told
    [button] = [one for one in app.button if one.label == "This network in Build"]
    button.click().run()
    assert app.session_state["session"].network == network


def test_the_question_has_kerass_numbers_and_a_place_is_carried_to_inspect(
    open_page: Open,
) -> None:
    app = opened(open_page, "")
    averaged = build(plan(replace(ARTICLE, bridge="global_average"), (28, 28, 1), 10), 0)
    right = str(averaged.get_layer("dense_1").count_params())
    place = app.radio[0].options.index(right)
    app.radio[0].set_value((place + 1) % 3).run()
    assert app.info[0].value.startswith("Not so.")
    app.radio[0].set_value(place).run()
    assert app.success[0].value.startswith("Yes.")
    [button] = [one for one in app.button if one.label == "This place in Inspect"]
    button.click().run()
    assert app.session_state["session"].viewed.unit == "flatten-unit45"
