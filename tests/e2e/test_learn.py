"""The course in a browser: progress is kept, links open what they say, and it fits on a phone."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from cnn.ui.common.glossary import definition
from cnn.ui.learn.course import LESSONS, numbered_title
from tests.e2e.server import Server

Tab = Callable[..., Page]


def answer(page: Page) -> None:
    """Try the answers until one is right."""
    feedback, before = page.get_by_text(re.compile(r"^(Correct|Not quite)\. ")), ""
    asked = page.get_by_role("radiogroup", name=re.compile("Predict, then see"))
    expect(asked).to_be_visible()
    for choice in asked.locator("label").all():
        choice.click()
        expect(feedback).to_be_visible()
        expect(feedback).not_to_have_text(before)
        before = feedback.inner_text()
        if before.startswith("Correct"):
            return
    raise AssertionError("No answer is right.")


def test_what_was_learned_is_still_known_at_the_next_visit(tab: Tab, server: Server) -> None:
    page = tab("/Learn?lesson=images")
    expect(page.get_by_text("0 of 10 questions answered correctly")).to_be_visible()
    answer(page)
    expect(page.get_by_text("1 of 10 questions answered correctly")).to_be_visible()
    page.goto(f"{server.url}/Learn?lesson=convolution")
    expect(page.get_by_role("heading", name="2. Convolution")).to_be_visible()
    expect(page.get_by_text("1 of 10 questions answered correctly")).to_be_visible()


def test_a_teachers_link_opens_its_view_in_another_tab(tab: Tab) -> None:
    page = tab("/Teach")
    view = LESSONS[2].prose.views[1]
    with page.expect_popup() as opened:
        page.get_by_role("link", name=view.shows, exact=True).click()
    other = opened.value
    expect(other.get_by_role("heading", name=numbered_title(LESSONS[2]))).to_be_visible()
    expect(other.get_by_role("radio", name="Same")).to_be_checked()
    expect(other.get_by_role("alert")).to_have_count(0)


def test_a_phone_holds_every_lesson(tab: Tab) -> None:
    page = tab("/Learn", width=390)
    for number, lesson in enumerate(LESSONS, start=1):
        title = numbered_title(lesson)
        heading = page.get_by_role("heading", level=1, name=title, exact=True)
        expect(heading).to_be_visible()
        # The first: what the lesson before has drawn goes when this one is drawn to its end.
        expect(page.get_by_text("Predict, then see.").first).to_be_visible()
        widths = page.evaluate("[document.body.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1], lesson.key
        if number < len(LESSONS):
            onwards = page.get_by_test_id("stMain").get_by_role("button")
            onwards.filter(has_text=numbered_title(LESSONS[number])).click()


def test_a_term_shows_its_definition_to_a_pointer_and_to_the_keyboard(tab: Tab) -> None:
    page = tab("/Learn?lesson=convolution")
    paragraph = page.get_by_test_id("stMarkdownContainer").filter(has_text="small grid of weights")
    expect(page.locator('[data-testid=stApp][data-test-script-state="notRunning"]')).to_be_visible()
    icon = paragraph.get_by_test_id("stTooltipIcon").first
    icon.hover()
    tooltip = page.get_by_role("tooltip")
    expect(tooltip).to_have_text(definition("kernel"))
    page.mouse.move(5, 5)
    expect(tooltip).to_have_count(0)
