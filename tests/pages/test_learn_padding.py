"""Lesson 3: every window there can be moves as Keras moves it, and what cannot be is said."""

import re
from itertools import product

import keras
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.inspection.forward import forward
from cnn.inspection.image.picture import shrunk
from cnn.network.spec import NetworkError, Padding
from cnn.ui.learn.lessons.padding import Move, beginning, formula
from tests.pages.conftest import Open

IMAGE = np.random.default_rng(1).integers(0, 256, (28, 28, 1), dtype=np.uint8)
PADDINGS: tuple[Padding, ...] = ("valid", "same")


def told(app: AppTest) -> str:
    return " ".join(
        one.value for one in (*app.caption, *app.markdown, *app.warning, *app.get("latex"))
    )


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(("cells", "kernel"), [(5, 5), (6, 3), (28, 2), (28, 7)])
def test_the_map_is_keras_s(padding: Padding, cells: int, kernel: int) -> None:
    for stride, dilation in ((1, 1), (2, 1), (4, 1), (1, 4)):
        move = Move(cells, kernel, stride, padding, dilation)
        image = shrunk(IMAGE, cells)
        layer = keras.layers.Conv2D(
            1,
            kernel,
            stride,
            padding,
            dilation_rate=dilation,
            kernel_initializer=lambda shape, dtype: keras.ops.full(shape, 1 / kernel**2, dtype),
        )
        if move.output < 1:
            with pytest.raises(NetworkError, match="nothing would be left"):
                beginning(move)
            continue
        mine = forward(*beginning(move), image[None])["convolution_1"]
        np.testing.assert_allclose(mine, layer(image[None] / np.float32(255)), atol=1e-5)
        assert formula(move).endswith(f"= {mine.shape[1]}")


def test_every_window_offered_is_drawn_or_its_impossibility_said() -> None:
    drawn = 0
    for cells, kernel, stride, dilation, padding in product(
        (5, 13, 28), range(1, 8), range(1, 5), range(1, 5), PADDINGS
    ):
        move = Move(cells, kernel, stride, padding, dilation)
        try:
            layers, weights = beginning(move)
        except NetworkError as error:
            assert (stride > 1 and dilation > 1) or move.output < 1
            assert str(error).endswith(".")
            continue
        drawn += 1
        assert layers.layer("convolution_1").output_shape == (move.output, move.output, 1)
        assert weights.sum() == pytest.approx(1, abs=1e-5)
    assert drawn > 200


def test_the_page_has_the_sizes_the_zeros_and_the_sentences(open_page: Open) -> None:
    app = open_page("Learn", lesson="padding", set="padding-same_stride-2")
    assert app.code[0].value == 'keras.layers.Conv2D(1, 3, strides=2, padding="same")'
    assert "Rows of zeros above: 0, below: 1" in told(app)
    app.query_params["set"] = "kernel-7_cells-5"
    app.run()
    assert "needs at least 7 x 7 cells and gets 5 x 5" in app.warning[0].value
    app.query_params["set"] = "stride-2_dilation-2"
    app.run()
    assert re.search("stride.*dilation|dilation.*stride", app.warning[0].value, re.DOTALL)
    assert not app.code
    [stride] = [one for one in app.slider if one.label == "Stride"]
    stride.set_value(1).run()
    assert not app.warning
    app.button("to-build-Build with this window").click().run()
    assert app.session_state["session"].network.blocks[0].dilation == 2
