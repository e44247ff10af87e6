"""The lesson on convolution: every kernel that it offers makes the map that SciPy makes."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal
from streamlit.testing.v1 import AppTest

from cnn.data.example import example_dataset
from cnn.inspection.classic_kernels import CLASSIC_KERNELS
from cnn.inspection.edits import Edits, KernelEdit
from cnn.inspection.forward import scaled
from cnn.lessons.colorize import colorized
from cnn.ui.common import formatting
from cnn.ui.common.formatting import escaped
from cnn.ui.learn import lesson_page
from cnn.ui.learn.lessons.convolution import PROSE
from tests.messages import messages
from tests.pages.conftest import Open

SHIRT, SNEAKER = 3545, 8713
BY_NAME = {kernel.name: kernel for kernel in CLASSIC_KERNELS}
SOBEL = BY_NAME["Sobel, vertical edges"].sized(3)


def maps(app: AppTest) -> NDArray[np.float32]:
    """The maps in the network view: (rows, columns, filters)."""
    assert not app.exception, app.exception
    for head, body in messages(app):
        if "layers" in head:
            start, count = head["rows"]["values"]
            values = np.frombuffer(body, "<f4")[start : start + count]
            layer = head["layers"][1]
            size = int(np.prod(layer["shape"]))
            return values[layer["values"] :][:size].reshape(layer["shape"])
    raise AssertionError("There is no network view.")


def correlated(image: NDArray[np.uint8], kernels: NDArray[np.float32]) -> NDArray[np.float64]:
    """By SciPy: the channels' correlations with `kernels` (side, side, channels), added up."""
    x = scaled(image).astype(float)
    parts = [
        signal.correlate2d(x[..., channel], kernels[..., channel], "valid")
        for channel in range(x.shape[2])
    ]
    return np.sum(parts, axis=0)


def change(app: AppTest, kind: str, name: str, value: object) -> None:
    """Set the control that the URL calls `name`."""
    [widget] = [one for one in app.get(kind) if str(one.key).endswith(f"-{name}")]
    widget.set_value(value).run()
    assert not app.exception, app.exception


def edit(app: AppTest, row: int, column: int, number: float | None) -> None:
    [editor] = app.data_editor
    rows = {row: {f"Column {column + 1}": number}}
    app.session_state[editor.key] = {"edited_rows": rows, "added_rows": [], "deleted_rows": []}
    app.run()
    assert not app.exception, app.exception


def test_every_kernel_at_every_size_makes_the_map_that_scipy_makes(open_page: Open) -> None:
    app = open_page("Learn", lesson="convolution")
    image = example_dataset().images[SHIRT]
    [box] = [one for one in app.selectbox if str(one.key).endswith("-preset")]
    assert set(BY_NAME) < set(box.options)
    for number, name in enumerate(box.options):
        change(app, "selectbox", "preset", box.options[number])
        for size in (3, 1 + number % 7):
            change(app, "slider", "size", size)
            kernel = app.data_editor[0].value.to_numpy(np.float32)
            assert kernel.shape == (size, size)
            if name in BY_NAME and size >= BY_NAME[name].side:
                np.testing.assert_array_equal(kernel, BY_NAME[name].sized(size))
            elif name in BY_NAME:
                assert len(app.info) == 1
            elif name == "Mean of the window":
                np.testing.assert_allclose(kernel, 1 / size**2)
            expected = correlated(image, kernel[..., None])
            np.testing.assert_allclose(maps(app)[..., 0], expected, atol=1e-5)
            formulas = "".join(one.value for one in app.markdown)
            assert f"28 - {size} + 1 = {len(expected)}" in formulas
        change(app, "slider", "size", 3)


def test_color_adds_the_channels_and_a_rotated_kernel_convolves(open_page: Open) -> None:
    app = open_page(
        "Learn", lesson="convolution", set="bias-0.5_image-color_channel-red_green-0_blue-0"
    )
    image = colorized(example_dataset().images[SHIRT])
    kernels = np.stack([SOBEL, 0 * SOBEL, 0 * SOBEL], axis=-1)
    np.testing.assert_allclose(maps(app)[..., 0], correlated(image, kernels) + 0.5, atol=1e-5)
    change(app, "segmented_control", "channel", "blue")
    change(app, "selectbox", "preset", "Emboss")
    kernels[..., 2] = BY_NAME["Emboss"].sized(3)
    np.testing.assert_allclose(maps(app)[..., 0], correlated(image, kernels) + 0.5, atol=1e-5)
    assert "blue-emboss" in app.query_params["set"]
    change(app, "toggle", "turned", True)
    convolved = sum(
        signal.convolve2d(scaled(image)[..., channel], kernels[..., channel], "valid")
        for channel in range(3)
    )
    np.testing.assert_allclose(maps(app)[..., 1], convolved + 0.5, atol=1e-5)
    change(app, "segmented_control", "channel", "all")
    [editor] = app.data_editor  # with the kernel of the first channel, red
    np.testing.assert_array_equal(editor.value.to_numpy(np.float32), SOBEL)


