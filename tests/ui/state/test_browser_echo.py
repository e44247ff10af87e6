"""An address that is opened counts; one that the browser had before the page changed it does not."""

import pytest

from cnn.ui.state.browser_echo import Written


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("cnn.ui.state.browser_echo.time.monotonic", lambda: now[0])
    return now


def test_what_the_page_wrote_last_and_just_before_was_not_opened(clock: list[float]) -> None:
    written = Written()
    assert written.is_opened("a")
    written.write("a")
    clock[0] += 1
    written.write("b")
    clock[0] += 0.5
    written.write("c")
    assert not any(map(written.is_opened, "abc"))
    assert written.is_opened("d")


def test_going_back_is_opening(clock: list[float]) -> None:
    written = Written()
    written.write("a")
    written.write("b")
    clock[0] += 3
    assert written.is_opened("a")
    assert not written.is_opened("b")
