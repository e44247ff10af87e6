"""A confusion matrix to choose a cell of."""

from collections.abc import Callable, Sequence

from cnn.arrays import Numbers
from cnn.ui.common.theme import SIGNED
from cnn.ui.components.component import component, pack

_matrix = component("confusion_matrix")


def confusion_matrix(
    counts: Numbers,
    classes: Sequence[str],
    as_shares: bool,
    chosen: tuple[int, int] | None,
    on_cell: Callable[[int, int], None],
    key: str,
) -> None:
    """Show `counts` (truth, answer), each as itself or as its share of its row.

    Right answers are blue and wrong ones orange, each from none to the largest share of a row. A
    click, or Enter after the arrow keys, calls `on_cell` with row and column before the page runs
    again.
    """

    def choose(cell: object) -> None:
        size = len(classes)
        match cell:
            case [int(row), int(column)] if 0 <= row < size and 0 <= column < size:
                on_cell(row, column)

    drawn = message(counts, classes, True, as_shares, chosen)
    _matrix(key=key, data=drawn, cell=choose)


def message(
    counts: Numbers,
    classes: Sequence[str],
    choosable: bool,
    as_shares: bool = False,
    chosen: tuple[int, int] | None = None,
) -> bytes:
    """What the browser needs to draw `confusion_matrix`."""
    head = {
        "classes": classes,
        "counts": counts.tolist(),
        "shares": as_shares,
        "chosen": chosen,
        "choosable": choosable,
        "palettes": SIGNED,
    }
    return pack(head, b"")
