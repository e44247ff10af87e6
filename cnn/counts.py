"""How a count is written everywhere in the app."""


def thousands(count: float) -> str:
    """A count with thin spaces between the thousands: 21 446."""
    return f"{count:,.0f}".replace(",", "\u202f")
