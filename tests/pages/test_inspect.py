"""The Inspect page: any image, any epoch; nothing chosen can break it."""

import io
import re
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Slider

from cnn.inspection.edits import Edits
from cnn.inspection.forward import forward
from cnn.inspection.image.distortion import Distortion, amounts, distorted
from cnn.inspection.pooling_swap import changes
from cnn.ui.state import services
from cnn.ui.state.url import DEFAULT_DATA
from tests.evaluation.predicting import predict
from tests.messages import messages
from tests.pages.conftest import Open


def read(app: AppTest, words: str) -> str:
    """The text with these words in it, as it is read: without the backslashes of Markdown."""
    shown = [*app.header, *app.markdown, *app.caption]
    return next(one.value for one in shown if words in one.value).replace("\\", "")


def shown(app: AppTest) -> tuple[str, int]:
    """The image in the network view in words, and the epoch."""
    [head] = [head for head, _ in messages(app) if head.get("subject")]
    return head["subject"], head["timeline"]["shown"]


def image(app: AppTest) -> str:
    return shown(app)[0]


def choose_source(app: AppTest, name: str) -> None:
    [source] = [one for one in app.segmented_control if one.label == "Image"]
    source.set_value(name).run()
    assert not app.exception, app.exception


def slider(app: AppTest, kind: str) -> Slider:
    """The first slider of one kind of change."""
    [tools] = [one for one in app.get("button_group") if one.label == "Ask the network"]
    tools.set_value("Change the image").run()
    [kinds] = [one for one in app.get("button_group") if one.label == "What changes"]
    kinds.set_value(kind).run()
    assert not app.exception, app.exception
    return app.slider[0]


def slide(app: AppTest, kind: str, value: float) -> None:
    slider(app, kind).set_value(value).run()
    assert not app.exception, app.exception


def press(app: AppTest, label: str) -> None:
    [button] = [one for one in app.button if one.label == label]
    button.click().run()
    assert not app.exception, app.exception


def test_the_example_run_is_open_at_its_last_epoch(open_page: Open) -> None:
    app = open_page("Inspect")
    assert shown(app)[1] == 30
    assert (
        len(app.get("bidi_component")) == 4
    )  # the page change, the headline, the network, the images


def test_an_address_opens_the_image_and_the_epoch_it_names(open_page: Open) -> None:
    app = open_page("Inspect", image="31", epoch="4")
    assert shown(app) == ("Image 31, Bag", 4)


@pytest.mark.parametrize("address", [{}, {"at": "none"}])
def test_no_number_is_chosen_before_a_click(open_page: Open, address: dict[str, str]) -> None:
    app = open_page("Inspect", **address)
    assert not app.warning
    assert "at" not in app.query_params


def test_an_epoch_that_was_not_kept_gives_way_to_the_nearest(open_page: Open) -> None:
    app = open_page("Inspect", epoch="77")
    assert shown(app)[1] == 30


def test_a_run_that_is_gone_gives_way_to_the_example_run_as_it_ended(open_page: Open) -> None:
    app = open_page("Inspect", run="cleared-since", epoch="3")
    assert "The example run is shown" in app.warning[0].value
    assert shown(app)[1] == 30  # epoch 3 was one of the other run


def test_only_mistakes_shows_only_mistakes(open_page: Open) -> None:
    app = open_page("Inspect")
    [mistakes] = [toggle for toggle in app.toggle if toggle.label == "Only mistakes"]
    mistakes.set_value(True).run()
    run = services.run_store().run(services.EXAMPLE_RUN)
    weights, data = services.weights(run.id, 30), services.chosen(run.job.data)
    found = predict(services.run_plan(run), weights, data)
    wrong = int((~found.correct).sum())
    assert any(caption.value == f"{wrong} mistakes after epoch 30" for caption in app.caption)
    [offered] = [head["images"] for head, _ in messages(app) if "terse" in head]
    first = np.flatnonzero(~found.correct)[: len(offered)]
    both = zip(found.true_labels[first], found.predicted[first], strict=True)
    captions = [f"{data.classes[true]} → {data.classes[predicted]}" for true, predicted in both]
    assert [one["caption"] for one in offered] == captions
    assert [one["number"] for one in offered] == data.test[first].tolist()
    [one] = [button for button in app.button if button.label == "Random image"]
    one.click().run()
    place = list(data.test).index(app.session_state["session"].viewed.image)
    assert not found.correct[place]


