"""What stays of the page before when another one is opened: neither its scrolling nor a phone's menu."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from cnn.ui.learn.course import LESSONS, numbered_title

Tab = Callable[..., Page]


def _scrolled(page: Page) -> Locator:
    """The part of the page that scrolls, scrolled down as far as 400 pixels."""
    main = page.get_by_test_id("stMain")
    page.wait_for_function(
        "(main) => main.scrollHeight > main.clientHeight + 400", arg=main.element_handle()
    )
    main.evaluate("(main) => { main.scrollTop = 400; }")
    return main


def _heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", level=1, name=name, exact=True)


def test_the_next_lesson_begins_at_its_top(tab: Tab) -> None:
    page = tab(f"/Learn?lesson={LESSONS[6].key}")
    onwards = page.get_by_test_id("stMain").get_by_role("button", name=numbered_title(LESSONS[7]))
    expect(onwards).to_be_visible()
    main = _scrolled(page)
    onwards.click()
    expect(_heading(page, numbered_title(LESSONS[7]))).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("Predict, then see.").first).to_be_attached()
    assert main.evaluate("(main) => main.scrollTop") == 0


def test_another_page_begins_at_its_top(tab: Tab) -> None:
    page = tab("/Teach")
    main = _scrolled(page)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Evaluate").click()
    expect(_heading(page, "Evaluate")).to_be_in_viewport(ratio=1)
    assert main.evaluate("(main) => main.scrollTop") == 0


def test_a_page_stays_where_it_is_when_something_on_it_is_set(tab: Tab) -> None:
    page = tab(f"/Learn?lesson={LESSONS[6].key}")
    answer = page.get_by_role("radiogroup", name="Predict, then see").locator("label").first
    expect(answer).to_be_visible()
    main = _scrolled(page)
    answer.click()
    expect(page.get_by_text("They cannot")).to_be_visible()
    assert main.evaluate("(main) => main.scrollTop") > 0


def test_a_phones_menu_closes_over_what_was_chosen_in_it(tab: Tab) -> None:
    page = tab("/", width=390)
    menu = page.get_by_test_id("stSidebar")
    for choose, heading in (
        (
            menu.get_by_test_id("stSidebarNavLink").filter(has_text="Lessons"),
            numbered_title(LESSONS[0]),
        ),
        (menu.get_by_role("button", name=numbered_title(LESSONS[1])), numbered_title(LESSONS[1])),
    ):
        page.get_by_test_id("stExpandSidebarButton").click()
        expect(choose).to_be_in_viewport()
        choose.click()
        expect(_heading(page, heading)).to_be_visible()
        expect(menu).not_to_be_in_viewport()


def test_a_wide_windows_menu_stays_open(tab: Tab) -> None:
    page = tab("/")
    menu = page.get_by_test_id("stSidebar")
    menu.get_by_test_id("stSidebarNavLink").filter(has_text="Lessons").click()
    expect(_heading(page, numbered_title(LESSONS[0]))).to_be_visible()
    expect(page.get_by_text("Predict, then see.").first).to_be_visible()
    expect(menu).to_be_in_viewport()
