"""A browser is known by the cookie that the app itself has given it, and by nothing else."""

import pytest
import streamlit as st

from cnn.ui.state import visitor


@pytest.fixture
def cookies(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    kept: dict[str, str] = {}

    class Context:
        cookies = kept

    monkeypatch.setattr(st, "context", Context)
    return kept


def test_a_browser_is_known_again_by_its_cookie(cookies: dict[str, str]) -> None:
    first = visitor.token()
    assert visitor.token() != first
    cookies["cnn_playground_person"] = first
    assert visitor.token() == first


@pytest.mark.parametrize("forged", ["", "../../etc", "g" * 64, "a" * 63, "A" * 64])
def test_a_cookie_that_the_app_cannot_have_given_names_nobody(
    cookies: dict[str, str], forged: str
) -> None:
    cookies["cnn_playground_person"] = forged
    assert visitor.token() != forged


@pytest.mark.parametrize(
    ("seen", "address"),
    [
        (None, ""),  # the browser is on this machine
        ("203.0.113.9", "203.0.113.9"),
        ("not an address", ""),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ],
)
def test_the_address_is_that_of_a_network(
    monkeypatch: pytest.MonkeyPatch, seen: str | None, address: str
) -> None:
    class Context:
        ip_address = seen

    monkeypatch.setattr(st, "context", Context)
    assert visitor.address() == address
