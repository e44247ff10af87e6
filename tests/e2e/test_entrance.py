"""The first visitor of a server may come by a link to any page."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.server import Server


def test_the_first_link_of_a_server_opens_its_page_among_the_named_ones(
    chromium: Browser, tmp_path: Path
) -> None:
    server, context = Server(tmp_path), chromium.new_context()
    try:
        page = context.new_page()
        page.goto(f"{server.url}/Inspect?image=9&epoch=3")
        expect(page.get_by_text("the network as it was after epoch 3")).to_be_visible()
        pages = page.get_by_test_id("stSidebarNav")
        expect(pages.get_by_role("link", name="Home")).to_be_visible()
        expect(pages.get_by_role("link", name="app", exact=True)).to_have_count(0)
        expect(page).to_have_title("Inspect · CNN Playground")
    finally:
        context.close()
        server.stop()
