"""A busy browser sends what the app has changed meanwhile: nothing that somebody did is lost."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from cnn.ui.learn.curriculum import LESSONS

Tab = Callable[..., Page]

_ONE_RIGHT_AFTER_THE_OTHER = """async (names) => {
  for (const name of names) {
    const buttons = [...document.querySelectorAll("button")];
    buttons.find((button) => button.innerText.trim().endsWith(name)).click();
    await new Promise((next) => setTimeout(next, 20));
  }
}"""
"""The second click comes before the page has drawn what the first one changed."""


def test_a_click_right_after_undo_does_not_bring_back_what_was_undone(tab: Tab) -> None:
    page = tab("/Build")
    filters = page.get_by_role("slider", name="Filters").first
    filters.focus()
    filters.press("ArrowRight")
    expect(page).to_have_url(re.compile("net=conv5x3-"))
    page.evaluate(_ONE_RIGHT_AFTER_THE_OTHER, ["Undo", "Add a dense layer"])
    expect(page).to_have_url(re.compile("net=conv4x3-[^&]*_dense[^&]*_dense"))
    expect(filters).to_have_value("4")


def test_a_lesson_chosen_right_after_another_stays_open(tab: Tab) -> None:
    page = tab("/Learn?lesson=images")
    third, fourth = LESSONS[2:4]
    expect(
        page.get_by_test_id("stSidebar").get_by_role("button", name=fourth.title)
    ).to_be_visible()
    page.evaluate(_ONE_RIGHT_AFTER_THE_OTHER, [third.title, fourth.title])
    expect(page).to_have_url(re.compile(f"lesson={fourth.key}"))
    expect(page.get_by_role("heading", level=1, name=fourth.title)).to_be_visible()
