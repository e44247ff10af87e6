"""The presets of limits, and what environment variables may say."""

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.server_limits import PRESET_VARIABLE, PRESETS, Limits, limits, variable

DOCUMENT = (Path(__file__).parents[1] / "docs/hosting.md").read_text("utf-8")


def test_without_variables_the_limits_are_those_for_a_laptop() -> None:
    assert limits({}) == limits({PRESET_VARIABLE: ""}) == PRESETS["laptop"] == Limits()


@pytest.mark.parametrize("preset", PRESETS)
def test_a_variable_changes_one_limit_of_a_preset(preset: str) -> None:
    changed = limits({PRESET_VARIABLE: preset, "CNN_PLAYGROUND_QUEUE": "7"})
    assert changed.queue == 7
    different = {one.name for one in fields(Limits)} - {
        one.name
        for one in fields(Limits)
        if getattr(changed, one.name) == getattr(PRESETS[preset], one.name)
    }
    assert different == {"queue"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (PRESET_VARIABLE, "huge"),
        ("CNN_PLAYGROUND_QUEUE", "2.5"),
        ("CNN_PLAYGROUND_QUEUE", "0"),
        ("CNN_PLAYGROUND_SLOT", "three"),
        ("CNN_PLAYGROUND_DAYS", "-1"),
        ("CNN_PLAYGROUND_DAYS", "inf"),
        ("CNN_PLAYGROUND_DAYS", "nan"),
    ],
)
def test_what_cannot_be_a_limit_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=rf"{name} is '{text}'\. Set it to "):
        limits({name: text})


@given(st.sampled_from([one.name for one in fields(Limits)]), st.text())
def test_any_text_gives_a_valid_limit_or_a_sentence(name: str, text: str) -> None:
    try:
        value = getattr(limits({variable(name): text}), name)
    except ValueError as error:
        assert variable(name) in str(error)
    else:
        assert value == getattr(Limits(), name) or value > 0 or name == "background"


def test_the_document_states_every_limit_of_every_preset() -> None:
    for one in fields(Limits):
        values = " | ".join(f"{getattr(preset, one.name):,.10g}" for preset in PRESETS.values())
        assert f"| `{variable(one.name)}` | {one.metadata['meaning']} | {values} |" in DOCUMENT
