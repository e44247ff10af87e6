"""An experiment in a real browser: made, cancelled, resumed, read, and one of its runs opened."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Tab = Callable[..., Page]

SMALL = "net=conv2x3-relu-max2_flatten_softmax&data=fashion-mnist-10000_share0.1"


def main(page: Page):
    return page.get_by_test_id("stMain")


def set_number(page: Page, label: str, value: int) -> None:
    box = page.get_by_role("spinbutton", name=label, exact=True)
    box.fill(str(value))
    box.press("Tab")


def test_a_small_experiment_is_made_run_to_its_end_and_read(tab: Tab) -> None:
    page = tab(f"/Experiments?experiment=new&{SMALL}&train=adam_rate0.01_batch128_epochs1_seed21")
    expect(main(page).get_by_text("10 runs: 2 combinations, each with 5 seeds")).to_be_visible()
    set_number(page, "Seeds", 2)
    start = main(page).get_by_role("button", name="Start 4 runs")
    expect(start).to_be_visible()
    start.click()
    expect(page).to_have_url(re.compile(r"experiment=(?!new)"))
    expect(main(page).get_by_text("Pooling average")).to_have_count(1)
    expect(
        main(page).get_by_text(re.compile(r"points (above|below) max with 2 seeds"))
    ).to_be_visible()
    expect(main(page).get_by_text("Unfinished")).to_have_count(0)
    charts = main(page).get_by_test_id("stVegaLiteChart")
    expect(charts).to_have_count(3)
    expect(charts.first).to_have_attribute(
        "aria-label", re.compile(r"Mean accuracy with 95% interval: max \d")
    )
    expect(main(page).get_by_role("button", name="Download as CSV", exact=True)).to_be_visible()
    expect(main(page).get_by_role("progressbar")).to_have_count(0)
    for chart in charts.all():  # each moves what stands below it as it is drawn
        expect(chart.locator("svg, canvas").first).to_be_visible()
    main(page).get_by_test_id("stDataFrame").click(position={"x": 18, "y": 52})
    inspect = main(page).get_by_role("button", name="Inspect", exact=True)
    expect(inspect).to_be_visible()
    inspect.click()
    expect(page.get_by_role("heading", level=1, name="Inspect")).to_be_visible()
    expect(page.get_by_text("as it was after epoch 1")).to_be_visible()


def test_an_experiment_is_cancelled_and_goes_on_in_a_page_opened_anew(tab: Tab) -> None:
    page = tab(f"/Experiments?experiment=new&{SMALL}&train=adam_rate0.01_batch8_epochs20_seed31")
    expect(main(page).get_by_text("10 runs: 2 combinations, each with 5 seeds")).to_be_visible()
    set_number(page, "Seeds", 2)
    start = main(page).get_by_role("button", name="Start 4 runs")
    expect(start).to_be_visible()
    start.click()
    expect(main(page).get_by_text(re.compile(r"0 of 4 runs done, 1 in training"))).to_be_visible()
    main(page).get_by_role("button", name="Cancel", exact=True).click()
    expect(main(page).get_by_text(re.compile(r"Not finished: \d runs missing"))).to_be_visible()
    page.reload()
    resume = main(page).get_by_role("button", name="Resume", exact=True)
    expect(resume).to_be_visible()
    resume.click()
    expect(
        main(page).get_by_text(re.compile(r"[01] of 4 runs done, 1 in training"))
    ).to_be_visible()
    main(page).get_by_role("button", name="Cancel", exact=True).click()
    expect(resume).to_be_visible()
