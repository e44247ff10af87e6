"""What a lesson's controls are set to, in the address and back."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from cnn.ui.learn.controls import read


def script() -> None:
    import streamlit as st

    from cnn.ui.learn.controls import Setup

    setup = Setup("testing", st.session_state["address"], 1)
    st.session_state["found"] = {
        "padding": setup.choice("padding", "Padding", {"valid": "Valid", "same": "Same"}, "valid"),
        "digit": setup.choice("digit", "Digit", {str(n): str(n) for n in range(10)}, "3"),
        "size": setup.whole("size", "Size", 1, 7, 3),
        "bias": setup.decimal("bias", "Bias", -1.0, 1.0, 0.0, 0.1),
        "flip": setup.switch("flip", "Flip"),
    }
    st.session_state["text"], st.session_state["notices"] = setup.text(), setup.notices


USUAL = {"padding": "valid", "digit": "3", "size": 3, "bias": 0.0, "flip": False}


def opened(address: str) -> AppTest:
    app = AppTest.from_function(script)
    app.session_state["address"] = address
    app.run()
    assert not app.exception, app.exception
    return app


@pytest.mark.parametrize(
    ("address", "changed"),
    [
        ("", {}),
        (
            "padding-same_digit-9_size-7_bias--0.3_flip-yes",
            dict(padding="same", digit="9", size=7, bias=-0.3, flip=True),
        ),
        ("size-1", {"size": 1}),
        ("bias-1", {"bias": 1.0}),
    ],
)
def test_an_address_sets_the_controls_and_is_written_again(
    address: str, changed: dict[str, Any]
) -> None:
    app = opened(address)
    assert app.session_state["found"] == USUAL | changed
    assert app.session_state["text"] == address
    assert app.session_state["notices"] == []


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("padding-full", "Valid"),
        ("digit-11", "3"),
        ("size-8", "3"),
        ("size-2.5", "3"),
        ("size-nan", "3"),
        ("bias-0.55", "0"),
        ("flip-maybe", "no"),
        ("bias-", "0"),
    ],
)
def test_what_cannot_be_set_is_told_with_its_value_and_what_it_is_instead(
    part: str, instead: str
) -> None:
    app = opened(part)
    name, _, value = part.partition("-")
    assert app.session_state["found"] == USUAL
    [notice] = app.session_state["notices"]
    assert f"“{name}”" in notice
    assert repr(value) in notice
    assert notice.endswith(f"it is {instead} instead.")


def test_what_is_changed_by_hand_is_written_and_what_is_as_usual_is_not() -> None:
    app = opened("size-5")
    app.slider[0].set_value(6)
    app.slider[1].set_value(0.4)
    app.toggle[0].set_value(True)
    app.run()
    assert app.session_state["text"] == "size-6_bias-0.4_flip-yes"
    app.slider[0].set_value(3)
    app.run()
    assert app.session_state["text"] == "bias-0.4_flip-yes"


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_any_text_can_be_read(text: str) -> None:
    assert all(name and "_" not in name + value for name, value in read(text).items())


def test_what_is_not_drawn_at_the_moment_stays_in_the_address() -> None:
    app = opened("slope-0.2_size-5")
    assert app.session_state["text"] == "slope-0.2_size-5"
    app.slider[0].set_value(3).run()
    assert app.session_state["text"] == "slope-0.2"
