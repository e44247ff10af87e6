"""Numbers in formulas mean what they say."""

import re
from math import log

from hypothesis import given
from hypothesis import strategies as st

from cnn.ui.learn.formula import digits_needed, tex, tex_count, tex_in_brackets


@given(st.floats(-1e30, 1e30, allow_subnormal=False))
def test_a_number_in_a_formula_is_the_number(value: float) -> None:
    told = tex(value)
    assert re.fullmatch(r"-?\d+(\.\d+)?( \\cdot 10\^\{-?\d+\})?", told)
    mantissa, _, exponent = told.replace("}", "").partition(r" \cdot 10^{")
    read = float(mantissa) * 10.0 ** int(exponent or 0)
    assert abs(read - value) <= 0.051 * abs(value)
    assert tex_in_brackets(value) == (f"({told})" if value < 0 else told)


@given(st.floats(1e-6, 0.999))
def test_who_works_out_a_formula_from_its_digits_gets_what_it_says(probability: float) -> None:
    loss = tex(-log(probability))
    told = tex(probability, digits_needed([probability], (lambda p: -log(p), loss)))
    by_hand = -log(float(told.replace(r" \cdot 10^{", "e").rstrip("}")))
    assert tex(by_hand) == loss or abs(by_hand + log(probability)) < 0.51 * 10 ** -len(
        loss.partition(".")[2].partition(" ")[0]
    )


def test_two_digits_are_not_enough_for_the_loss_of_two_thirds() -> None:
    probability = 0.66524
    assert digits_needed([probability], (lambda p: -log(p), "0.41")) == 1
    assert tex(probability, 1) == "0.665"
    assert digits_needed([0.5], (lambda p: -log(p), "0.69")) == 0


def test_thousands_stand_apart() -> None:
    assert [tex_count(one) for one in (7, 900, 21446)] == ["7", "900", r"21\,446"]
