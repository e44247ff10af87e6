"""The lesson on training under a real pointer and keyboard, with a real worker behind it."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from cnn.lessons.gradient_step import filter_weights, gradient_step, stepped
from cnn.ui.state import services
from tests.e2e.reading import numbers_in

Tab = Callable[..., Page]


def test_every_number_of_a_kernels_step_adds_up_and_a_network_is_trained(tab: Tab) -> None:
    page = tab("/Learn?lesson=training&set=rate-0.5_smallsgd-0.3_largesgd-0.3")
    cells = page.locator(".kernel-step td")
    expect(cells).to_have_count(30)
    run = services.run_store().run(services.EXAMPLE_RUN)
    plan, data = services.run_plan(run), services.chosen(run.job.data)
    batch, weights = data.train[:128], services.weights(run.id, 1)
    part = filter_weights(plan, "convolution_1", 2)
    found = gradient_step(plan, weights, data.dataset.images[batch], data.labels[batch], part)
    before, slope = weights[part], found.gradient[part]
    after = stepped(before, slope, 0.5)
    readout = page.locator(".kernel-step .readout")
    for place, name in ((5, "Row 2, column 3"), (9, "Bias")):
        cells.nth(10 + place).hover()
        expect(readout).to_contain_text(f"{name}: ")
        shown = numbers_in(readout.inner_text())[-4:]
        expected = [before[place], 0.5, slope[place], after[place]]
        assert all(abs(value - own) < 1e-4 for value, own in zip(shown, expected, strict=True))
    page.locator(".kernel-step .row").press("ArrowUp")
    expect(readout).to_contain_text("Row 3, column 3: ")
    page.get_by_text("It makes the loss larger than before").click()
    expect(page.get_by_text("Of these steps of all weights")).to_be_visible()
    expect(readout).to_contain_text("Row 3, column 3: ")
    page.get_by_role("radio", name="Learning rate").click()
    page.get_by_role("button", name="Train one network").click()
    expect(page.get_by_text("Smallest validation loss after 10 epochs")).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(3)
    page.get_by_role("button", name="Use learning rate 0.3 on the Train page").click()
    expect(page.get_by_role("heading", level=1, name="Train")).to_be_visible()
    page.wait_for_url(re.compile("train=sgd_rate0.3_batch32_epochs10_seed1"))
