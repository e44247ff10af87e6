"""Small pictures to choose one from, and one picture with its numbers."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from cnn.arrays import Pixels
from cnn.data.split import ChosenData
from cnn.ui.components.component import component, pack
from cnn.ui.state import services
from cnn.ui.state.session import Session

_grid = component("image_grid")
_pixels = component("pixel_view")


def image_grid(
    images: Pixels,
    numbers: Sequence[int],
    captions: Sequence[str],
    selected: int | None,
    on_choice: Callable[[int], None],
    key: str,
    zoom: int = 2,
    terse: bool = False,
) -> None:
    """Show images uint8 (n, height, width, channels), each with its number and caption.

    A click calls `on_choice` with the image's number before the page runs again. In a `terse` grid
    only the pointer and screen readers find number and caption.
    """
    described = [
        {"number": int(number), "caption": caption, "selected": int(number) == selected}
        for number, caption in zip(numbers, captions, strict=True)
    ]
    head = {"shape": images.shape[1:], "images": described, "zoom": zoom, "terse": terse}

    def chosen(number: object) -> None:
        if isinstance(number, int) and number in numbers:
            on_choice(number)

    _grid(key=key, data=pack(head, images.tobytes()), chosen=chosen)


def pixel_view(
    image: Pixels,
    label: str,
    key: str,
    numbers: bool = False,
    width: int = 420,
    of: Literal[255, 1] = 255,
    channel: int | None = None,
    corner: tuple[int, int] = (0, 0),
    box: tuple[int, int, int] | None = None,
    on_cell: Callable[[int, int], None] | None = None,
) -> None:
    """One image uint8 (height, width, channels) enlarged; with `numbers`, every cell says its value.

    It is about `width` pixels wide. Values are shown from 0 to 255 or, `of` 1, divided by 255;
    `channel` picks one of red, green and blue. `corner` is the row and column, from 0, that an image
    cut out of a larger one began at. `box` outlines a square: its first row and column, its side. A
    click calls `on_cell` with row and column before the page runs again.
    """
    head = {
        "shape": image.shape,
        "label": label,
        "numbers": numbers,
        "width": width,
        "of": of,
        "channel": channel,
        "top": corner[0],
        "left": corner[1],
        "box": box,
        "chooses": on_cell is not None,
        "hint": "Point at a cell for its value.",
    }
    height, columns, _ = image.shape

    def chosen(cell: object) -> None:
        match cell:
            case [int(row), int(column)] if 0 <= row < height and 0 <= column < columns:
                assert on_cell
                on_cell(row, column)

    _pixels(key=key, data=pack(head, image.tobytes()), cell=chosen)


def one_of_each(
    session: Session, data: ChosenData, key: str, zoom: int = 2, and_current: bool = False
) -> int:
    """The first test image of each class to click; returns the number of the one that is chosen.

    It is the session's image where that is among them, else the first. With `and_current` the
    session's image is always there to click.
    """
    labels = data.labels[data.test]
    _, first = np.unique(labels, return_index=True)
    numbers: list[int] = data.test[first].tolist()
    number = services.image_number(session.viewed.image, data)
    if number not in numbers and and_current:
        numbers = [number, *numbers]
    elif number not in numbers:
        number = numbers[0]
    images = data.dataset.images[numbers]
    captions = [data.classes[label] for label in data.labels[numbers]]
    image_grid(images, numbers, captions, number, session.choose_image, key=key, zoom=zoom)
    return number
