"""Numbers in formulas mean what they say."""

import re
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.ui.common.formatting import thousands
from cnn.ui.common.prose import in_sentence, significant, tex, tex_count, tex_in_parentheses


@given(st.floats(-1e30, 1e30, allow_subnormal=False))
def test_a_number_in_a_formula_is_the_number(value: float) -> None:
    text = tex(value)
    assert re.fullmatch(r"-?\d+(\.\d+)?( \\cdot 10\^\{-?\d+\})?", text)
    mantissa, _, exponent = text.replace("}", "").partition(r" \cdot 10^{")
    read = float(mantissa) * 10.0 ** int(exponent or 0)
    assert abs(read - value) <= 0.000501 * abs(value)
    assert tex_in_parentheses(value) == (f"({text})" if value < 0 else text)


@given(st.floats(0.01, 0.9))
def test_a_loss_can_be_recomputed_from_the_probability_that_is_shown(probability: float) -> None:
    shown = float(significant(probability))
    assert -log(shown) == pytest.approx(float(significant(-log(probability))), rel=6e-3)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.6652, "0.6652"), (2.0, "2"), (-11.1073, "−11.11"), (21446.0, "21446")],
)
def test_a_number_has_four_significant_digits(value: float, text: str) -> None:
    assert significant(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.6652, "0.6652"), (63316.4, thousands(63316)), (1.026e6, r"$1.026 \cdot 10^{6}$")],
)
def test_a_large_number_can_be_read_in_a_sentence(value: float, text: str) -> None:
    assert in_sentence(value) == text


def test_thousands_are_separated_by_commas() -> None:
    assert [tex_count(one) for one in (7, 900, 21446)] == ["7", "900", "21{,}446"]
