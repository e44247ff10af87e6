"""The lesson on activation functions under a real pointer and by the keyboard."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from cnn.ui.common import formatting

Tab = Callable[..., Page]


def test_the_input_moves_a_filter_dies_and_the_question_opens_the_shares(tab: Tab) -> None:
    page = tab("/Learn?lesson=activations&set=f-tanh")
    page.get_by_role("slider", name="Input x").press("ArrowRight")
    expect(page.get_by_text("f(1.1) = 0.8005")).to_be_visible()
    expect(page.get_by_text("f′(1.1) = 0.3592")).to_be_visible()
    page.get_by_role("radio", name="On a feature map").click()
    expect(page.locator(".stage", has_text="Tanh 1").locator("img")).to_be_visible()
    page = tab("/Learn?lesson=activations&set=part-map_lowered-3.1")
    expect(page.get_by_text("Dead", exact=True).last).to_be_visible()
    page.locator(".stage", has_text="ReLU 1").locator("img").click(position={"x": 3, "y": 3})
    expect(page.locator(".receipt h2")).to_contain_text("row 1, column 1 = 0")
    page.get_by_text("About two thirds").click()
    low, high = formatting.percent(0.32, 0), formatting.percent(0.35, 0)
    expect(page.get_by_text(f"{low} are below 0.05 and {high} above 0.95")).to_be_visible()
    page.get_by_role("radio", name="In a trained network").click()
    expect(
        page.get_by_text(f"of the {formatting.thousands(200_000)} outputs are saturated")
    ).to_be_visible()
    expect(
        page.locator(
            "[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg"
        ).first
    ).to_be_visible()
