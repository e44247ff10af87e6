"""Numbers as a page writes them."""

import math
import re

_NUMBER = re.compile(r"−?\d[\d.]*(?:e[−+]?\d+)?")


def read_number(text: str) -> float:
    """The number that a text is."""
    return float(text.strip("() ").replace("−", "-"))


def numbers_in(text: str) -> list[float]:
    """All numbers in a text, in order."""
    return [read_number(found) for found in _NUMBER.findall(text)]


def check_number(text: str, value: float) -> None:
    """The text is the value, rounded to its own last digit and to at most 5 percent."""
    written = text.replace("−", "-")
    mantissa, _, exponent = written.partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    assert abs(float(written) - value) <= 0.501 * unit, (text, value)
    assert math.isclose(float(written), value, rel_tol=0.051), (text, value)
