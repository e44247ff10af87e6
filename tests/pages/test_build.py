"""The Build page: every change is answered, nothing impossible ends in a traceback."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cnn.network.link import from_text, to_text
from cnn.network.presets import ARTICLE, PRESETS
from cnn.network.spec import ConvolutionBlock
from tests.pages.conftest import Open


def network_of(app: AppTest) -> object:
    return app.session_state["session"].network


def click(app: AppTest, label: str) -> AppTest:
    [button] = [one for one in app.button if one.label == label and not one.disabled][:1]
    return button.click().run()


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_the_article_is_there_at_first_with_its_known_costs(open_page: Open) -> None:
    app = open_page("Build")
    assert network_of(app) == ARTICLE
    assert metrics(app)["Parameters"] == "21,446"
    assert metrics(app)["Multiply-accumulates"] == "80,184"
    table = app.table[0].value
    assert list(table["output"])[:3] == ["26 × 26 × 4", "26 × 26 × 4", "13 × 13 × 4"]
    assert table["sees"].tolist()[:6] == ["3 × 3", "3 × 3", "4 × 4", "8 × 8", "8 × 8", "10 × 10"]
    assert table["memory"][0] == "11.0 kB"  # 4 bytes for each of 40 weights and 2,704 values


def test_a_slider_changes_the_network_the_costs_and_the_code(open_page: Open) -> None:
    app = open_page("Build")
    app.slider[0].set_value(12).run()
    assert network_of(app).blocks[0].filters == 12
    assert "layers.Conv2D(12, 3" in app.code[0].value
    assert metrics(app)["Parameters"] != "21,446"


def test_a_stride_and_a_dilation_exclude_each_other(open_page: Open) -> None:
    def sliders() -> tuple[Any, Any]:
        [stride, dilation] = [
            next(one for one in app.slider if one.label == name) for name in ("Stride", "Dilation")
        ]
        return stride, dilation

    app = open_page("Build", net="conv4x3-d3-relu_flatten_softmax")
    stride, dilation = sliders()
    assert (stride.disabled, dilation.disabled, dilation.value) == (True, False, 3)
    assert any("set the dilation to 1 to have a stride" in one.value for one in app.caption)
    assert "layers.Conv2D(4, 3, dilation_rate=3" in app.code[0].value
    assert app.table[0].value["sees"][0] == "7 × 7"
    dilation.set_value(1).run()
    # Both moved before the page had answered: the stride counts.
    for one in sliders():
        one.set_value(2)
    app.run()
    assert not app.exception
    stride, dilation = sliders()
    assert (stride.disabled, dilation.disabled, dilation.value) == (False, True, 1)
    assert to_text(network_of(app)) == "conv4x3-s2-relu_flatten_softmax"
    stride.set_value(1).run()
    stride, dilation = sliders()
    assert not (stride.disabled or dilation.disabled)
    assert to_text(network_of(app)) == "conv4x3-relu_flatten_softmax"


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_can_be_chosen_and_undone(open_page: Open, name: str) -> None:
    app = open_page("Build", net="conv3x2-tanh_flatten_softmax")
    before = network_of(app)
    [preset] = [box for box in app.selectbox if box.label == "Start from a preset"]
    preset.set_value(name).run()
    assert network_of(app) == PRESETS[name].network
    assert not app.exception and not app.error
    click(app, "Undo")
    assert network_of(app) == before


def test_blocks_are_added_duplicated_moved_and_removed(open_page: Open) -> None:
    app = open_page("Build")
    first, second = ARTICLE.blocks
    click(app, "Add a convolution block")
    assert network_of(app).blocks == (first, second, ConvolutionBlock())
    click(app, "Down")
    assert network_of(app).blocks == (second, first, ConvolutionBlock())
    click(app, "Duplicate")
    assert network_of(app).blocks == (second, second, first, ConvolutionBlock())
    click(app, "Remove")
    assert network_of(app).blocks == (second, first, ConvolutionBlock())
    for _ in range(3):
        click(app, "Undo")
    click(app, "Undo")
    assert network_of(app) == ARTICLE


def test_an_impossible_network_names_the_layer_and_is_mended_by_one_click(open_page: Open) -> None:
    app = open_page("Build", net="conv4x11-max4_conv8x7-relu_flatten_softmax")
    assert "7 x 7 convolution of block 2" in app.error[0].value
    repairs = [b for b in app.button if b.icon == ":material/build:"]
    assert len(repairs) >= 2
    repairs[0].click().run()
    assert not app.error
    assert metrics(app)["Parameters"]


def test_a_mangled_address_gets_a_sentence_and_the_article(open_page: Open) -> None:
    app = open_page("Build", net="conv4x3-rleu_flatten_softmax", epoch="-3", data="!!", train="x")
    assert network_of(app) == ARTICLE
    told = " ".join(warning.value for warning in app.warning).replace("\\", "")
    assert "'rleu' is not a setting" in told
    assert "epoch '-3'" in told
    assert "the data '!!'" in told
    assert "the training 'x'" in told


def test_sigmoid_output_for_ten_classes_is_refused_with_a_way_out(open_page: Open) -> None:
    app = open_page("Build", net="flatten_sigmoid")
    assert "these data have 10" in app.error[0].value
    click(app, "Use a softmax output")
    assert to_text(network_of(app)) == "flatten_softmax"


def test_the_notebook_and_the_script_can_be_had(open_page: Open) -> None:
    app = open_page("Build")
    assert [button.label for button in app.get("download_button")] == [
        "Python script",
        "Jupyter notebook",
    ]
    compile(app.code[0].value, "cnn.py", "exec")


def test_the_address_follows_the_network(open_page: Open) -> None:
    app = open_page("Build")
    app.slider[0].set_value(9).run()
    [text] = (
        [app.query_params["net"]]
        if isinstance(app.query_params["net"], str)
        else app.query_params["net"]
    )
    assert from_text(text) == network_of(app)
    assert json.dumps(text).isascii()


def test_the_preset_box_can_be_cleared_and_used_again(open_page: Open) -> None:
    def box(app: AppTest) -> Any:
        return next(one for one in app.selectbox if one.label == "Start from a preset")

    app = open_page("Build")
    box(app).set_value("article").run()
    app.slider[0].set_value(9).run()
    box(app).set_value("article").run()
    assert network_of(app) == ARTICLE
    box(app).set_value(None).run()
    assert not app.exception
    assert network_of(app) == ARTICLE
