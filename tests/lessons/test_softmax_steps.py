"""From logits to the loss, against Keras."""

import keras
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cnn.lessons.softmax_steps import AnswerSteps

LOGITS = st.lists(st.floats(-10, 10, width=32), min_size=2, max_size=10)


@given(LOGITS, st.sampled_from((0.1, 0.3, 1.0, 5.0)), st.integers(0, 1))
@example([10.0, -10.0], 0.1, 1)  # as far apart as the lesson's sliders go
@settings(max_examples=40, deadline=None)
def test_every_step_is_kerass(logits: list[float], temperature: float, true: int) -> None:
    steps = AnswerSteps(np.array(logits, np.float32), temperature, true)
    p = keras.ops.softmax(np.array(logits, np.float32) / np.float32(temperature))
    np.testing.assert_allclose(steps.probabilities, p, atol=1e-6)
    one_hot = np.eye(len(logits), dtype=np.float32)[true]
    loss = float(keras.losses.categorical_crossentropy(one_hot, p))
    assert steps.loss == pytest.approx(loss, rel=1e-5, abs=1e-6)
    np.testing.assert_allclose(steps.exponentials, np.exp(np.float64(steps.divided)))
    shares = steps.exponentials / steps.exponentials.sum()
    np.testing.assert_allclose(steps.probabilities, shares, rtol=1e-5, atol=1e-30)


@given(LOGITS, st.floats(-10, 10, width=16))
@settings(max_examples=40)
def test_what_is_added_to_every_logit_changes_nothing(logits: list[float], added: float) -> None:
    here = np.array(logits, np.float32)
    before, after = (AnswerSteps(z, 1.0, 0) for z in (here, here + np.float32(added)))
    np.testing.assert_allclose(before.probabilities, after.probabilities, atol=1e-5)
    assert before.loss == pytest.approx(after.loss, abs=1e-5)
