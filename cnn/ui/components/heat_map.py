"""Maps of an image side by side, in the browser: pointing at one shows the values of all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn.arrays import Array, Numbers, Pixels
from cnn.inspection.map_geometry import Cells
from cnn.ui.common.theme import SIGNED
from cnn.ui.components.component import component, pack

_component = component("heat_map")


@dataclass(frozen=True, eq=False)
class HeatMap:
    """One map of the image and its description; a card without `values` is only words.

    `what` says what it is and `limit` what it is not; `facts` are sentences on this very map.
    `values` are (cells, cells) and lie on the image as `cells` says; `measure` is what a value is,
    in a few words. A map with `ends`, which say what values below and above zero mean, is colored
    both ways from zero, any other from zero up. `details` are further numbers of each cell,
    by what they are called. `marks` names what is special about cells: the number of a class, -1
    for nothing; `marked` is the text on such a cell before the class's name. `grid` is what the map
    is called where it is drawn a second time as it is, a square a cell, with the cells' centers on
    the image; None: only on the image. It is not `overlaid` on the image where its cells see so
    much that this would say little.
    """

    title: str
    what: str
    limit: str
    facts: tuple[str, ...]
    values: Array | None = None
    cells: Cells | None = None
    measure: str = ""
    ends: tuple[str, ...] = ()
    details: tuple[tuple[str, Array], ...] = ()
    marks: Numbers | None = None
    marked: str = ""
    grid: str | None = None
    overlaid: bool = True


def message(image: Pixels, maps: list[HeatMap], classes: tuple[str, ...]) -> bytes:
    """What the browser needs to draw `maps` of a uint8 image (height, width, channels)."""
    numbers: list[Array] = []

    def put(values: NDArray[Any]) -> int:
        """Append values to the row of all maps' numbers; returns where they start."""
        start = sum(part.size for part in numbers)
        numbers.append(np.asarray(values, "<f4").ravel())
        return start

    head = {
        "maps": [_described(heat_map, put) for heat_map in maps],
        "floats": sum(part.size for part in numbers),
        "shape": image.shape,
        "classes": classes,
        "palettes": SIGNED,
    }
    return pack(head, b"".join(part.tobytes() for part in numbers) + image.tobytes())


def heat_maps(data: bytes, key: str) -> None:
    """Draw a `message` on the page."""
    _component(key=key, data=data)


def _described(heat_map: HeatMap, put: Callable[[NDArray[Any]], int]) -> dict[str, Any]:
    described = vars(heat_map).copy()
    values, cells = described.pop("values"), described.pop("cells")
    if values is None or cells is None:
        return described
    finite = np.abs(values[np.isfinite(values)])
    return (
        described
        | vars(cells)
        | {
            "values": put(values),
            "largest": float(finite.max(initial=0)),
            "details": [[label, put(numbers)] for label, numbers in heat_map.details],
            "marks": None if heat_map.marks is None else put(heat_map.marks),
        }
    )
