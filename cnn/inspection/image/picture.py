"""Anybody's picture turned into what a network reads, one visible step after the other."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from cnn.arrays import Pixels

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 10 * 2**20
LARGEST_SIDE = 4096
_SHOWN = 512
_FAINT = 24


class PictureError(ValueError):
    """A picture that cannot be used; the message is a sentence for the person who gave it."""


@dataclass(frozen=True, eq=False)
class Step:
    """What was done, why, and the picture after it: uint8 (height, width, 1 or 3)."""

    title: str
    why: str
    image: Pixels


def prepare(
    content: bytes, image_shape: tuple[int, int, int], invert: bool | None = None
) -> tuple[Step, ...]:
    """The steps from a PNG, JPEG or WebP file to an image of `image_shape` (height, width, channels).

    A network for gray images gets: gray, inverted where things are darker than the ground (`invert`
    None), cropped to what stands out, scaled to fill the frame, centered on black. A network
    for color images gets a centered square, scaled. Raises PictureError for anything else.
    """
    picture = _opened(content)
    return tuple(_steps(picture, image_shape, invert))


def _opened(content: bytes) -> Image.Image:
    if len(content) > MOST_BYTES:
        raise PictureError(
            f"The file has {len(content) / 2**20:.0f} MB; a picture may have {MOST_BYTES // 2**20} MB. Save it smaller."
        )
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if max(picture.size) > LARGEST_SIDE:
            raise PictureError(
                f"The picture has {picture.width} × {picture.height} pixels; a side may have {LARGEST_SIDE}. Make it smaller."
            )
        # Transparent parts are ground: white, as on most screens.
        rgba = ImageOps.exif_transpose(picture).convert("RGBA")
        ground = Image.new("RGBA", rgba.size, "white")
        flat = Image.alpha_composite(ground, rgba).convert("RGB")
    except PictureError:
        raise
    except Exception as error:  # Pillow meets damaged files with almost any exception
        raise PictureError(
            "The file could not be read as a PNG, JPEG or WebP picture. Open it elsewhere and save it as PNG."
        ) from error
    flat.thumbnail((_SHOWN, _SHOWN))
    return flat


def _steps(
    picture: Image.Image, image_shape: tuple[int, int, int], invert: bool | None
) -> Iterator[Step]:
    height, width, channels = image_shape
    yield Step("Your picture", "At most 512 pixels wide or high.", _array(picture))
    if channels == 3:
        square = ImageOps.fit(picture, (min(picture.size),) * 2)
        yield Step("Crop", "The middle, as a square.", _array(square))
        small = square.resize((width, height), Image.Resampling.BOX)
        yield Step("Scale", f"{height} × {width} pixels, as the network reads.", _array(small))
        return
    gray = ImageOps.grayscale(picture)
    yield Step("Gray", "0.299 red + 0.587 green + 0.114 blue.", _array(gray))
    dark = _is_dark_on_light(_array(gray))
    if dark if invert is None else invert:
        gray = ImageOps.invert(gray)
        why = "The thing is darker than its ground; " if dark else "Asked for; "
        yield Step(
            "Invert", why + "the network has learned from light things on black.", _array(gray)
        )
    gray = _cropped(gray)
    yield Step("Crop", "To what stands out from the ground.", _array(gray))
    scale = min(width / gray.width, height / gray.height)
    size = (max(1, round(gray.width * scale)), max(1, round(gray.height * scale)))
    smaller = gray.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.NEAREST)
    yield Step("Scale", f"The longer side to {max(height, width)} pixels.", _array(smaller))
    framed = Image.new("L", (width, height))
    framed.paste(smaller, ((width - size[0]) // 2, (height - size[1]) // 2))
    yield Step("Center", f"On a black square of {height} × {width}.", _array(framed))


def _cropped(gray: Image.Image) -> Image.Image:
    """Without the border that is as bright as the ground; the ground becomes black."""
    ground = int(_ground(_array(gray)))
    lifted = gray.point(lambda value: value - ground if value - ground > _FAINT else 0)
    box = lifted.getbbox()
    if box is None:  # nothing stands out: the picture is one even shade
        return gray
    return lifted.crop(box)


def _is_dark_on_light(gray: Pixels) -> bool:
    """Whether more stands out below the brightness of the ground than above it."""
    above = gray.astype(int) - int(_ground(gray))
    below = np.clip(-above - _FAINT, 0, None).sum()
    return bool(below > np.clip(above - _FAINT, 0, None).sum())


def _ground(image: Pixels) -> float:
    """The median brightness along the border."""
    edges = (image[0], image[-1], image[:, 0], image[:, -1])
    return float(np.median(np.concatenate(edges)))


def _array(picture: Image.Image) -> Pixels:
    array: NDArray[Any] = np.asarray(picture, dtype=np.uint8)
    return array if array.ndim == 3 else array[..., None]


def shrunk(image: Pixels, side: int) -> Pixels:
    """A square image uint8 (height, width, 1) as `side` x `side` pixels, each the mean of its area."""
    small = Image.fromarray(image[..., 0]).resize((side, side), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.uint8)[..., None]
