"""Checks of the settings of networks and layers; a refusal is a sentence for the user."""

from typing import NamedTuple


class Range(NamedTuple):
    """The smallest and the largest value a setting may take, both included."""

    low: float
    high: float


class NetworkError(ValueError):
    """A network that cannot be built; the message is a sentence for the person who asked for it."""


def check_within(
    what: str, value: float, allowed: Range, error: type[ValueError] = NetworkError
) -> None:
    """Raise `error` unless `value` is a number within `allowed`."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (is_number and allowed.low <= value <= allowed.high):
        raise error(
            f"The {what} must be between {allowed.low:.10g} and {allowed.high:.10g}; it was {value!r}."
        )


def check_hundredths(what: str, value: float, allowed: Range) -> None:
    """Raise NetworkError unless `value` is within `allowed` and has at most two decimals.

    Network links and the sliders on the pages have two decimals as well.
    """
    check_within(what, value, allowed)
    if round(value, 2) != value:
        raise NetworkError(f"The {what} must have at most two decimals; it was {value!r}.")


def check_whole(what: str, value: int, allowed: Range) -> None:
    """Raise NetworkError unless `value` is a whole number within `allowed`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise NetworkError(f"The {what} must be a whole number; it was {value!r}.")
    check_within(what, value, allowed)


def check_one_of(what: str, value: str, allowed: tuple[str, ...]) -> None:
    """Raise NetworkError unless `value` is one of `allowed`."""
    if value not in allowed:
        raise NetworkError(f"The {what} must be one of {', '.join(allowed)}; it was {value!r}.")
