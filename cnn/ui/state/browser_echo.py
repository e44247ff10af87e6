"""Telling an address that somebody has opened from one that the page itself wrote just before."""

import time
from collections.abc import Hashable

_ON_ITS_WAY = 2.0
"""Seconds in which a browser may still send what stood in the address before."""


class Written:
    """What a page writes into its part of the address.

    With every run of the page the browser sends the address that it had when it asked for the run.
    If the page has changed the address meanwhile, that is an old one, and nobody has opened it.
    """

    def __init__(self) -> None:
        self._now: Hashable = None
        self._before: list[tuple[float, Hashable]] = []

    def write(self, part: Hashable) -> None:
        """Take note that this stands in the address by now."""
        if part == self._now:
            return
        self._before = [*self._lately(), (time.monotonic(), self._now)]
        self._now = part

    def is_opened(self, part: Hashable) -> bool:
        """Whether this, which the browser says stands in the address, was opened by somebody."""
        return part != self._now and part not in [one for _, one in self._lately()]

    def _lately(self) -> list[tuple[float, Hashable]]:
        since = time.monotonic() - _ON_ITS_WAY
        return [(at, part) for at, part in self._before if at > since]
