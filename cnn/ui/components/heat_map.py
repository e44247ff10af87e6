"""Maps of an image side by side, in the browser: pointing at one shows the values of all."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.inspection.map_geometry import Cells
from cnn.ui.common.theme import SIGNED
from cnn.ui.components.component import component, pack

Array = NDArray[np.float32]

_component = component("heat_map")


@dataclass(frozen=True, eq=False)
class HeatMap:
    """One map of the image with what is to be said of it; a card without `values` is only words.

    `what` says what it is and `limit` what it is not; `facts` are sentences on this very map.
    `values` are (cells, cells) and lie on the image as `cells` says; `measure` is what a value is,
    in a few words. A signed map is colored both ways from zero, any other from zero up. `details`
    are further numbers of each cell, by what they are called. `marks` names what is special about
    cells: the number of a class, -1 for nothing; `marked` is what is said of such a cell before the
    class's name. `grid` is what the map is called where it is drawn a second time as it is, a square
    a cell, with the cells' centers on the image; None: only on the image. Where the cells see so much
    that it would say little `laid` on the image, it is drawn as it is only.
    """

    title: str
    what: str
    limit: str
    facts: tuple[str, ...]
    values: Array | None = None
    cells: Cells | None = None
    measure: str = ""
    signed: bool = False
    details: tuple[tuple[str, Array], ...] = ()
    marks: NDArray[np.int64] | None = None
    marked: str = ""
    grid: str | None = None
    laid: bool = True


class _Numbers:
    """All maps' numbers in one row."""

    def __init__(self) -> None:
        self.parts: list[Array] = []
        self.count = 0

    def put(self, values: NDArray[Any]) -> int:
        """Append values; returns where they start."""
        start = self.count
        self.parts.append(np.asarray(values, "<f4").ravel())
        self.count += values.size
        return start


def message(image: NDArray[np.uint8], maps: list[HeatMap], classes: tuple[str, ...]) -> bytes:
    """What the browser needs to draw `maps` of a uint8 image (height, width, channels)."""
    numbers = _Numbers()
    described = [_described(heat_map, numbers) for heat_map in maps]
    head = {
        "maps": described,
        "floats": numbers.count,
        "shape": image.shape,
        "classes": classes,
        "palettes": SIGNED,
    }
    floats = b"".join(part.tobytes() for part in numbers.parts)
    return pack(head, floats + image.tobytes())


def heat_maps(data: bytes, key: str) -> None:
    """Draw a `message` on the page."""
    _component(key=key, data=data)


def _described(heat_map: HeatMap, numbers: _Numbers) -> dict[str, Any]:
    words = {
        "title": heat_map.title,
        "what": heat_map.what,
        "limit": heat_map.limit,
        "facts": heat_map.facts,
    }
    if heat_map.values is None or heat_map.cells is None:
        return words
    finite = np.abs(heat_map.values[np.isfinite(heat_map.values)])
    return words | {
        "values": numbers.put(heat_map.values),
        "largest": float(finite.max(initial=0)),
        "centers": heat_map.cells.centers,
        "spans": heat_map.cells.spans,
        "nearest": heat_map.cells.nearest,
        "measure": heat_map.measure,
        "signed": heat_map.signed,
        "details": [[label, numbers.put(values)] for label, values in heat_map.details],
        "marks": None if heat_map.marks is None else numbers.put(heat_map.marks),
        "marked": heat_map.marked,
        "grid": heat_map.grid,
        "laid": heat_map.laid,
    }