@pytest.mark.parametrize(
    ("kernel", "section"),
    [
        ("emboss", "different maps"),
        ("sobel-horizontal-edges", "opposite maps"),
        ("box-blur", "equal maps"),
    ],
)
def test_the_text_says_what_the_rotation_changes(
    open_page: Open, kernel: str, section: str
) -> None:
    app = open_page("Learn", lesson="convolution", set=f"turned-yes_kernel-{kernel}")
    first, second = np.moveaxis(maps(app), -1, 0)
    difference = np.abs(first - second)
    row, column = np.unravel_index(difference.argmax(), difference.shape)
    numbers: dict[str, object] = {"row": row + 1, "column": column + 1}
    numbers |= {"first": formatting.number(first[row, column])}
    numbers |= {"second": formatting.number(second[row, column])}
    if section == "equal maps":
        numbers = {}
    assert PROSE.text(section, **numbers) in [one.value for one in app.markdown]
    assert np.array_equal(first, second) == (section == "equal maps")
    assert np.allclose(first, -second, atol=1e-6) == (section == "opposite maps")


def test_the_text_lists_the_kernels_that_a_rotation_does_not_change() -> None:
    kernels = {name: kernel.sized(kernel.side) for name, kernel in BY_NAME.items()}
    text = PROSE.text("equal maps")
    for name, kernel in kernels.items():
        assert (name in text) == np.array_equal(kernel, kernel[::-1, ::-1]), name


def test_edited_weights_are_in_the_url_which_opens_the_same_kernel(open_page: Open) -> None:
    app = open_page("Learn", lesson="convolution")
    edit(app, 1, 2, 0.123456)
    assert app.query_params["set"] == "kernel--1~0~1~-2~0~0.1235~-1~0~1"
    expected = SOBEL.copy()
    expected[1, 2] = 0.1235
    for opened in (app, open_page("Learn", lesson="convolution", set=app.query_params["set"])):
        np.testing.assert_array_equal(opened.data_editor[0].value.to_numpy(np.float32), expected)
        image = example_dataset().images[SHIRT]
        np.testing.assert_allclose(
            maps(opened)[..., 0], correlated(image, expected[..., None]), atol=1e-5
        )
    for number in (None, 1e9):
        edit(app, 0, 0, number)
        assert "Row 1, column 1" in app.error[0].value
        assert app.query_params["set"] == "kernel--1~0~1~-2~0~0.1235~-1~0~1"
    change(app, "selectbox", "preset", "Identity")  # whatever is half typed
    assert not app.error and maps(app).max() <= 1


@pytest.mark.parametrize("text", ["1~2", "nan", "1001"])
def test_numbers_that_are_no_kernel_are_refused(open_page: Open, text: str) -> None:
    app = open_page("Learn", lesson="convolution", set=f"kernel-{text}")
    assert escaped(repr(text[:60])) in app.warning[0].value
    np.testing.assert_array_equal(app.data_editor[0].value.to_numpy(np.float32), SOBEL)


def test_it_is_carried_to_the_trained_network_and_to_a_new_one(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[str] = []
    monkeypatch.setattr(lesson_page.st, "switch_page", gone.append)
    app = open_page("Learn", lesson="convolution", set="kernel-emboss")
    session = app.session_state["session"]
    [carry] = [one for one in app.button if str(one.key).startswith("to-inspect-")]
    carry.click().run()
    emboss = tuple(BY_NAME["Emboss"].numbers)
    assert session.viewed.edits == Edits((KernelEdit("convolution_1", 0, 0, emboss),))
    assert (session.viewed.image, session.viewed.unit) == (SHIRT, "convolution_1-map1")
    change(app, "slider", "size", 5)
    assert not [one for one in app.button if str(one.key).startswith("to-inspect-")]
    [carry] = [one for one in app.button if str(one.key).startswith("to-build-")]
    carry.click().run()
    assert [block.kernel for block in session.network.blocks] == [5, 3]
    assert gone == ["pages/5_Inspect.py", "pages/3_Build.py"]


def test_the_figure_shows_the_right_answer(open_page: Open) -> None:
    app = open_page("Learn", lesson="convolution", image=str(SNEAKER))
    [radio] = app.radio
    for number, option in enumerate(radio.options):
        radio.set_value(number).run()
        assert bool(app.success) == (option == "Orange")
    change(app, "selectbox", "preset", "Sobel, horizontal edges")
    sole = np.flatnonzero(example_dataset().images[SNEAKER].any(axis=(1, 2)))[-1]
    # The last window that still lies on the sole with its upper row.
    assert np.median(maps(app)[sole, :, 0]) < -1