def test_only_mistakes_are_those_of_the_network_with_its_changes(open_page: Open) -> None:
    app = open_page("Inspect")
    edits = Edits().switched("convolution_1", 0, off=True)
    app.session_state["session"].viewed.edits = edits
    [mistakes] = [toggle for toggle in app.toggle if toggle.label == "Only mistakes"]
    mistakes.set_value(True).run()
    run = services.run_store().run(services.EXAMPLE_RUN)
    plan, data = services.run_plan(run), services.chosen(run.job.data)
    trained, changed = (
        int((~predict(plan, services.edited_weights(run, 30, each), data).correct).sum())
        for each in (Edits(), edits)
    )
    assert trained != changed
    for _ in range(300):  # until a worker has answered
        captions = [caption.value for caption in app.caption]
        assert f"{trained} mistakes after epoch 30" not in captions
        if f"{changed} mistakes after epoch 30" in captions:
            return
        time.sleep(0.1)
        app.run()
    raise AssertionError(captions)


def test_an_epoch_chosen_in_the_network_view_is_shown(open_page: Open) -> None:
    app = open_page("Inspect")
    app.session_state["session"].viewed.epoch = 0
    app.run()
    assert not app.exception and not app.warning
    assert shown(app)[1] == 0
    assert app.query_params["epoch"] == "0"


def test_a_picture_of_ones_own_goes_through_the_network(open_page: Open) -> None:
    picture = np.full((60, 80, 3), 255, np.uint8)
    picture[10:50, 30:50] = (200, 30, 30)
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    app = open_page("Inspect")
    choose_source(app, "picture")
    app.file_uploader[0].set_value(("mine.png", buffer.getvalue(), "image/png")).run()
    assert not app.exception and not app.error
    assert image(app) == "Your picture"
    steps = " ".join(caption.value for caption in app.caption)
    for step in ("Gray", "Invert", "Crop", "Scale", "Center"):
        assert f"**{step}**" in steps

    app.switch_page("pages/2_Data.py").run()
    app.switch_page("pages/5_Inspect.py").run()
    assert image(app) == "Your picture"
    press(app, "Forget this picture")
    assert image(app).startswith("Image")
    choose_source(app, "test image")
    assert not app.file_uploader


def test_a_file_that_is_no_picture_gets_a_sentence(open_page: Open) -> None:
    app = open_page("Inspect")
    choose_source(app, "picture")
    app.file_uploader[0].set_value(("mine.png", b"no picture", "image/png")).run()
    assert not app.exception
    assert "could not be read" in app.error[0].value
    assert image(app).startswith("Image")
    assert image(app) in read(app, " · ")  # the line on the current run names the same image


def test_an_empty_pad_goes_through_the_network_and_a_test_image_can_be_drawn_on(
    open_page: Open,
) -> None:
    app = open_page("Inspect", image="31")
    choose_source(app, "drawing")
    assert image(app) == "Your drawing"
    assert not app.session_state["session"].source.drawing((28, 28, 1)).pixels.any()
    press(app, "Start from image 31")
    images = services.chosen(DEFAULT_DATA).dataset.images
    assert np.array_equal(
        app.session_state["session"].source.drawing((28, 28, 1)).pixels, images[31]
    )
    app.switch_page("pages/2_Data.py").run()
    app.switch_page("pages/5_Inspect.py").run()
    assert image(app) == "Your drawing"
    assert np.array_equal(
        app.session_state["session"].source.drawing((28, 28, 1)).pixels, images[31]
    )


