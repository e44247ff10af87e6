"""The lesson on softmax: every number shown is Keras's."""

import math
from typing import Any

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.inspection.forward import forward
from cnn.ui.common import formatting
from cnn.ui.common.formatting import escaped
from cnn.ui.learn.figure import example
from cnn.ui.learn.lessons.softmax import PROSE, confident_mistakes
from cnn.ui.state import services
from tests.e2e.reading import check_number, numbers_in, read_number
from tests.pages.conftest import Open


def opened(open_page: Open, controls: str) -> AppTest:
    app = open_page("Learn", lesson="softmax", set=controls)
    assert not app.warning
    return app


def go_to(app: AppTest, controls: str) -> None:
    app.query_params["set"] = controls
    app.run()


def press(app: AppTest, label: str) -> None:
    [button] = [one for one in app.button if label in one.label]
    button.click().run()


def check(app: AppTest) -> None:
    """The table and the loss are what the code that is shown gives."""
    assert not app.exception, app.exception
    found: dict[str, Any] = {"keras": keras, "np": np}
    exec(app.code[0].value, found)
    table = app.dataframe[0].value
    shares = np.array(table["probability"], float)
    np.testing.assert_allclose(shares[:-1], found["p"], atol=1e-4)  # logits shown to 4 digits
    assert shares[-1] == pytest.approx(1)
    exponentials = np.exp(np.array(table["divided by T"][:-1], float))
    for shown, value in zip(
        table["e to that power"], [*exponentials, exponentials.sum()], strict=True
    ):
        check_number(shown, value)
    [sentence] = [one.value for one in app.markdown if one.value.startswith("**Loss**")]
    loss, probability = numbers_in(sentence)
    assert loss == pytest.approx(float(found["loss"]), rel=1e-3, abs=1e-6)
    if probability > 1e-3:  # what is shown can be recomputed
        assert loss == pytest.approx(-math.log(probability), rel=0.02, abs=1e-3)


def test_every_number_shown_is_kerass(open_page: Open) -> None:
    app = opened(open_page, "")
    check(app)
    for controls in (
        "classes-5_z1--10_z5-10_temperature-0.1_true-6",
        "classes-4_temperature-5_add-10_true-4",
        "who-9~8~7~6~5_true-8",
        "logits-network_temperature-0.5_add--3",
    ):
        go_to(app, controls)
        assert not app.warning
        check(app)
    for text in ("1~2~3", "1~1~2~3~4", "1~2~3~4~10"):
        go_to(app, f"who-{text}")
        assert escaped(repr(text)) in app.warning[0].value
        app.button("learn-dismiss-notices").click().run()


def test_the_networks_logits_and_the_five_largest_of_them(open_page: Open) -> None:
    app = opened(open_page, "logits-network")
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    number = services.image_number(None, data)
    weights = services.weights(run.id, run.last_epoch)
    image = data.dataset.images[number]
    outputs = forward(services.run_plan(run), weights, image[None])
    table = app.dataframe[0].value
    np.testing.assert_array_equal(table["logit z"][:-1], outputs["logits"][0])
    np.testing.assert_allclose(table["probability"][:-1], outputs["softmax"][0], atol=1e-7)
    press(app, "five largest")
    check(app)
    largest = np.argsort(-outputs["logits"][0])[:5]
    sliders = app.slider[:5]
    assert [one.label for one in sliders] == [data.classes[one] for one in largest]
    values = [one.value for one in sliders]
    np.testing.assert_allclose(values, outputs["logits"][0][largest], atol=0.0501)
    assert "who-" + "~".join(map(str, largest)) in app.query_params["set"]
    app.radio[0].set_value(0).run()
    assert app.info and not app.success
    app.radio[0].set_value(2).run()
    assert app.success and not app.info
    press(app, "Inspect")
    assert app.session_state["session"].viewed.unit == f"softmax-unit{data.labels[number] + 1}"


def test_two_classes_need_one_sigmoid_only(open_page: Open) -> None:
    app = opened(open_page, "part-two")
    for logits in ("", "_a--5_b-5", "_a-0.3_b-0.3"):
        go_to(app, f"part-two{logits}")
        code = app.code[0].value.splitlines()
        softmax, sigmoid = (float(eval(line, {"keras": keras, "np": np})) for line in code)
        both, single, difference = (one.value for one in app.metric)
        check_number(both, softmax)
        check_number(single, sigmoid)
        assert read_number(difference) < 1e-6
        predictions = [one.value for one in app.markdown if one.value.startswith("Prediction")]
        names = [name for name in ("Sneaker", "Ankle boot") if name in predictions[0]]
        assert names == ([] if sigmoid == 0.5 else [["Ankle boot"], ["Sneaker"]][sigmoid > 0.5])


def test_confident_mistakes_are_counted(open_page: Open) -> None:
    app = opened(open_page, "")
    mistakes, confident, images = confident_mistakes()
    item = example()
    pixels, labels = item.data.dataset.images, item.data.labels
    probabilities = forward(item.plan, item.weights, pixels[item.data.test])["softmax"]
    wrong = probabilities.argmax(axis=1) != labels[item.data.test]
    sure = probabilities.max(axis=1) >= 0.9
    assert (mistakes, confident, images) == (wrong.sum(), (wrong & sure).sum(), len(wrong))
    sentence = PROSE.text(
        "confidence", mistakes=mistakes, images=formatting.thousands(images), confident=confident
    )
    assert sentence in [one.value for one in app.markdown]
