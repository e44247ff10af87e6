"""The lesson on what a CNN is: the numbers that it shows are those of the image."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from cnn.data.example import example_dataset
from cnn.inspection.forward import probabilities
from cnn.lessons.colorize import colorized
from cnn.ui.common import formatting
from cnn.ui.common.prose import tex_count
from cnn.ui.learn import lesson_page
from cnn.ui.learn.lessons.images import PROSE
from cnn.ui.state import services
from tests.messages import messages
from tests.pages.conftest import Open

SHIRT = 3545


def pixel_views(app: AppTest) -> dict[str, tuple[dict[str, Any], NDArray[np.uint8]]]:
    """The images made of pixels, by their name: what describes them, and the pixels."""
    assert not app.exception, app.exception
    views = {}
    for head, body in messages(app):
        if "of" in head:
            pixels = np.frombuffer(body, np.uint8).reshape(head["shape"])
            views[head["label"]] = head, pixels
    return views


def change(app: AppTest, kind: str, name: str, value: object) -> None:
    """Set the control that the URL calls `name`."""
    [widget] = [one for one in app.get(kind) if str(one.key).endswith(f"-{name}")]
    widget.set_value(value).run()
    assert not app.exception, app.exception


def test_the_prediction_is_that_of_the_example_run(open_page: Open) -> None:
    app = open_page("Learn", lesson="images")
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    plan, weights = services.run_plan(run), services.weights(run.id, run.last_epoch)
    prediction = probabilities(plan, weights, data.dataset.images[SHIRT : SHIRT + 1])[0]
    sentence = PROSE.text(
        "correct prediction",
        predicted=data.classes[prediction.argmax()],
        probability=formatting.percent(prediction.max()),
    )
    assert data.classes[prediction.argmax()] == "Shirt"
    assert sentence in [one.value for one in app.markdown]


def test_every_part_of_a_gray_image_has_its_own_numbers(open_page: Open) -> None:
    app = open_page("Learn", lesson="images", set="part-gray_row-9_column-15")
    image = example_dataset().images[SHIRT]
    walk = ((7, "1"), (14, "255"), (3, "none"), (1, "1"), (28, "255"), (28, "1"))
    for side, written in walk:
        change(app, "segmented_control", "side", str(side))
        change(app, "segmented_control", "as", written)
        top, left = (8, 14) if side < 28 else (0, 0)
        assert [one.value for one in app.slider] == ([top + 1, left + 1] if side < 28 else [])
        shown = pixel_views(app)
        [(head, pixels)] = [one for name, one in shown.items() if not name.endswith("whole")]
        np.testing.assert_array_equal(pixels, image[top : top + side, left : left + side])
        assert (head["numbers"], head["of"]) == (written != "none", 1 if written == "1" else 255)
        if side < 28:
            assert shown["Shirt, whole"][0]["box"] == [top, left, side]
        middle = image[top + side // 2, left + side // 2, 0]
        assert any(rf"\frac{{{middle}}}{{255}}" in one.value for one in app.markdown)


def test_a_color_image_is_split_and_put_together(open_page: Open) -> None:
    app = open_page("Learn", lesson="images", set="part-color_red-no")
    image = colorized(example_dataset().images[SHIRT])
    part = image[5:12, 5:12]
    shown = pixel_views(app)
    for channel, name in enumerate(("red", "green", "blue")):
        head, pixels = shown[f"Shirt, {name}: Rows 6 to 12, columns 6 to 12"]
        assert (head["channel"], head["numbers"]) == (channel, True)
        np.testing.assert_array_equal(pixels, part)
    assert any("120,\\ 27,\\ 39" in one.value for one in app.markdown)
    assert part[3, 3].tolist() == [120, 27, 39]
    without_red = part * np.array([0, 1, 1], np.uint8)
    together = "Shirt in color: Rows 6 to 12, columns 6 to 12"
    np.testing.assert_array_equal(shown[together][1], without_red)
    change(app, "toggle", "red", True)
    np.testing.assert_array_equal(pixel_views(app)[together][1], part)
    for side in (28, 14, 3, 1):
        change(app, "segmented_control", "side", str(side))
        assert len(pixel_views(app)) == 5


def test_other_parts_keep_what_was_set_and_the_pixel_is_carried_on(
    open_page: Open, monkeypatch
) -> None:
    monkeypatch.setattr(lesson_page.st, "switch_page", lambda page: None)
    app = open_page("Learn", lesson="images", set="part-gray_side-3_row-9")
    for part in ("network", "color", "gray"):
        change(app, "segmented_control", "part", part)
        assert {"side-3", "row-9"} <= set(app.query_params["set"].split("_"))
    [carry] = [one for one in app.button if str(one.key).startswith("to-inspect-")]
    carry.click().run()
    session = app.session_state["session"]
    assert (session.viewed.image, session.viewed.unit) == (SHIRT, "image-map1-row9-column6")


def test_the_question_counts_three_numbers_per_pixel(open_page: Open) -> None:
    app = open_page("Learn", lesson="images", set="part-color")
    [radio] = app.radio
    for number, option in enumerate(radio.options):
        radio.set_value(number).run()
        assert bool(app.success) == (option == formatting.thousands(2352))
    assert colorized(example_dataset().images[SHIRT]).size == 2352
    assert any(f"= {tex_count(2352)}" in one.value for one in app.markdown)
