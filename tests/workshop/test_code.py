"""Codes can be read aloud and typed in any way; nicknames are there once."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from cnn.workshop.code import (
    ALPHABET,
    LENGTH,
    digest,
    new_code,
    new_token,
    nickname,
    read_code,
    spaced,
)


@given(st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH), st.sampled_from(["", " ", "-", " – "]))
def test_a_code_is_read_however_it_is_typed(code: str, between: str) -> None:
    assert read_code(f" {between.join(code.lower())}\n") == code
    assert read_code(spaced(code)) == code


@given(st.text())
def test_nothing_else_is_taken_for_a_code(text: str) -> None:
    code = read_code(text)
    assert code is None or (len(code) == LENGTH and {*code} <= {*ALPHABET})


def test_letters_that_look_like_digits_are_read_as_these() -> None:
    assert read_code("bszuAC") == "852VAC"
    assert read_code("ACD2340") is None
    assert read_code("ACDO34") is None


def test_codes_and_secrets_differ() -> None:
    assert len({new_code() for _ in range(1000)}) > 990
    token = new_token()
    assert len(token) >= 32 and digest(token) == digest(token) != digest(new_token())


def test_nicknames_are_unique_in_a_full_workshop() -> None:
    names: set[str] = set()
    for _ in range(1200):
        name = nickname(names, Random(len(names)))
        assert name not in names and len(name) <= 30
        names.add(name)
    assert "blue heron" in names
