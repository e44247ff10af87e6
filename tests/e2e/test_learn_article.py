"""The lesson on the original code in a browser: the next step by keyboard, and the training."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

Tab = Callable[..., Page]


def test_a_step_further_and_the_training_from_there(tab: Tab) -> None:
    page = tab("/Learn?lesson=article")
    expect(page.get_by_text("keras.utils.set_random_seed(SEED)")).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2)
    page.get_by_role("button", name="Run the eight steps").click()
    stop = page.get_by_role("button", name="Stop (keeps results)")
    expect(stop).to_be_visible()
    expect(page.get_by_text("Training", exact=True)).to_be_visible()
    page.get_by_role("slider", name="Step").press("ArrowRight")
    expect(page.get_by_text("keras.datasets.fashion_mnist.load_data()").first).to_be_visible()
    page.get_by_text("It runs, but builds a different network").click()
    expect(page.get_by_text("1 of 10 questions answered correctly")).to_be_visible()
    stop.click()
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Run the eight steps")).to_be_visible()
    page.get_by_role("button", name="Open this run in Inspect").click()
    expect(page.get_by_role("heading", level=1, name="Inspect")).to_be_visible()
