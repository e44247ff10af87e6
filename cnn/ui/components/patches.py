"""Parts of images side by side, with a caption for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cnn.arrays import Pixels
from cnn.inspection.map_geometry import Patch
from cnn.ui.components.component import component, pack

_patches = component("patches")


@dataclass(frozen=True, eq=False)
class Shown:
    """A patch and the lines below it; `label` says all of it to those who do not see it."""

    patch: Patch
    value: str
    number: str
    caption: str
    label: str
    selected: bool = False


def patches(
    shown: Sequence[Shown], key: str, on_choice: Callable[[int], None] | None, side: int = 72
) -> None:
    """Show patches at one zoom that brings the largest near to `side` pixels of the screen.

    Cells that the unit does not see are hatched.

    A click or Enter on the patch at a place calls `on_choice` with that place, from 0, before the
    page runs again; with None there is nothing to choose.
    """

    def chosen(place: object) -> None:
        if on_choice is not None and isinstance(place, int) and 0 <= place < len(shown):
            on_choice(place)

    _patches(key=key, data=message(shown, on_choice is not None, side), chosen=chosen)


def message(shown: Sequence[Shown], choosable: bool, side: int = 72) -> bytes:
    """What the browser needs to draw `patches`."""
    described = [vars(one) | {"shape": one.patch.seen.shape} for one in shown]
    parts = [one.pop("patch") for one in described]
    largest = max(max(one["shape"]) for one in described)
    zoom = max(1, round(side / largest))
    head = {"patches": described, "zoom": zoom, "choosable": choosable}
    return pack(head, b"".join(_colored(part).tobytes() for part in parts))


def _colored(patch: Patch) -> Pixels:
    """Red, green, blue and, for what is seen, 255: (height, width, 4)."""
    height, width = patch.seen.shape
    colors = np.broadcast_to(patch.pixels, (height, width, 3))
    return np.dstack([colors, np.where(patch.seen, np.uint8(255), np.uint8(0))])
