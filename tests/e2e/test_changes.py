"""Changing the network by hand in a real browser: typing, loading, training on."""

from collections.abc import Callable

import numpy as np
from playwright.sync_api import Page, expect

from cnn.inspection.edits import Edits, KernelEdit, edited
from cnn.inspection.forward import class_probabilities, forward
from cnn.inspection.units import Unit
from cnn.network.plan import plan
from cnn.network.spec import ConvolutionBlock, DenseLayer, Network
from cnn.ui.components.network_message import Picture, message
from tests.e2e.choosing import choose
from tests.e2e.component import Harness
from tests.e2e.reading import check_number
from tests.strategies import random_images, random_weights

Tab = Callable[..., Page]

PLAN = plan(
    Network((ConvolutionBlock(3), ConvolutionBlock(2)), dense=(DenseLayer(5),)), (14, 14, 1), 3
)
WEIGHTS, IMAGE = random_weights(PLAN, 3), random_images(PLAN, 3)[0]
TRAINED = forward(PLAN, WEIGHTS, IMAGE[None])
FILTER = Unit("convolution_2", 1)
CHANNEL = 2  # of three


def picture(edits: Edits) -> Picture:
    weights = edited(PLAN, WEIGHTS, edits)
    outputs = forward(PLAN, weights, IMAGE[None])
    return Picture(
        PLAN,
        weights,
        IMAGE,
        ("a", "b", "c"),
        selected=FILTER,
        edits=edits,
        outputs=outputs,
        trained_outputs=TRAINED,
    )


def show(half: Harness, edits: Edits) -> None:
    half.show(message(picture(edits), "", {"unit": "", "kernel": half.tokens.get("kernel", "")})[0])


def check_effect(half: Harness, edits: Edits) -> None:
    """The maps and the probabilities, as trained and now, are those of the forward pass."""
    rows = TRAINED, forward(PLAN, edited(PLAN, WEIGHTS, edits), IMAGE[None])
    ranges = half.page.locator(".effect-maps figcaption").all_inner_texts()
    for at, text in enumerate(ranges):
        values = rows[at // 2][("convolution_2", "activation_2")[at % 2]][0, ..., FILTER.channel]
        for written, value in zip(text.split(" to "), (values.min(), values.max()), strict=True):
            check_number(written, float(value))
    for name, line in zip("abc", half.page.locator(".effect tbody tr").all(), strict=True):
        shown = line.locator("td").all_inner_texts()[:2]
        for text, outputs in zip(shown, rows, strict=True):
            share = class_probabilities(outputs["softmax"])[0]["abc".index(name)]
            assert float(text.removesuffix("%")) == np.round(100 * share, 1)


def test_a_typed_weight_changes_the_map_at_once_and_keeps_its_place(browser_half: Harness) -> None:
    half, page = browser_half, browser_half.page
    half.open()
    show(half, Edits())
    check_effect(half, Edits())
    field = page.get_by_label(f"Channel {CHANNEL + 1}, row 2, column 3")
    kernel = PLAN.split(WEIGHTS)["convolution_2/kernel"][:, :, CHANNEL, FILTER.channel].copy()
    check_number(field.input_value().replace("-", "−"), float(kernel[1, 2]))
    field.click()
    page.keyboard.type("-2.")
    page.keyboard.type("5")
    kernel[1, 2] = -2.5
    values = tuple(kernel.ravel().tolist())
    typed = Edits().with_kernel(KernelEdit("convolution_2", 1, CHANNEL, values))
    check_effect(half, typed)  # nothing has been sent
    assert not [event for event, _ in half.sent if event == "kernel"]
    half.wait(400)
    [sent] = [value for event, value in half.sent if event == "kernel"]
    assert sent == {"filter": "convolution_2-map2", "kernels": [[CHANNEL, list(values)]]}
    page.keyboard.type("5")
    half.show(message(picture(typed), "", {"kernel": half.tokens["kernel"]})[0])
    expect(field).to_be_focused()
    expect(field).to_have_value("-2.55")  # newer than the message
    kernel[1, 2] = -2.55
    newer = Edits().with_kernel(
        KernelEdit("convolution_2", 1, CHANNEL, tuple(kernel.ravel().tolist()))
    )
    check_effect(half, newer)
    half.wait(400)
    show(half, newer)
    check_effect(half, newer)
    expect(field).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    expect(page.get_by_role("alert").nth(CHANNEL)).to_contain_text("Row 2, column 3 is empty")
    check_effect(half, newer)
    page.get_by_label(f"Channel {CHANNEL + 1}: load numbers").select_option("As trained")
    assert half.sent[-1][1]["kernels"] == [[CHANNEL, "trained"]]
    show(half, Edits())
    check_number(
        field.input_value().replace("-", "−"),
        float(PLAN.split(WEIGHTS)["convolution_2/kernel"][1, 2, CHANNEL, 1]),
    )
    check_effect(half, Edits())


def test_a_filter_is_edited_on_the_page_and_trained_on_from(tab: Tab) -> None:
    page = tab("/Inspect")
    page.get_by_text("Change the network", exact=True).first.click()
    expect(page.get_by_text("Nothing is changed yet")).to_be_visible()
    choose(page, "Filter to edit", "Convolution 1, filter 3")
    field = page.get_by_label("Kernel, row 2, column 2")
    field.click()
    page.keyboard.type("-1.5")
    expect(page.get_by_text("1 kernel changed")).to_be_visible()
    expect(page.get_by_text("with your changes")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_value("-1.5")
    page.get_by_label("Kernel: load numbers").select_option("Sobel, vertical edges")
    expect(field).to_have_value("0")
    expect(page.get_by_text("as changed (95")).to_be_visible()
    page.get_by_text("Train on from the changed network").click()
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("1")
    page.get_by_role("button", name="Train on from here").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Train")
    expect(page.get_by_text("Finished 1 epoch.")).to_be_visible()