def test_an_image_chosen_elsewhere_is_shown_in_place_of_a_drawing(open_page: Open) -> None:
    app = open_page("Inspect")
    choose_source(app, "drawing")
    app.session_state["session"].choose_image(31)
    app.run()
    assert image(app) == "Image 31, Bag"


def test_sliders_change_the_image_and_one_click_undoes_them(open_page: Open) -> None:
    app = open_page("Inspect", image="31")
    slide(app, "Right or left", 3)
    slide(app, "Turn", -10)
    slide(app, "Noise", 0.2)
    press(app, "Other noise")
    slide(app, "Hide", 5)
    done = "shifted 3 px right, turned 10° clockwise, hidden by a square of 5 × 5 px, with noise of 0.2"
    assert image(app) == f"Image 31, Bag, {done}"
    app.switch_page("pages/2_Data.py").run()
    app.switch_page("pages/5_Inspect.py").run()
    assert image(app) == f"Image 31, Bag, {done}"
    assert slider(app, "Right or left").value == 3
    press(app, "Reset the image")
    assert image(app) == "Image 31, Bag"
    assert slider(app, "Right or left").value == 0


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Right or left", "shift_right"),
        ("Down or up", "shift_down"),
        ("Turn", "angle"),
        ("Hide", "hidden_side"),
        ("Noise", "noise"),
    ],
)
def test_the_flips_are_those_of_the_network_itself(open_page: Open, name: str, field: str) -> None:
    app = open_page("Inspect", image="31")
    slide(app, "Down or up", 2)
    slider(app, name)
    run = services.run_store().run(services.EXAMPLE_RUN)
    plan, data = services.run_plan(run), services.chosen(run.job.data)
    tried = amounts(field, 28)
    images = np.stack(
        [
            distorted(data.dataset.images[31], replace(Distortion(shift_down=2), **{field: amount}))
            for amount in tried
        ]
    )
    said = forward(plan, services.weights(run.id, 30), images)["softmax"].argmax(1)
    told = read(app, "the prediction")
    now = data.classes[said[tried.index(getattr(Distortion(shift_down=2), field))]]
    named = set(re.findall(r"[*][*](.+?)[*][*]", told)) | {now}
    assert named <= {data.classes[one] for one in said}
    assert ("No flip" in told) == (len(set(said.tolist())) == 1)
    chart = app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart")
    assert len(chart) == 1


@pytest.mark.parametrize(
    ("name", "moved"),
    [("Right or left", Distortion(shift_right=4)), ("Down or up", Distortion(3, shift_down=1))],
)
def test_one_pixel_is_told_in_numbers_for_both_kinds_of_pooling(
    open_page: Open, name: str, moved: Distortion
) -> None:
    app = open_page("Inspect", image="31")
    slide(app, "Right or left", 3)
    slider(app, name)
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    image = data.dataset.images[31]
    images = np.stack([distorted(image, each) for each in (Distortion(shift_right=3), moved)])
    [table] = [one.value for one in app.table if "now" in one.value]
    assert list(table.index) == [
        "as it is (max pooling)",
        "the same weights with average pooling",
    ]
    found = changes(services.run_plan(run), services.weights(run.id, 30), images)
    for row, change in zip(table.to_numpy().tolist(), found, strict=True):
        said = [f"{data.classes[p.argmax()]} {p.max():.1%}" for p in change.probabilities]
        assert [cell.replace("\\", "") for cell in row] == [*said, f"{change.maps:.1%}"]
    slider(app, "Noise")
    assert not [one for one in app.table if "now" in one.value]


def test_a_run_that_is_not_there_gives_way_to_the_example_run(open_page: Open) -> None:
    app = open_page("Inspect", run="../../etc/passwd")
    assert "There is no run" in app.warning[0].value
    assert shown(app)[1] == 30
