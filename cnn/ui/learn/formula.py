"""Numbers in the formulas and sentences of a lesson: four significant digits, so that they add up."""

from decimal import Decimal

from cnn.ui.common.formatting import thousands

_DIGITS = 4


def significant(value: float) -> str:
    """Return a finite value with at least four significant digits: 0.6652, 11.11, 21446, 1.2e−5.

    A reader who recomputes a step of a formula from rounded numbers must get the number that follows.
    """
    size = abs(float(value))
    if 0 < size < 0.001 or size >= 1e6:
        mantissa, exponent = f"{size:.{_DIGITS - 1}e}".split("e")
        text = f"{float(mantissa):g}e{int(exponent)}"
    elif size >= 1000:
        text = f"{size:.0f}"
    else:
        text = f"{Decimal(f'{size:.{_DIGITS}g}'):f}"
    return (f"-{text}" if value < 0 else text).replace("-", "−")


def in_sentence(value: float) -> str:
    """Return a finite value as Markdown for a sentence: 0.6652, 63,316, 1.026 · 10⁶."""
    text = significant(value)
    if "e" in text:
        return f"${tex(value)}$"
    return thousands(value) if abs(value) >= 1000 else text


def tex(value: float) -> str:
    """Return a finite value in LaTeX with four significant digits."""
    mantissa, power, exponent = significant(value).replace("−", "-").partition("e")
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if power else mantissa


def tex_in_parentheses(value: float) -> str:
    """Return the value in LaTeX, in parentheses if it is negative, to follow another sign."""
    return f"({tex(value)})" if value < 0 else tex(value)


def tex_count(count: int) -> str:
    """Return a count in LaTeX with a comma between the thousands: 21,446."""
    return f"{count:,}".replace(",", "{,}")
