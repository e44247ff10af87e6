"""Numbers as they stand in a formula."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from cnn.ui.common import formatting

_MORE_DIGITS = 7
Claim = tuple[Callable[..., float], str]
"""A function of the numbers in a formula, and what the formula says it comes to, in LaTeX."""


def tex(value: float, more: int = 0) -> str:
    """A value in LaTeX, rounded as everywhere in the app, or to so many `more` digits."""
    mantissa, power, exponent = formatting.number(value).replace("−", "-").partition("e")
    if more and mantissa.lstrip("-")[:1].isdigit():
        digits = len(mantissa.partition(".")[2]) + more
        text = f"{value:.{digits}e}" if power else f"{value:.{digits}f}"
        mantissa, power, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if power else mantissa


def tex_in_brackets(value: float, more: int = 0) -> str:
    """The same where it follows another sign: in brackets below zero."""
    return f"({tex(value, more)})" if value < 0 else tex(value, more)


def digits_needed(values: Sequence[float], *claims: Claim) -> int:
    """How many `more` digits the values need for the claims to be true of them as they are written.

    From 0.67 a reader gets −ln 0.67 = 0.40, though the loss is 0.41: 0.665 shows why.
    """
    for more in range(_MORE_DIGITS):
        written = [_read(tex(value, more)) for value in values]
        with suppress(ArithmeticError):  # a number that is rounded to 0 may be divided by
            if all(_rounds_to(function(*written), told) for function, told in claims):
                return more
    return 0  # numbers beyond what 32 bits hold: no digits help


def _read(text: str) -> float:
    mantissa, _, exponent = text.rstrip("}").partition(r" \cdot 10^{")
    return float(f"{mantissa.replace('∞', 'inf')}") * 10.0 ** int(exponent or 0)


def _rounds_to(value: float, text: str) -> bool:
    mantissa, _, exponent = text.rstrip("}").partition(r" \cdot 10^{")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return abs(value - _read(text)) <= 0.5001 * unit


def tex_count(count: int) -> str:
    """A count in LaTeX, with thin spaces between the thousands."""
    return f"{count:,}".replace(",", r"\,")
