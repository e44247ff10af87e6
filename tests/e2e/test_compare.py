"""Comparing in Chromium: two networks move as one, a click leads inside, a run travels as a file."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.runs import YOUNG, YOUNG_EPOCH

BOTH = f"/Compare?compare=article,{YOUNG}"


def section(page: Page, name: str) -> None:
    choice = page.get_by_test_id("stMain").get_by_role("radio", name=name, exact=True)
    choice.click()
    expect(choice).to_be_checked()


def legends(view: Locator, layer: str) -> list[str]:
    heading = view.page.get_by_role("heading", name=layer, exact=True)
    return view.locator(".stage").filter(has=heading).locator(".ends span").all_inner_texts()


def test_two_networks_move_through_their_epochs_as_one_on_one_scale(
    tab: Callable[..., Page],
) -> None:
    page = tab(BOTH)
    section(page, "The same image")
    views = page.locator(".network-view")
    expect(views).to_have_count(2)
    first, second = views.nth(0), views.nth(1)
    first.locator(".glance .title", has_text="Convolution 2").click()
    for view in (first, second):
        expect(view.locator(".stage h2")).to_have_text(
            ["Max pooling 1", "Kernels 2", "Convolution 2"]
        )
    second.get_by_role("button", name="Every layer").click()
    for layer in ("Convolution 1", "Max pooling 1", "Kernels 2", "Dense 1"):
        expect(first.get_by_role("heading", name=layer, exact=True)).to_be_attached()
        assert legends(first, layer) == legends(second, layer) != []
    first.locator(".strip").evaluate("(strip) => { strip.scrollLeft = 200; }")
    expect(second.locator(".strip")).to_have_js_property("scrollLeft", 200)
    before = legends(first, "Convolution 1")
    epochs = [view.locator(".epoch") for view in (first, second)]
    expect(epochs[0]).to_contain_text("Epoch 30")
    expect(epochs[1]).to_contain_text(f"Epoch {YOUNG_EPOCH}")
    first.get_by_role("slider", name="Epoch").press("Home")
    for epoch in epochs:
        expect(epoch).to_contain_text("Epoch 0, before it learns")
    expect(page.get_by_text("Example run, epoch 0")).to_be_visible()
    second.get_by_role("slider", name="Epoch").press("End")
    for epoch in epochs:
        expect(epoch).to_contain_text(re.compile(f"Epoch {YOUNG_EPOCH} ·"))
        expect(epoch).not_to_contain_text("on its way")
    expect(page.get_by_text(f"Example run, epoch {YOUNG_EPOCH}")).to_be_visible()
    assert legends(first, "Convolution 1") == legends(second, "Convolution 1") == before


def test_on_a_phone_a_row_of_both_networks_is_swiped_as_one(tab: Callable[..., Page]) -> None:
    page = tab(BOTH, width=390)
    section(page, "The same image")
    views = page.locator(".network-view")
    expect(views).to_have_count(2)
    first, second = (view.get_by_role("group", name="Convolution 2") for view in views.all())
    expect(second).to_be_attached()
    first.evaluate("(row) => { row.scrollLeft = 70; }")
    expect(second).to_have_js_property("scrollLeft", 70)
    second.evaluate("(row) => { row.scrollLeft = 20; }")
    expect(first).to_have_js_property("scrollLeft", 20)
    other = views.nth(1).get_by_role("group", name="Max pooling 2")
    expect(other).to_have_js_property("scrollLeft", 0)


def test_one_run_beside_itself_has_an_epoch_for_each(tab: Callable[..., Page]) -> None:
    page = tab(BOTH)
    section(page, "The same image")
    section(page, "Example run at two epochs")
    expect(page.get_by_text("Example run again, epoch 0")).to_be_visible()
    views = page.locator(".network-view")
    expect(views).to_have_count(2)
    first, second = (view.locator(".epoch") for view in views.all())
    expect(second).to_contain_text("Epoch 0, before it learns")
    views.nth(1).get_by_role("button", name="gap grows from epoch").click()
    expect(second).to_contain_text("Epoch 12 ·")
    expect(page.get_by_text("Example run again, epoch 12")).to_be_visible()
    expect(first).to_contain_text("Epoch 30 ·")


def test_a_disagreement_leads_inside_and_a_run_travels_as_a_file(
    tab: Callable[..., Page], tmp_path: Path
) -> None:
    page = tab(BOTH)
    section(page, "Decisions")
    expect(page.get_by_text("better beyond chance")).to_be_visible()
    image = page.locator(".patches button").first
    number = re.match(r"Image (\d+)", image.get_attribute("aria-label") or "")
    assert number
    image.click()
    expect(page.get_by_role("heading", name="Inspect")).to_be_visible()
    expect(page.get_by_text(f"Image {number[1]},").first).to_be_visible()
    expect(page).to_have_url(re.compile(f"run={YOUNG}"))

    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Runs").click()
    main = page.get_by_test_id("stMain")
    main.get_by_role("button", name="More").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("A younger one")
    page.get_by_role("button", name="Save").click()
    expect(main.get_by_role("checkbox", name="A younger one")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Export with epoch {YOUNG_EPOCH} only").click()
    file = tmp_path / "run.zip"
    download.value.save_as(file)

    # The runs are those of all tabs, and still there when the browser was closed.
    page.context.clear_cookies(name="_streamlit_xsrf")
    other = page.context.new_page()
    other.goto(page.url.split("/Compare")[0] + "/Compare")
    expect(other.get_by_role("checkbox", name="A younger one")).to_be_visible()
    other.get_by_text("Import a run from a file").click()
    other.locator("input[type=file]").set_input_files(file)
    expect(other.get_by_text("in your runs as run")).to_be_visible()
    expect(other.get_by_role("checkbox", name="A younger one")).to_have_count(2)
    expect(other.get_by_text(re.compile(r"was imported from a file"))).to_be_visible()
