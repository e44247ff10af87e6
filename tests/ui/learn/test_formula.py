"""Numbers in formulas mean what they say."""

import re

from hypothesis import given
from hypothesis import strategies as st

from cnn.ui.learn.formula import tex, tex_count, tex_in_brackets


@given(st.floats(-1e30, 1e30, allow_subnormal=False))
def test_a_number_in_a_formula_is_the_number(value: float) -> None:
    told = tex(value)
    assert re.fullmatch(r"-?\d+(\.\d+)?( \\cdot 10\^\{-?\d+\})?", told)
    mantissa, _, exponent = told.replace("}", "").partition(r" \cdot 10^{")
    read = float(mantissa) * 10.0 ** int(exponent or 0)
    assert abs(read - value) <= 0.051 * abs(value)
    assert tex_in_brackets(value) == (f"({told})" if value < 0 else told)


def test_thousands_stand_apart() -> None:
    assert [tex_count(one) for one in (7, 900, 21446)] == ["7", "900", r"21\,446"]
