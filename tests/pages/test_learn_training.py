"""The lesson on training: what it tells is what Keras computed and what was trained."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.lessons.gradient_step import RATES, Descent, filter_weights
from cnn.lessons.loss_gradient import descent
from cnn.training.events import Outcome
from cnn.training.job import Phase
from cnn.training.trial import VALIDATED, Trial, trial
from cnn.ui.common import formatting
from cnn.ui.learn.lessons.training_trials import TENTH
from cnn.ui.state import services
from cnn.ui.state.session import Session
from tests.pages.conftest import Open

Answers = dict[tuple[object, ...], Future[Any]]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    """What was asked for, answered at once; a training is that of two epochs on 40 images."""
    found: Answers = {}

    def ask(
        _: str,
        key: tuple[object, ...],
        function: Callable[..., Any],
        *given: Any,
        later: bool = False,
    ) -> Any:
        if key not in found:
            if function is trial:
                network, settings, _ = given
                phase = Phase(2, settings.learning_rate(1))
                given = network, replace(settings, phases=(phase,)), 40
            found[key] = Future()
            found[key].set_result(function(*given))
        return found[key]

    monkeypatch.setattr(services, "ask", ask)
    monkeypatch.setattr(services, "asked", lambda key, _: found.get(key))
    yield found


def texts(app: AppTest) -> str:
    assert not app.exception, app.exception
    return "\n".join(one.value for one in [*app.markdown, *app.caption])


def found_by(answers: Answers) -> list[Trial]:
    return [answer.result() for answer in answers.values()]


def session_of(app: AppTest) -> Session:
    session: Session = app.session_state["session"]
    return session


def by_keras(epoch: int, filter: int) -> Descent:
    run = services.run_store().run(services.EXAMPLE_RUN)
    plan, data = services.run_plan(run), services.chosen(run.job.data)
    batch = data.train[:128]
    part = filter_weights(plan, "convolution_1", filter)
    weights = services.weights(run.id, epoch)
    return descent(plan, weights, data.dataset.images[batch], data.labels[batch], part)


def test_the_losses_of_a_step_are_those_of_keras(open_page: Open, answers: Answers) -> None:
    app = open_page("Learn", lesson="training")
    slider = app.select_slider[0]
    assert [float(rate) for rate in slider.options] == list(RATES)
    found = by_keras(1, 2)
    for rate in ("0.001", "0.1", "10"):
        slider.set_value(rate).run()
        told = [float(one.value) for one in app.metric]
        at = RATES.index(float(rate))
        expected = [found.loss, found.losses[at], found.alone[at]]
        np.testing.assert_allclose(told, expected, rtol=0, atol=6e-5)
        assert f"learning_rate={rate}\n" in app.code[0].value
    assert "Answer the question" in texts(app)
    app.radio("learn-question-training").set_value(1).run()
    best = RATES[int(found.losses.argmin())]
    assert f"with rate {best:g} brings the loss down furthest" in texts(app)
    assert found.losses[-1] > found.loss > found.losses[RATES.index(0.1)]  # what the answer says
    for epoch in ("0", "30"):
        for filter in ("1", "4"):
            app.query_params["set"] = f"epoch-{epoch}_filter-{filter}_rate-0.5"
            app.run()
            other = by_keras(int(epoch), int(filter) - 1)
            assert float(app.metric[2].value) == pytest.approx(float(other.alone[8]), abs=6e-5)
            assert other.losses[-1] > other.loss


def test_three_rates_are_trained_by_one_button_and_one_goes_to_train(
    open_page: Open, answers: Answers
) -> None:
    app = open_page("Learn", lesson="training", set="topic-rates_middlesgd-0.1")
    assert texts(app).count("Not trained yet.") == 3 and not answers
    [train] = [one for one in app.button if one.label.startswith("Train 3 networks")]
    train.click().run()
    assert texts(app).count("Training loss from") == len(answers) == 3
    rates = [settings.learning_rate(1) for _, settings, _ in answers]  # type: ignore[misc, attr-defined]
    assert rates == [0.01, 0.1, 3.0]
    for found in found_by(answers):
        last = found.epochs[-1]
        assert (
            f"Training loss from {found.epochs[0].loss:.2f} to {last.loss:.2f}, validation loss"
            f" {last.validation_loss:.2f}."
        ) in texts(app)
        assert formatting.accuracy(last.validation_accuracy, VALIDATED) in texts(app)
    assert len({found.epochs[0].loss for found in found_by(answers)}) == 1  # the same beginning
    losses = [found.epochs[-1].validation_loss for found in found_by(answers)]
    best = int(np.argmin(losses))
    assert f"**{losses[best]:.2f}**, with rate **{rates[best]:g}**" in texts(app)
    assert not [one for one in app.button if one.label.startswith("Train 3")]
    key = next(iter(answers))
    broken = replace(answers[key].result(), outcome=Outcome("diverged", "It is no number."))
    answers[key] = Future()
    answers[key].set_result(broken)
    app.run()
    assert app.error[0].value == "It is no number."
    [carry] = [one for one in app.button if one.label == "Rate 0.1 on the Train page"]
    carry.click().run()
    assert app.title[0].value == "Train" and not app.exception
    session = session_of(app)
    assert session.data == TENTH
    assert (session.settings.epochs, session.settings.learning_rate(1)) == (10, 0.1)
    assert "1\u202f000 to train on" in texts(app)


def test_overfitting_is_told_in_numbers_and_compared(open_page: Open, answers: Answers) -> None:
    app = open_page("Learn", lesson="training", set="topic-overfitting")
    for dropout in ("0", "0.5"):
        app.query_params["set"] = f"topic-overfitting_dropout-{dropout}"
        app.run()
        [train] = [one for one in app.button if one.label.startswith("Train one network")]
        train.click().run()
        found = found_by(answers)[-1]
        last = found.epochs[-1]
        assert f"**epoch {found.best.epoch}** (dotted line): {found.best.validation_loss:.2f}" in (
            texts(app)
        )
        assert f"the gap is **{last.validation_loss - last.loss:.2f}**" in texts(app)
        assert ("with units missing" in texts(app)) == (dropout == "0.5")
    assert app.dataframe[0].value["dropout"].tolist() == [0, 0.5]
    assert "1\u202f000 instead of 200" in texts(app)
    [carry] = [one for one in app.button if one.label == "The same on the Train page"]
    carry.click().run()
    assert session_of(app).network.dense[0].dropout == 0.5


def test_batches_are_told_with_their_steps(open_page: Open, answers: Answers) -> None:
    app = open_page("Learn", lesson="training", set="topic-batches")
    [train] = [one for one in app.button if one.label.startswith("Train 4 networks")]
    train.click().run()
    for size, found in zip((8, 32, 128, 512), found_by(answers), strict=True):
        steps = ceil(1000 / size)
        assert f"batches of {size}: **{steps} steps**" in texts(app)
        assert (
            f"| {size} | {formatting.thousands(10 * steps)} | {found.seconds / 10:.2f} s |"
            f" {found.epochs[-1].validation_loss:.2f} |"
        ) in texts(app)
