"""The Data page under a real pointer, with real files."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from cnn.data.dataset import Dataset
from cnn.data.example import example_dataset
from cnn.data.table import to_csv

Tab = Callable[..., Page]


def small(dataset: Dataset) -> bytes:
    """A table of 40 images of two classes."""
    return to_csv(dataset, np.flatnonzero(dataset.labels < 2)[:40])


def test_a_click_enlarges_an_image_and_shows_its_numbers(tab: Tab) -> None:
    dataset = example_dataset()
    page = tab("/Data")
    gallery = page.locator(".image-grid").get_by_role("button")
    expect(gallery).to_have_count(48)
    name = gallery.nth(17).get_attribute("aria-label") or ""
    match = re.fullmatch(r"Image (\d+), (.+)", name)
    assert match, name
    number, label = int(match[1]), match[2]
    image = dataset.images[number, ..., 0]
    assert dataset.classes[dataset.labels[number]] == label
    gallery.nth(17).click()
    expect(page.get_by_role("heading", name=f"Image {number}: {label}")).to_be_visible()
    expect(gallery.nth(17)).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile(f"image={number}$"))

    canvas = page.locator(".pixel-view canvas")
    width = (canvas.bounding_box() or {"width": 0})["width"]
    row, column = (int(at) for at in np.unravel_index(image.argmax(), image.shape))
    canvas.hover(position={"x": (column + 0.5) * width / 28, "y": (row + 0.5) * width / 28})
    expected = f"Row {row + 1}, column {column + 1}: {image[row, column]} of 255"
    expect(page.locator(".pixel-view .readout")).to_have_text(expected)

    page.get_by_text("Show its numbers", exact=True).click()
    cells = page.locator(".pixel-view td")
    expect(cells).to_have_count(784)
    assert [int(text) for text in cells.all_inner_texts()] == image.ravel().tolist()


def test_a_bad_table_is_reported_and_a_good_one_used(tab: Tab, tmp_path: Path) -> None:
    good = small(example_dataset())
    bad, mine = tmp_path / "bad.csv", tmp_path / "mine.csv"
    lines = good.decode().splitlines()
    lines[3] = lines[3].replace(",", ",x", 1)
    bad.write_text("\n".join(lines))
    mine.write_bytes(good)

    page = tab("/Data")
    page.get_by_text("Bring your own images as CSV").click()

    def give(path: Path) -> None:
        with page.expect_file_chooser() as chooser:
            # "Upload" at first, "Add files" once there is one
            page.get_by_test_id("stFileUploaderDropzone").locator("button").last.click()
        chooser.value.set_files(path)

    give(bad)
    expect(page.get_by_role("alert")).to_contain_text("The data in use stay in use.")
    expect(page.get_by_role("alert")).to_contain_text("Line 4")
    expect(page.get_by_text("2,000 to test on")).to_be_visible()

    give(mine)
    expect(page).to_have_url(re.compile("data=csv-"))
    expect(page.get_by_text("32 images to train on, 8 to test on")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".image-grid").get_by_role("button")).to_have_count(40)
