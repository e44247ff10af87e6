"""Pictures of any kind become what a network reads, or a sentence."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cnn.inspection.image.picture import LARGEST_SIDE, MOST_BYTES, PictureError, Step, prepare

Shape = tuple[int, int, int]
GRAY: Shape = (28, 28, 1)
SHAPES: tuple[Shape, ...] = (GRAY, (8, 8, 1), (32, 32, 3))
MODES = {"PNG": ("L", "RGB", "RGBA", "P", "1"), "JPEG": ("L", "RGB"), "WEBP": ("RGB", "RGBA")}


def saved(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


@st.composite
def pictures(draw: st.DrawFn, most: int = 300) -> tuple[Image.Image, str]:
    """A picture of noise, blots on an even ground, or one shade; and a format that can hold it."""
    form = draw(st.sampled_from(sorted(MODES)))
    width, height = draw(st.integers(1, most)), draw(st.integers(1, most))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    array = np.empty((height, width, 4), np.uint8)
    array[:] = random.integers(0, 256, 4)
    kind = draw(st.sampled_from(["noise", "blots", "even"]))
    if kind == "noise":
        array = random.integers(0, 256, array.shape, dtype=np.uint8)
    elif kind == "blots":
        for _ in range(3):
            top, left = random.integers(0, height), random.integers(0, width)
            array[top : top + 20, left : left + 20] = random.integers(0, 256, 4)
    mode = draw(st.sampled_from(MODES[form]))
    picture = Image.fromarray(array)
    return (picture if mode == "RGBA" else picture.convert("RGB").convert(mode)), form


def check(steps: tuple[Step, ...], shape: Shape) -> None:
    for step in steps:
        assert step.image.dtype == np.uint8
        assert step.image.ndim == 3
        assert min(step.image.shape) >= 1
        assert step.image.shape[2] in (1, 3)
        assert step.title and step.why.endswith(".")
    assert steps[-1].image.shape == shape
    assert max(steps[0].image.shape) <= 512


@given(pictures(), st.sampled_from(SHAPES), st.sampled_from([None, True, False]))
@settings(deadline=None, max_examples=150)
def test_any_picture_becomes_what_the_network_reads(
    made: tuple[Image.Image, str], shape: Shape, invert: bool | None
) -> None:
    picture, form = made
    steps = prepare(saved(picture, form), shape, invert)
    check(steps, shape)
    assert steps[0].image.shape[:2] == (picture.height, picture.width)
    inverted = "Invert" in [step.title for step in steps]
    if shape[2] == 3:
        assert not inverted
    elif invert is not None:
        assert inverted == invert


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(pictures(40), st.data())
@settings(deadline=None, max_examples=400)
def test_a_damaged_file_becomes_a_picture_or_a_sentence(
    made: tuple[Image.Image, str], data: st.DataObject
) -> None:
    picture, form = made
    exif = Image.Exif()
    exif[0x0112] = 6
    content = bytearray(saved(picture, form, exif=exif))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))]
    try:
        steps = prepare(bytes(content), GRAY)
    except PictureError as error:
        assert str(error).endswith(".")
    else:
        check(steps, GRAY)


def of_a_boot(thing: int, ground: int) -> Image.Image:
    picture = Image.new("L", (200, 260), ground)
    pen = ImageDraw.Draw(picture)
    pen.polygon([(60, 40), (110, 40), (115, 150), (165, 190), (165, 220), (60, 220)], thing)
    return picture


def last(picture: Image.Image, form: str = "PNG") -> NDArray[np.int64]:
    return prepare(saved(picture, form), GRAY)[-1].image.astype(np.int64)


@pytest.mark.parametrize("form", sorted(MODES))
@pytest.mark.parametrize(("thing", "ground"), [(0, 255), (40, 230), (20, 150)])
def test_dark_on_light_and_light_on_dark_become_the_same(
    form: str, thing: int, ground: int
) -> None:
    dark = last(of_a_boot(thing, ground).convert("RGB"), form)
    light = last(of_a_boot(255 - thing, 255 - ground).convert("RGB"), form)
    assert np.abs(dark - light).mean() < 2
    assert dark.max() > 80  # there is something to see ...
    assert dark[0, 0, 0] == 0  # ... on black,
    rows = np.flatnonzero(dark.max(axis=(1, 2)) > 40)
    assert (rows[0], rows[-1]) == (0, 27)  # ... as high as the frame,
    columns = np.flatnonzero(dark.max(axis=(0, 2)) > 40)
    assert abs(columns[0] + columns[-1] - 27) <= 1  # ... and in its middle.


def test_a_transparent_ground_is_white() -> None:
    boot = of_a_boot(0, 255)
    clear = Image.merge("RGBA", [boot, boot, boot, boot.point(lambda value: 255 - value)])
    assert clear.getpixel((0, 0))[3] == 0
    np.testing.assert_array_equal(last(clear), last(boot))


def test_a_photo_taken_sideways_is_turned_upright() -> None:
    upright = of_a_boot(0, 255).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    sideways = saved(upright.rotate(90, expand=True), "PNG", exif=exif)
    plain, turned = prepare(saved(upright), GRAY), prepare(sideways, GRAY)
    for one, other in zip(plain, turned, strict=True):
        np.testing.assert_array_equal(one.image, other.image)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("shade", [0, 90, 255])
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (40, 40)])
def test_one_even_shade_stays_even(shape: Shape, shade: int, size: tuple[int, int]) -> None:
    steps = prepare(saved(Image.new("L", size, shade)), shape, invert=False)
    check(steps, shape)
    assert set(np.unique(steps[-1].image)) <= {0, shade}


def test_colors_stay_where_they_are() -> None:
    picture = Image.new("RGB", (96, 64), (0, 0, 200))
    picture.paste((200, 0, 0), (0, 0, 48, 64))
    image = prepare(saved(picture), (32, 32, 3))[-1].image
    np.testing.assert_array_equal(image[:, :16], np.broadcast_to((200, 0, 0), (32, 16, 3)))
    np.testing.assert_array_equal(image[:, 16:], np.broadcast_to((0, 0, 200), (32, 16, 3)))


def with_strange_notes() -> bytes:
    """A JPEG whose camera's notes say that it lies on its side and that its resolution is a word."""
    turned = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    resolution = struct.pack(">HHI4s", 0x011A, 2, 4, b"abc\0")
    notes = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 2) + turned + resolution + bytes(4)
    return saved(of_a_boot(0, 255), "JPEG", exif=notes)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "could not be read"),
        (b"no picture", "could not be read"),
        (SVG, "could not be read"),
        (saved(of_a_boot(0, 255), "GIF"), "could not be read"),
        (saved(of_a_boot(0, 255), "BMP"), "could not be read"),
        (saved(of_a_boot(0, 255))[:300], "could not be read"),
        (saved(of_a_boot(0, 255), "JPEG")[:500], "could not be read"),
        (with_strange_notes(), "could not be read"),
        (saved(Image.new("L", (LARGEST_SIDE + 1, 1))), "4097 × 1 pixels"),
        (saved(Image.new("L", (1, LARGEST_SIDE + 1))), "1 × 4097 pixels"),
        (b"\x89PNG" + bytes(MOST_BYTES), "a picture may have 10 MB"),
    ],
    ids=[
        "nothing",
        "text",
        "svg",
        "gif",
        "bmp",
        "cut png",
        "cut jpeg",
        "notes",
        "wide",
        "high",
        "heavy",
    ],
)
def test_what_cannot_be_used_gets_a_sentence(content: bytes, told: str) -> None:
    with pytest.raises(PictureError, match=told):
        prepare(content, GRAY)


def test_the_largest_picture_is_taken() -> None:
    check(prepare(saved(Image.new("L", (LARGEST_SIDE, 7), 255)), GRAY), GRAY)
