"""Links are those of the address that the visitor's browser has; a QR code says the same as its link."""

from types import SimpleNamespace

import pytest
import streamlit as st

from cnn.ui.workshop import links


@pytest.mark.parametrize(
    ("page", "url", "base"),
    [
        ("Workshop", "https://cnn.example/Workshop", "https://cnn.example"),
        ("Teach", "http://10.0.0.7:8501/app/Teach", "http://10.0.0.7:8501/app"),
        ("", "https://cnn.example/", "https://cnn.example"),
        ("", "https://cnn.example/app/", "https://cnn.example/app"),
    ],
)
def test_links_lead_to_the_app_wherever_it_is(
    monkeypatch: pytest.MonkeyPatch, page: str, url: str, base: str
) -> None:
    monkeypatch.setattr(st, "context", SimpleNamespace(url=url))
    monkeypatch.setattr(links, "page_now", lambda: page)
    assert links.join_link("ACD234") == f"{base}/?join=ACD234"
    assert links.projector_link("ACD234") == f"{base}/Workshop?projector=ACD234"


def test_a_link_that_leads_to_this_machine_is_known() -> None:
    assert links.only_here("http://localhost:8501/?join=A") and links.only_here("http://[::1]/")
    assert not links.only_here("http://10.0.0.7:8501/")


def test_a_qr_code_is_dark_on_white_with_a_margin() -> None:
    drawn = links.qr_code("http://10.0.0.7:8501/?join=ACD234")
    assert drawn.startswith("<svg") and 'fill="#fff"' in drawn
