"""What is asked of the workers for many visitors, with a stand-in for the workers."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cnn.ui import services


class Workers:
    """Keeps what is asked and answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.answers: list[Future[Any]] = []

    def call(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        self.asked.append(arguments)
        self.answers.append(Future())
        return self.answers[-1]

    def fail(self) -> None:
        self.answers[-1].set_exception(ValueError("no room"))


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    workers = Workers()
    monkeypatch.setattr(services, "engine", lambda: workers)
    services._question.clear()
    yield workers
    services._question.clear()


def script(number: int) -> None:
    import streamlit as st

    from cnn.ui import services
    from cnn.ui.waiting import when_there

    asked = services.ask((number,), divmod, number, 2)
    when_there(asked, "Dividing", lambda answer: st.markdown(f"The answer is {answer}."))


def visitor(number: int) -> AppTest:
    app = AppTest.from_function(script, args=(number,)).run()
    assert not app.exception
    return app


def test_what_many_ask_is_asked_once_and_shown_to_all(workers: Workers) -> None:
    one, other, another = visitor(7), visitor(7), visitor(8)
    assert workers.asked == [(7, 2), (8, 2)]
    assert "Dividing" in one.caption[0].value
    workers.answers[0].set_result((3, 1))
    assert one.run().markdown[0].value == other.run().markdown[0].value == "The answer is (3, 1)."
    assert not another.run().markdown


def test_a_failure_is_told_and_asked_again_only_later(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visitor(7)
    workers.fail()
    for _ in range(3):
        [told] = page.run().error
        assert told.value.startswith("Dividing: the worker could not do it (no room).")
        assert not page.caption
    assert len(workers.asked) == 1
    monkeypatch.setattr(services, "_AGAIN_AFTER", -1.0)
    assert not page.run().error
    assert len(workers.asked) == 2
    workers.answers[-1].set_result((3, 1))
    assert page.run().markdown[0].value == "The answer is (3, 1)."
