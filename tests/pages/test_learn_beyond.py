"""Lesson 10: the numbers of the famous networks, and the presets that lead to Build."""

import pytest

from cnn.network.originals import ORIGINALS
from cnn.network.plan import plan
from cnn.network.presets import PRESETS
from cnn.ui.common import formatting
from tests.pages.conftest import Open


@pytest.mark.parametrize("name", ["lenet5", "alexnet", "vgg"])
def test_a_network_is_shown_as_it_was_and_as_it_can_be_built(open_page: Open, name: str) -> None:
    app = open_page("Learn", lesson="beyond", set=f"net-{name}")
    for size, shown in (
        ("original", ORIGINALS[name]),
        ("small", plan(PRESETS[name].network, (28, 28, 1), 10)),
    ):
        [choice] = [one for one in app.segmented_control if one.label == "As large as"]
        choice.set_value(size).run()
        assert not app.exception, app.exception
        table = app.dataframe[0].value
        assert table["parameters"].sum() == shown.parameters
        assert table["output"].tolist() == [
            formatting.shape(one.output_shape) for one in shown.layers
        ]
        count = formatting.thousands(shown.parameters)
        assert any(
            f"What is drawn here has {count} parameters" in one.value for one in app.markdown
        )
    [button] = [one for one in app.button if one.label.endswith("in Build")]
    button.click().run()
    assert app.session_state["session"].network == PRESETS[name].network
    assert app.title[0].value == "Network"


def test_small_kernels_in_a_row_are_counted_against_a_large_one(open_page: Open) -> None:
    app = open_page("Learn", lesson="beyond", set="net-vgg")
    [slider] = [one for one in app.slider if one.label.startswith("3 × 3 convolutions")]
    for count in range(1, 6):
        slider.set_value(count).run()
        assert not app.exception, app.exception
        side, maps = 2 * count + 1, 16
        [told] = [one.value for one in app.markdown if one.value.startswith(f"{count} of 3 × 3")]
        assert f"**{side} × {side}**" in told
        small, large = count * (9 * maps**2 + maps), side**2 * maps**2 + maps
        assert (
            f"**{formatting.thousands(small)}**" in told
            and f"**{formatting.thousands(large)}**" in told
        )


@pytest.mark.parametrize(
    "setup", ["layers-2_spread-0.2", "layers-40_spread-0.2", "layers-40_spread-1.5"]
)
def test_the_sizes_along_the_layers_are_numbers(open_page: Open, setup: str) -> None:
    app = open_page("Learn", lesson="beyond", set=f"net-resnet_{setup}")
    assert len(app.get("vega_lite_chart")) == 2
    [told] = [one.value for one in app.markdown if one.value.startswith("The maps of this garment")]
    assert any(one.label == "Open a plain stack of five in Build" for one in app.button)
    assert "∞" not in told and "not a number" not in told and "**0**" not in told


@pytest.mark.parametrize("setup", ["garments-0", "garments-1_down-28_right-28_sure-50", "sure-99"])
def test_every_canvas_is_read(open_page: Open, setup: str) -> None:
    app = open_page("Learn", lesson="beyond", set=f"net-yolo_{setup}")
    assert any("1\u202f628\u202f976 multiply-accumulates" in one.value for one in app.caption)
    assert any("5\u202f131\u202f776" in one.value for one in app.caption)
