"""How a count is written everywhere in the app."""


def thousands(count: float) -> str:
    """A count with thin spaces between the thousands: 21 446."""
    return f"{count:,.0f}".replace(",", "\u202f")


def counted(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun: "1 epoch", "30 epochs", "2 classes" (whose `plural` is not "s")."""
    return f"{thousands(count)} {noun if count == 1 else plural or f'{noun}s'}"
