"""What is asked of the workers for many visitors, with a stand-in for the workers."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.data.example import EXAMPLE_DATASET
from cnn.data.split import DataChoice
from cnn.evaluation.predictions import of_test_images
from cnn.inspection.edits import Edits
from cnn.inspection.forward import probabilities
from cnn.ui.state import services
from tests.evaluation.predicting import predict


class Workers:
    """Keeps what is asked and answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.answers: list[Future[Any]] = []

    def call(self, function: Callable[..., Any], *arguments: Any, later: bool) -> Future[Any]:
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

    from cnn.ui.common.waiting import when_there
    from cnn.ui.state import services

    asked = services.ask("division", (number,), divmod, number, 2)
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


def turn_to(page: AppTest, number: int) -> None:
    page.args = (number,)
    page.run()
    assert not page.exception


def test_what_a_visitor_wants_no_more_is_withdrawn_and_can_be_asked_again(workers: Workers) -> None:
    page = visitor(7)
    page.run()
    turn_to(page, 8)
    assert [one.cancelled() for one in workers.answers] == [True, False]
    turn_to(page, 7)
    assert [one.cancelled() for one in workers.answers] == [True, True, False]
    workers.answers[2].set_result((3, 1))
    assert page.run().markdown[0].value == "The answer is (3, 1)."
    turn_to(page, 8)
    turn_to(page, 7)
    assert page.markdown[0].value == "The answer is (3, 1)."
    assert workers.asked == [(7, 2), (8, 2), (7, 2), (8, 2)]


def test_what_somebody_else_waits_for_is_not_withdrawn(workers: Workers) -> None:
    one, other = visitor(7), visitor(7)
    turn_to(one, 8)
    assert not workers.answers[0].cancelled()
    turn_to(other, 9)
    assert workers.answers[0].cancelled()


def test_two_places_of_a_page_do_not_withdraw_each_others_questions(workers: Workers) -> None:
    def page() -> None:
        from cnn.ui.state import services

        for place, number in (("above", 7), ("below", 8)):
            services.ask(place, (number,), divmod, number, 2)

    AppTest.from_function(page).run().run()
    assert workers.asked == [(7, 2), (8, 2)]
    assert not any(one.cancelled() for one in workers.answers)


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


def test_a_network_without_changes_is_kept_once() -> None:
    run = services.run_store().run(services.EXAMPLE_RUN)
    trained = services.weights(run.id, 30)
    assert services.edited_weights(run, 30, Edits()) is trained
    changed = services.edited_weights(run, 30, Edits().switched("convolution_1", 0, off=True))
    assert changed is not trained and (changed != trained).any()


@pytest.mark.parametrize("heavy", [False, True])
def test_a_heavy_network_reads_the_test_images_on_a_worker(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, heavy: bool
) -> None:
    if heavy:
        monkeypatch.setattr(services, "HEAVY", 0)
    run = services.run_store().run(services.EXAMPLE_RUN)
    answer = services.test_answers("here", run, 30, Edits())
    assert answer.done() != heavy
    assert len(workers.asked) == heavy
    if heavy:
        answer.set_result(probabilities(*workers.asked[0]))
    data = services.chosen(run.job.data)
    expected = predict(services.run_plan(run), services.weights(run.id, 30), data)
    found = of_test_images(answer.result(), data)
    np.testing.assert_array_equal(found.predicted, expected.predicted)
    assert found.accuracy == expected.accuracy


def test_what_costs_little_is_computed_at_once_and_what_costs_much_on_a_worker(
    workers: Workers,
) -> None:
    computed: list[int] = []

    def double(number: int) -> int:
        computed.append(number)
        return 2 * number

    for _ in range(2):
        assert services.compute_or_ask("here", (3,), 1, double, 3).result() == 6
    assert computed == [3] and not workers.asked
    assert not services.compute_or_ask("here", (4,), services.HEAVY, double, 4).done()
    assert computed == [3] and workers.asked == [(4,)]


def mistakes() -> None:
    import streamlit as st

    from cnn.ui.inspect.image_choice import choose_test_image
    from cnn.ui.state import services
    from cnn.ui.state.session import current

    st.session_state.setdefault("mistakes", True)
    run = services.run_store().run(services.EXAMPLE_RUN)
    choose_test_image(current(), run, 30, services.chosen(run.job.data), st.container())


def test_the_mistakes_of_a_heavy_network_are_waited_for(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "HEAVY", 0)
    page = AppTest.from_function(mistakes, default_timeout=20).run()
    assert not page.exception
    assert "Reading the test images" in page.caption[0].value
    workers.answers[0].set_result(probabilities(*workers.asked[0]))
    assert re.fullmatch(r"\d+ mistakes after epoch \d+", page.run().caption[0].value)


def test_an_image_that_the_data_do_not_use_gives_way_to_the_first_test_image() -> None:
    data = services.chosen(DataChoice(EXAMPLE_DATASET, (0, 6)))
    used = np.isin(data.dataset.labels, (0, 6))
    shown = [services.image_number(number, data) for number in range(len(used))]
    assert shown == np.where(used, np.arange(len(used)), data.test[0]).tolist()
    for nothing in (None, len(used)):
        assert services.image_number(nothing, data) == data.test[0]
