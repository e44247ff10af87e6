"""The last lesson: the numbers of the famous networks, and the presets that lead to Build."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from cnn.network.originals import ORIGINALS
from cnn.network.plan import plan
from cnn.network.presets import PRESETS
from cnn.network.spec import ConvolutionBlock, Network
from cnn.ui.common import formatting
from cnn.ui.learn.lessons.beyond import PROSE
from tests.e2e.reading import read_number
from tests.pages.conftest import Open


@pytest.mark.parametrize("name", ["lenet5", "alexnet", "vgg"])
def test_a_network_is_shown_as_it_was_and_as_it_can_be_built(open_page: Open, name: str) -> None:
    app = open_page("Learn", lesson="beyond", set=f"net-{name}")
    for size, shown in (
        ("original", ORIGINALS[name]),
        ("small", plan(PRESETS[name].network, (28, 28, 1), 10)),
    ):
        [choice] = [one for one in app.segmented_control if str(one.key).endswith("-size")]
        choice.set_value(size).run()
        assert not app.exception, app.exception
        table = app.table[0].value
        assert table["parameters"].sum() == shown.parameters
        assert table["output"].tolist() == [
            formatting.shape(one.output_shape) for one in shown.layers
        ]
        count = formatting.thousands(shown.parameters)
        assert any(f" {count} " in one.value for one in app.markdown)
    [button] = [one for one in app.button if str(one.key).startswith("to-build-")]
    button.click().run()
    assert app.session_state["session"].network == PRESETS[name].network
    assert app.title[0].value == "Network"


def test_stacked_small_kernels_are_compared_with_a_large_one(open_page: Open) -> None:
    app = open_page("Learn", lesson="beyond", set="net-vgg")
    [slider] = [one for one in app.slider if str(one.key).endswith("-stack")]
    for count in range(1, 6):
        slider.set_value(count).run()
        assert not app.exception, app.exception
        side, maps = 2 * count + 1, 16
        shape = (28, 28, maps)
        small, large = (
            plan(Network((ConvolutionBlock(maps, kernel, pooling=None),) * number), shape, 10)
            .upto(f"convolution_{number}")
            .parameters
            for kernel, number in ((3, count), (side, 1))
        )
        comparison = PROSE.text(
            "stack",
            count=count,
            side=side,
            parameters=formatting.thousands(small),
            single=formatting.thousands(large),
            maps=maps,
        )
        assert comparison in [one.value for one in app.markdown]


def sizes_in_words(app: AppTest) -> str:
    """The sentences with the four sizes, each in bold."""
    [sentences] = [one.value for one in app.markdown if one.value.count("**") == 8]
    return sentences


@pytest.mark.parametrize(
    "controls", ["layers-2_spread-0.2", "layers-40_spread-0.2", "layers-40_spread-1.5"]
)
def test_the_sizes_along_the_layers_are_numbers(open_page: Open, controls: str) -> None:
    app = open_page("Learn", lesson="beyond", set=f"net-resnet_{controls}")
    assert len(app.get("vega_lite_chart")) == 2
    assert any(str(one.key).startswith("to-build-") for one in app.button)
    assert "∞" not in sizes_in_words(app) and "nan" not in sizes_in_words(app)


def test_with_good_initial_weights_the_plain_stack_keeps_its_signal(open_page: Open) -> None:
    app = open_page("Learn", lesson="beyond", set="net-resnet")
    plain = read_number(sizes_in_words(app).split("**")[1])
    assert 0.01 < plain < 100
    app.query_params["set"] = "net-resnet_spread-0.3"
    app.run()
    lost = sizes_in_words(app).split("**")[1]
    assert int(re.findall(r"10\^{(-\d+)}", lost)[0]) < -12


@pytest.mark.parametrize(
    "controls", ["garments-0", "garments-1_down-28_right-28_sure-50", "sure-99"]
)
def test_every_canvas_is_read(open_page: Open, controls: str) -> None:
    app = open_page("Learn", lesson="beyond", set=f"net-yolo_{controls}")
    assert any(formatting.thousands(1_628_976) in one.value for one in app.caption)
    assert any(formatting.thousands(5_131_776) in one.value for one in app.caption)
