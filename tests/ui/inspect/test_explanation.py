"""The panel that explains a class, on the example network and without a browser."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnn.inspection.explain.target import class_logits
from cnn.inspection.forward import forward
from cnn.ui.state import services
from tests.ui.components.test_heat_map import unpacked

IMAGE = 31
ASKED: list[tuple[object, ...]] = []


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker is asked is done here and now."""

    def ask(
        place: str, key: tuple[object, ...], function: Callable[..., Any], *arguments: Any
    ) -> Future[Any]:
        answer: Future[Any] = Future()
        answer.set_result(function(*arguments))
        ASKED.append((function.__name__, *key))
        return answer

    ASKED.clear()
    monkeypatch.setattr(services, "ask", ask)


def panel() -> None:
    import streamlit as st

    from cnn.inspection.edits import Edits
    from cnn.inspection.forward import forward
    from cnn.ui.inspect.explanation import explanation
    from cnn.ui.inspect.view import InputImage, InspectionView
    from cnn.ui.state import services
    from cnn.ui.state.session import Session

    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    weights = services.weights(run.id, run.last_epoch) * st.session_state.get("times", 1)
    subject = InputImage(data.dataset.images[31], int(data.labels[31]), "The image")
    edits = Edits()
    plan = services.run_plan(run)
    outputs = forward(plan, weights, subject.pixels[None])
    seen = InspectionView(
        run, run.last_epoch, edits, plan, weights, data, subject, outputs, outputs
    )
    explanation(st.session_state.setdefault("session", Session()), seen)


@pytest.fixture
def shown() -> AppTest:
    app = AppTest.from_function(panel, default_timeout=60).run()
    assert not app.exception, app.exception
    return app


def drawn(app: AppTest):
    """The maps by title, and all numbers."""
    [one] = app.get("bidi_component")
    head, numbers, _ = unpacked(one.proto.bytes)
    return {found["title"]: found for found in head["maps"]}, numbers


def choose(app: AppTest, label: str, value: object) -> AppTest:
    [box] = [one for one in (*app.selectbox, *app.slider, *app.select_slider) if one.label == label]
    box.set_value(value).run()
    assert not app.exception, app.exception
    return app


def logits():
    run = services.run_store().run(services.EXAMPLE_RUN)
    images = services.chosen(run.job.data).dataset.images[IMAGE : IMAGE + 1]
    found = forward(services.run_plan(run), services.weights(run.id, run.last_epoch), images)
    return class_logits(found["logits"])[0]


def asked(app: AppTest) -> str:
    return app.markdown[0].value


def test_the_networks_answer_is_explained_at_first(shown: AppTest) -> None:
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    answer = int(logits().argmax())
    assert asked(shown).startswith(f"**{data.classes[answer]}** has the logit {logits().max():.2f}")
    cards, numbers = drawn(shown)
    assert list(cards) == [
        "Occlusion",
        "Gradient saliency",
        "Integrated gradients",
        "Grad-CAM",
    ]
    start = cards["Occlusion"]["values"]
    hidden = data.dataset.images[IMAGE].copy()
    hidden[:4, :4] = 0  # the first of 25 x 25 places
    outputs = forward(
        services.run_plan(run), services.weights(run.id, run.last_epoch), hidden[None]
    )
    drop = logits()[answer] - class_logits(outputs["logits"])[0, answer]
    assert numbers[start] == pytest.approx(drop, abs=1e-5)
    assert cards["Grad-CAM"]["grid"] == "ReLU 2 as it is: 11 × 11"
    added = numbers[cards["Integrated gradients"]["values"] :][: 28 * 28].sum()
    assert any(f"{added:.2f}" in fact for fact in cards["Integrated gradients"]["facts"])


def test_another_class_another_square_other_steps_another_layer(shown: AppTest) -> None:
    ASKED.clear()
    choose(shown, "Explain the logit of", 6)
    assert asked(shown).startswith("**Shirt** has the logit")
    assert "prediction is Bag" in asked(shown) and "actual class is Bag" in asked(shown)
    choose(shown, "Hiding square", 9)
    choose(shown, "Steps of integration", 8)
    choose(shown, "Grad-CAM of", "activation_1")
    cards, _ = drawn(shown)
    assert "9 × 9" in cards["Occlusion"]["what"] and len(cards["Occlusion"]["spans"]) == 20
    assert "8 steps" in cards["Integrated gradients"]["what"]
    assert cards["Grad-CAM"]["grid"] == "ReLU 1 as it is: 26 × 26"
    # Another answer has another key: what is asked for is named wholly.
    keys = {key for key in ASKED if key[0] == "attribution"}
    assert len(keys) == 3 and len({key for key in ASKED if key[0] == "occlusion"}) == 2


def test_a_class_is_compared_with_any_other(shown: AppTest) -> None:
    choose(choose(shown, "Explain the logit of", 6), "Compared with", 4)
    difference = f"{logits()[6] - logits()[4]:.2f}".replace("-", "−")
    assert f"The maps explain the difference, {difference}." in asked(shown)
    cards, numbers = drawn(shown)
    adds = cards["Integrated gradients"]
    assert adds["ends"] == ["raises Coat over Shirt", "raises Shirt over Coat"]
    added = f"{numbers[adds['values'] :][: 28 * 28].sum():.2f}".replace("-", "−")
    assert any(f"All pixels together: {added}." in fact for fact in adds["facts"])
    [box] = [one for one in shown.selectbox if one.label == "Compared with"]
    assert "No other class" in box.options and "Shirt" not in box.options
    [sum] = shown.button
    sum.click().run()
    assert shown.session_state["session"].viewed.unit == "softmax-unit7"
    assert shown.session_state["class-to-compare"] == 4  # until the network view has it
    # The class that it is compared with is now the explained one, which no class is compared with.
    choose(shown, "Explain the logit of", 4)
    assert asked(shown).startswith("**Coat** has the logit") and "difference" not in asked(shown)
    assert not shown.button


def test_a_network_that_has_diverged_gets_a_sentence() -> None:
    app = AppTest.from_function(panel, default_timeout=60)
    app.session_state["times"] = np.nan
    app.run()
    assert not app.exception and not app.get("bidi_component")
    [warning] = app.warning
    assert "not finite numbers" in warning.value and "Choose an earlier epoch" in warning.value
