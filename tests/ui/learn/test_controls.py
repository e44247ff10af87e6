"""A lesson's controls and the URL: values come in, changes go out."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from cnn.ui.learn.controls import read


def script() -> None:
    import streamlit as st

    from cnn.ui.learn.controls import Controls

    def check(text: str) -> None:
        if not text.isalpha():
            raise ValueError(text)

    controls = Controls("testing", st.session_state["url"], 1)
    st.session_state["values"] = {
        "padding": controls.choice(
            "padding", "Padding", {"valid": "Valid", "same": "Same"}, "valid"
        ),
        "image": controls.choice("image", "Image", {"color": "Color", "gray": "Gray"}),
        "digit": controls.choice("digit", "Digit", {str(n): str(n) for n in range(10)}, "3"),
        "size": controls.slider("size", "Size", 1, 7, 3),
        "bias": controls.slider("bias", "Bias", -1.0, 1.0, 0.0, 0.1),
        "flip": controls.switch("flip", "Flip"),
        "word": controls.kept("word", "none", check),
    }
    st.session_state["text"], st.session_state["notices"] = controls.for_url(), controls.notices


DEFAULTS = {
    "padding": "valid",
    "image": "color",
    "digit": "3",
    "size": 3,
    "bias": 0.0,
    "flip": False,
    "word": "none",
}


def opened(url: str) -> AppTest:
    app = AppTest.from_function(script)
    app.session_state["url"] = url
    app.run()
    assert not app.exception, app.exception
    return app


@pytest.mark.parametrize(
    ("url", "changed"),
    [
        ("", {}),
        (
            "padding-same_image-gray_digit-9_size-7_bias--0.3_flip-yes",
            dict(padding="same", image="gray", digit="9", size=7, bias=-0.3, flip=True),
        ),
        ("size-1", {"size": 1}),
        ("bias-1", {"bias": 1.0}),
        ("word-cat", {"word": "cat"}),
    ],
)
def test_a_url_sets_the_controls_and_is_written_again(url: str, changed: dict[str, Any]) -> None:
    app = opened(url)
    assert app.session_state["values"] == DEFAULTS | changed
    assert app.session_state["text"] == url
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
        ("word-1~2", "none"),
    ],
)
def test_a_value_that_is_not_offered_is_reported_with_what_replaces_it(
    part: str, instead: str
) -> None:
    app = opened(part)
    name, _, value = part.partition("-")
    assert app.session_state["values"] == DEFAULTS
    [notice] = app.session_state["notices"]
    assert f"“{name}”" in notice
    assert repr(value) in notice
    assert f" {instead} " in notice.rpartition(repr(value))[2]


def test_changes_are_written_and_defaults_are_not() -> None:
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


def test_values_of_controls_that_are_not_drawn_stay_in_the_url() -> None:
    app = opened("slope-0.2_size-5")
    assert app.session_state["text"] == "slope-0.2_size-5"
    app.slider[0].set_value(3).run()
    assert app.session_state["text"] == "slope-0.2"
