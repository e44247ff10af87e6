"""The lesson on training: its numbers are what Keras computed and what was trained."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.lessons.gradient_step import LEARNING_RATES, GradientStep, filter_weights, gradient_step
from cnn.training.events import Outcome
from cnn.training.job import Phase
from cnn.training.trial import VALIDATED, Trial, trial
from cnn.ui.common import formatting
from cnn.ui.common.prose import significant
from cnn.ui.learn.lessons.training import PROSE, TENTH
from cnn.ui.state import services
from cnn.ui.state.session import Session
from tests.pages.conftest import Open

Answers = dict[tuple[object, ...], Future[Any]]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    """Answers to all questions at once; a training takes two epochs on 40 images."""
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


def by_keras(epoch: int, filter: int) -> GradientStep:
    run = services.run_store().run(services.EXAMPLE_RUN)
    plan, data = services.run_plan(run), services.chosen(run.job.data)
    batch = data.train[:128]
    part = filter_weights(plan, "convolution_1", filter)
    weights = services.weights(run.id, epoch)
    return gradient_step(plan, weights, data.dataset.images[batch], data.labels[batch], part)


def test_the_losses_of_a_step_are_those_of_keras(open_page: Open, answers: Answers) -> None:
    app = open_page("Learn", lesson="training")
    slider = app.select_slider[0]
    assert [float(rate) for rate in slider.options] == list(LEARNING_RATES)
    found = by_keras(1, 2)
    for rate in ("0.001", "0.1", "10"):
        slider.set_value(rate).run()
        shown = [float(one.value) for one in app.metric]
        at = LEARNING_RATES.index(float(rate))
        expected = [found.loss, found.losses[at], found.losses_filter_only[at]]
        np.testing.assert_allclose(shown, expected, rtol=0, atol=6e-5)
        assert f"learning_rate={rate}\n" in app.code[0].value
    assert not app.get("vega_lite_chart")
    app.radio("learn-question-training").set_value(1).run()
    best = LEARNING_RATES[int(found.losses.argmin())]
    best_step = PROSE.text(
        "best step",
        best_rate=f"{best:g}",
        lowest=significant(found.losses.min()),
        last_rate=f"{LEARNING_RATES[-1]:g}",
        last=significant(found.losses[-1]),
        before=significant(found.loss),
    )
    assert best_step in texts(app)
    assert (
        found.losses[-1] > found.loss > found.losses[LEARNING_RATES.index(0.1)]
    )  # what the answer says
    for epoch in ("0", "30"):
        for filter in ("1", "4"):
            app.query_params["set"] = f"epoch-{epoch}_filter-{filter}_rate-0.5"
            app.run()
            other = by_keras(int(epoch), int(filter) - 1)
            assert float(app.metric[2].value) == pytest.approx(
                float(other.losses_filter_only[8]), abs=6e-5
            )
            assert other.losses[-1] > other.loss


def test_three_rates_are_trained_by_one_button_and_one_goes_to_train(
    open_page: Open, answers: Answers
) -> None:
    app = open_page("Learn", lesson="training", set="topic-rates_middlesgd-0.1")
    assert texts(app).count(PROSE.text("not trained")) == 3 and not answers
    [train] = [one for one in app.button if "3 networks" in one.label]
    train.click().run()
    assert len(app.get("vega_lite_chart")) == len(answers) == 3
    rates = [settings.learning_rate(1) for _, settings, _ in answers]  # type: ignore[misc, attr-defined]
    assert rates == [0.01, 0.1, 3.0]
    for found in found_by(answers):
        first, last = found.epochs[0], found.epochs[-1]
        assert PROSE.text("trial", first=first, last=last) in texts(app)
        assert formatting.accuracy(last.validation_accuracy, VALIDATED) in texts(app)
    assert len({found.epochs[0].loss for found in found_by(answers)}) == 1  # the same beginning
    losses = [found.epochs[-1].validation_loss for found in found_by(answers)]
    best = int(np.argmin(losses))
    best_rate = PROSE.text(
        "best rate", epochs=10, loss=f"{losses[best]:.2f}", rate=f"{rates[best]:g}"
    )
    assert best_rate in texts(app)
    assert not [one for one in app.button if "3 networks" in one.label]
    key = next(iter(answers))
    broken = replace(answers[key].result(), outcome=Outcome("diverged", "It is no number."))
    answers[key] = Future()
    answers[key].set_result(broken)
    app.run()
    assert app.error[0].value == "It is no number."
    [carry] = [one for one in app.button if "0.1 " in one.label]
    carry.click().run()
    assert app.title[0].value == "Train" and not app.exception
    session = session_of(app)
    assert session.data == TENTH
    assert (session.settings.epochs, session.settings.learning_rate(1)) == (10, 0.1)
    assert len(services.chosen(session.data).train) == 1000


def test_overfitting_is_measured_and_compared(open_page: Open, answers: Answers) -> None:
    app = open_page("Learn", lesson="training", set="topic-overfitting")
    for dropout in ("0", "0.5"):
        app.query_params["set"] = f"topic-overfitting_dropout-{dropout}"
        app.run()
        [train] = [one for one in app.button if "one network" in one.label]
        train.click().run()
        found = found_by(answers)[-1]
        last = found.epochs[-1]
        assert PROSE.text("stopping point", best=found.best) in texts(app)
        accuracy = formatting.accuracy(last.validation_accuracy, VALIDATED)
        gap = last.validation_loss - last.loss
        assert PROSE.text("gap", last=last, gap=gap, accuracy=accuracy) in texts(app)
        assert (PROSE.text("dropout values") in texts(app)) == (dropout == "0.5")
        assert "restore_best_weights=True" in app.code[0].value
    assert app.dataframe[0].value["dropout"].tolist() == [0, 0.5]
    fewest = PROSE.text("fewest images", fewest=formatting.thousands(1000), images=200)
    assert fewest in texts(app)
    [carry] = [one for one in app.button if str(one.key).startswith("to-train-")]
    carry.click().run()
    assert session_of(app).network.dense[0].dropout == 0.5


def test_batches_are_shown_with_their_steps(open_page: Open, answers: Answers) -> None:
    app = open_page("Learn", lesson="training", set="topic-batches")
    [train] = [one for one in app.button if "4 networks" in one.label]
    train.click().run()
    for size, found in zip((8, 32, 128, 512), found_by(answers), strict=True):
        steps = ceil(1000 / size)
        images = formatting.thousands(1000)
        assert PROSE.text("batch steps", images=images, size=size, steps=steps) in texts(app)
        assert (
            f"| {size} | {formatting.thousands(10 * steps)} | {found.seconds / 10:.2f} s |"
            f" {found.epochs[-1].validation_loss:.2f} |"
        ) in texts(app)
