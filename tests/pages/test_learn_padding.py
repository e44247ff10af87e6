"""The padding lesson: every window moves as Keras moves it, and impossible windows are explained."""

import re
from itertools import product

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.inspection.forward import forward
from cnn.inspection.image.picture import shrunk
from cnn.lessons.moving_window import Window, mean_convolution
from cnn.network.spec import NetworkError, Padding
from cnn.ui.learn.lessons.padding import PROSE, formula
from tests.pages.conftest import Open

IMAGE = np.random.default_rng(1).integers(0, 256, (28, 28, 1), dtype=np.uint8)
PADDINGS: tuple[Padding, ...] = ("valid", "same")


def text(app: AppTest) -> str:
    return " ".join(
        element.value for element in (*app.caption, *app.markdown, *app.warning, *app.get("latex"))
    )


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(("cells", "kernel"), [(5, 5), (6, 3), (28, 2), (28, 7)])
def test_the_map_is_keras_s(padding: Padding, cells: int, kernel: int) -> None:
    for stride, dilation in ((1, 1), (2, 1), (4, 1), (1, 4)):
        window = Window(cells, kernel, stride, padding, dilation)
        image = shrunk(IMAGE, cells)
        layer = keras.layers.Conv2D(
            1,
            kernel,
            stride,
            padding,
            dilation_rate=dilation,
            kernel_initializer=lambda shape, dtype: keras.ops.full(shape, 1 / kernel**2, dtype),
        )
        if window.output < 1:
            with pytest.raises(NetworkError, match="nothing would be left"):
                mean_convolution(window)
            continue
        mine = forward(*mean_convolution(window), image[None])["convolution_1"]
        np.testing.assert_allclose(mine, layer(image[None] / np.float32(255)), atol=1e-5)
        assert formula(window).endswith(f"= {mine.shape[1]}")


def test_every_window_offered_is_drawn_or_its_impossibility_explained() -> None:
    drawn = 0
    for cells, kernel, stride, dilation, padding in product(
        (5, 13, 28), range(1, 8), range(1, 5), range(1, 5), PADDINGS
    ):
        window = Window(cells, kernel, stride, padding, dilation)
        try:
            layers, weights = mean_convolution(window)
        except NetworkError as error:
            assert (stride > 1 and dilation > 1) or window.output < 1
            assert str(error).endswith(".")
            continue
        drawn += 1
        assert layers.layer("convolution_1").output_shape == (window.output, window.output, 1)
        assert weights.sum() == pytest.approx(1, abs=1e-5)
    assert drawn > 200


def test_the_page_shows_the_keras_line_the_zeros_and_what_is_impossible(open_page: Open) -> None:
    app = open_page("Learn", lesson="padding", set="padding-same_stride-2")
    assert app.code[0].value == 'keras.layers.Conv2D(1, 3, strides=2, padding="same")'
    side = Window(28, 3, 2, "same", 1).side
    assert (side.before, side.after) == (0, 1)
    assert PROSE.text("same size", side=side) in text(app)
    app.query_params["set"] = "kernel-7_cells-5"
    app.run()
    assert "7" in app.warning[0].value and "5" in app.warning[0].value
    assert PROSE.text("way out") in app.warning[0].value
    app.query_params["set"] = "stride-2_dilation-2"
    app.run()
    assert re.search("stride.*dilation|dilation.*stride", app.warning[0].value, re.DOTALL)
    assert not app.code
    [stride] = [slider for slider in app.slider if str(slider.key).endswith("-stride")]
    stride.set_value(1).run()
    assert not app.warning
    [build] = [button for button in app.button if str(button.key).startswith("to-build-")]
    build.click().run()
    assert app.session_state["session"].network.blocks[0].dilation == 2
