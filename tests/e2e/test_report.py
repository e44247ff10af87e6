"""A report, downloaded in the app, opened from the disk by a browser without any network."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from cnn.inspection.forward import forward
from cnn.ui.state import services
from tests.e2e.runs import YOUNG

EPOCH = 7


@pytest.fixture
def offline(chromium: Browser) -> Iterator[Callable[[Path], Page]]:
    """Opens a file as somebody does who got it by mail; faults and requests fail the test."""
    context = chromium.new_context(offline=True, viewport={"width": 1200, "height": 900})
    faults: list[str] = []

    def opened(file: Path) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "request", lambda request: faults.append(request.url) if asks(request.url) else None
        )
        page.goto(file.as_uri())
        return page

    def asks(url: str) -> bool:
        return not url.startswith(("file:", "data:"))

    yield opened
    context.close()
    assert not faults


def downloaded(page: Page, label: str, folder: Path) -> Path:
    main = page.get_by_test_id("stMain")
    button = page.get_by_role("button", name=label)
    if not button.is_visible():
        main.get_by_role("button", name="Report", exact=True).click()
    with page.expect_download(timeout=120_000) as download:
        button.click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def pictures(page: Page) -> list[int]:
    return page.locator(".charts img").evaluate_all("all => all.map((image) => image.naturalWidth)")


def legend(view: Locator, layer: str) -> str:
    heading = view.page.get_by_role("heading", name=layer, exact=True)
    return view.locator(".stage").filter(has=heading).locator(".ends span").last.inner_text()


def test_the_report_of_a_run_works_without_the_app(
    tab: Callable[..., Page], offline: Callable[[Path], Page], tmp_path: Path
) -> None:
    app = tab("/Evaluate?image=31")
    expect(app.get_by_text("83.5%").first).to_be_visible()
    page = offline(downloaded(app, "Report (HTML)", tmp_path))
    expect(page.get_by_role("heading", name="Report: Example run")).to_be_visible()
    expect(page.get_by_text("83.5% of 2,000 test images")).to_be_visible()
    assert min(pictures(page)) > 300
    cells = page.locator(".confusion-matrix tbody button")
    counts = [int(text) for text in cells.all_inner_texts() if text != "·"]
    assert sum(counts) == 2000
    expect(page.locator(".patches figure")).to_have_count(36)

    view = page.locator(".network-view")
    view.get_by_role("button", name="Every layer, large").click()
    receipt = view.locator(".dock h2").first
    expect(receipt).to_contain_text("Convolution 2, map")
    view.get_by_role("slider", name="Epoch").fill(str(EPOCH))
    run = services.run_store().run(services.EXAMPLE_RUN)
    image = services.chosen(run.job.data).dataset.images[31]
    values = forward(services.run_plan(run), services.weights(run.id, EPOCH), image[None])
    shown = view.locator(".class-bars tbody tr td").filter(has_text="%").all_inner_texts()
    answered = [float(text.replace("%", "")) / 100 for text in shown]
    np.testing.assert_allclose(answered, values["softmax"][0], atol=6e-4)

    view.locator(".strip").press("ArrowRight")
    expect(receipt).to_contain_text("Convolution 2, map")


def test_the_report_of_a_comparison_moves_both_networks_as_one(
    tab: Callable[..., Page], offline: Callable[[Path], Page], tmp_path: Path
) -> None:
    app = tab(f"/Compare?compare=article,{YOUNG}&image=31")
    page = offline(downloaded(app, "Report (HTML)", tmp_path))
    expect(page.get_by_role("heading", name="Comparison of 2 runs")).to_be_visible()
    expect(page.get_by_text("better beyond chance")).to_be_visible()
    assert len(pictures(page)) == 4
    views = page.locator(".network-view")
    expect(views).to_have_count(2)
    views.nth(0).get_by_role("button", name="Every layer, large").click()
    assert legend(views.nth(0), "Convolution 1") == legend(views.nth(1), "Convolution 1")
    views.nth(0).get_by_role("slider", name="Epoch").press("Home")
    for place in (0, 1):
        expect(views.nth(place).locator(".epoch")).to_contain_text("Epoch 0, before it learns")

    with downloaded(app, "Runs (CSV)", tmp_path).open(encoding="utf-8") as file:
        assert [row["epochs"] for row in csv.DictReader(file)] == ["30", "10"]


def test_the_train_page_offers_the_numbers_of_its_run(
    tab: Callable[..., Page], tmp_path: Path
) -> None:
    app = tab("/Train")
    with downloaded(app, "Epochs (CSV)", tmp_path).open(encoding="utf-8") as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == [str(epoch) for epoch in range(31)]
    with downloaded(app, "Answers (CSV)", tmp_path).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(row["class"] == row["answer"] for row in rows) == 1669
