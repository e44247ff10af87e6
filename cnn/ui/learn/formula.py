"""Numbers as they stand in a formula."""

from cnn.ui.common import formatting


def tex(value: float) -> str:
    """A value in LaTeX, rounded as everywhere in the app."""
    mantissa, power, exponent = formatting.number(value).replace("−", "-").partition("e")
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if power else mantissa


def tex_in_brackets(value: float) -> str:
    """The same where it follows another sign: in brackets below zero."""
    return f"({tex(value)})" if value < 0 else tex(value)


def tex_count(count: int) -> str:
    """A count in LaTeX, with thin spaces between the thousands."""
    return f"{count:,}".replace(",", r"\,")
