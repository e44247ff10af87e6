"""The lesson on softmax: every number told is Keras's."""

from typing import Any

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.inspection.forward import forward
from cnn.ui.state import services
from tests.e2e.reading import check_number, read_number
from tests.pages.conftest import Open


def opened(open_page: Open, setup: str) -> AppTest:
    app = open_page("Learn", lesson="softmax", set=setup)
    assert not app.warning
    return app


def address(app: AppTest, setup: str) -> None:
    app.query_params["set"] = setup
    app.run()


def press(app: AppTest, label: str) -> None:
    [button] = [one for one in app.button if one.label == label]
    button.click().run()


def check(app: AppTest) -> None:
    """The table and the loss are what the code that is shown gives."""
    assert not app.exception, app.exception
    found: dict[str, Any] = {"keras": keras, "np": np}
    exec(app.code[0].value, found)
    table = app.dataframe[0].value
    shares = np.array(table["share of the sum"], float)
    np.testing.assert_allclose(shares[:-1], found["p"], atol=1e-4)  # logits shown to 4 digits
    assert shares[-1] == pytest.approx(1)
    exponentials = np.exp(np.array(table["divided by T"][:-1], float))
    for told, value in zip(table["e to that"], [*exponentials, exponentials.sum()], strict=True):
        check_number(told, value)
    [told] = [one.value for one in app.markdown if one.value.startswith("**Loss**")]
    loss = float(found["loss"])
    assert read_number(told.split()[1]) == pytest.approx(loss, rel=0.05, abs=1e-6)


def test_every_number_told_is_kerass(open_page: Open) -> None:
    app = opened(open_page, "")
    check(app)
    for setup in (
        "classes-5_z1--10_z5-10_temperature-0.1_true-6",
        "classes-4_temperature-5_add-10_true-4",
        "who-9~8~7~6~5_true-8",
        "logits-network_temperature-0.5_add--3",
    ):
        address(app, setup)
        assert not app.warning
        check(app)
    for text in ("1~2~3", "1~1~2~3~4", "1~2~3~4~10"):
        address(app, f"who-{text}")
        assert repr(text) in app.warning[0].value
        app.button("learn-understood").click().run()


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
    np.testing.assert_allclose(table["share of the sum"][:-1], outputs["softmax"][0], atol=1e-7)
    press(app, "The five largest on sliders")
    check(app)
    largest = np.argsort(-outputs["logits"][0])[:5]
    sliders = app.slider[:5]
    assert [one.label for one in sliders] == [data.classes[one] for one in largest]
    values = [one.value for one in sliders]
    np.testing.assert_allclose(values, outputs["logits"][0][largest], atol=0.0501)
    assert "who-" + "~".join(map(str, largest)) in app.query_params["set"]
    app.radio[0].set_value(0).run()
    assert app.info[0].value.startswith("Not so.")
    app.radio[0].set_value(2).run()
    assert app.success[0].value.startswith("Yes.")
    press(app, "A garment's softmax in Inspect")
    assert app.session_state["session"].viewed.unit == f"softmax-unit{data.labels[number] + 1}"


def test_two_classes_need_one_sigmoid_only(open_page: Open) -> None:
    app = opened(open_page, "part-two")
    for setup in ("", "_a--5_b-5", "_a-0.3_b-0.3"):
        address(app, f"part-two{setup}")
        code = app.code[0].value.splitlines()
        softmax, sigmoid = (float(eval(line, {"keras": keras, "np": np})) for line in code)
        both, single, difference = (one.value for one in app.metric)
        check_number(both, softmax)
        check_number(single, sigmoid)
        assert read_number(difference) < 1e-6
        [answer] = [one.value for one in app.markdown if "answer of both" in one.value]
        assert ("both alike" in answer) == (sigmoid == 0.5)
