"""Images as a CSV table, one row an image: label, pixel1, pixel2, ... row by row, 0 to 255."""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

import numpy as np
import pandas as pd

from cnn.arrays import Numbers
from cnn.data.dataset import LARGEST_SIDE, SMALLEST_SIDE, DataError, Dataset, content_identity

MAX_CSV_BYTES = 50 * 1024 * 1024
MAX_ROWS = 70_000
MIN_ROWS = 20
MAX_CLASSES = 50
MIN_ROWS_PER_CLASS = 2
MAX_LABEL_LENGTH = 40

LABEL = "label"
PIXEL_NAME = re.compile(r"pixel(0|[1-9][0-9]{0,5})", re.ASCII)
PIXEL_VALUES = frozenset(range(256))
PLAIN_CELLS = frozenset(map(str, PIXEL_VALUES))


def read_csv(source: bytes | BinaryIO, name: str) -> Dataset:
    """The gray images of a UTF-8 CSV table, called `name`.

    The first line names the columns, in any order: `label`, and `pixel1` to `pixelN` (or `pixel0`
    to `pixelN-1`), row by row from the top left corner, N a square from 4 x 4 to 64 x 64. Pixels
    are whole numbers from 0 to 255. Labels are whole numbers or words; the classes are the labels
    that occur, in ascending order if all are numbers, else in alphabetical order.

    Raises DataError, naming line and column, for a table that is not of this form, that has more
    than 50 MB or 70,000 rows, fewer than 20 rows or than 2 of a class, or not 2 to 50 classes.
    """
    content = _limited(source)
    _, cells = next(_records(content), (1, [""]))
    header = [cell.strip() for cell in cells]
    pixels = _pixel_columns(header)
    frame = _frame(content, header)
    words = [word.strip() for word in frame[LABEL]]
    classes = _classes(words)
    labels = pd.Categorical(words, categories=classes).codes.astype(np.int64)
    side = math.isqrt(len(pixels))
    images = frame[pixels].to_numpy().reshape(-1, side, side, 1)
    return Dataset(
        name=name,
        identity=content_identity("csv", images, labels, classes),
        images=images,
        labels=labels,
        classes=classes,
        credit=f"Read from the table {name}.",
    )


def to_csv(dataset: Dataset, numbers: Sequence[int] | Numbers) -> bytes:
    """The images with these numbers as a table in the form of the article, labels as numbers.

    Raises DataError for color images, which the form cannot hold.
    """
    _, height, width, channels = dataset.images.shape
    if channels != 1:
        raise DataError(f"{dataset.name} has color images; a table can hold gray ones only.")
    chosen = np.asarray(numbers, dtype=np.int64)
    header = [LABEL, *(f"pixel{number}" for number in range(1, height * width + 1))]
    pixels = dataset.images[chosen].reshape(len(chosen), -1)
    rows = pd.DataFrame(np.column_stack([dataset.labels[chosen], pixels]), columns=header)
    return rows.to_csv(index=False, lineterminator="\n").encode()


def _limited(source: bytes | BinaryIO) -> bytes:
    content = source if isinstance(source, bytes) else source.read(MAX_CSV_BYTES + 1)
    if len(content) > MAX_CSV_BYTES:
        raise DataError(
            f"The file is larger than {MAX_CSV_BYTES // 1024**2} MB; upload fewer images."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"Line {line} is not text in UTF-8; save the table as a CSV file in UTF-8."
        ) from error
    if not text.strip():
        raise DataError("The file is empty; it needs a header line and one line per image.")
    return content


def _records(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line that is not blank, with the line's number in the file from 1."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    reader = csv.reader(text, strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise DataError(
            f"Line {reader.line_num} is not CSV ({error}); save the table as a CSV file with commas between the cells."
        ) from error


def _check_names(header: list[str]) -> None:
    if LABEL not in header:
        raise DataError(
            f"The header (line 1) has no column “{LABEL}”; it starts with {_quote(header[0])}."
            f" Its first line must name the columns, separated by commas: {LABEL}, pixel1, pixel2, ..."
        )
    for column, count in Counter(header).items():
        if count > 1:
            raise DataError(
                f"The header names the column {_quote(column)} {count} times; name each once."
            )
    for place, column in enumerate(header):
        if column != LABEL and not PIXEL_NAME.fullmatch(column):
            raise DataError(
                f"The header has a column {_quote(column)} (column {place + 1}); remove it, only {LABEL} and pixel1, pixel2, ... can be there."
            )


def _pixel_columns(header: list[str]) -> list[str]:
    """The names of the pixels' columns in the order of their numbers."""
    _check_names(header)
    numbers = {int(match[1]) for match in map(PIXEL_NAME.fullmatch, header) if match}
    first = 0 if 0 in numbers else 1
    pixels = range(first, first + len(numbers))
    for number in pixels:
        if number not in numbers:
            raise DataError(
                f"The header has no column “pixel{number}” though it goes up to “pixel{max(numbers)}”; add the missing pixels."
            )
    side = math.isqrt(len(numbers))
    if side * side != len(numbers) or not SMALLEST_SIDE <= side <= LARGEST_SIDE:
        raise DataError(
            f"The table has {len(numbers)} pixel columns; images must be square, from"
            f" {SMALLEST_SIDE} x {SMALLEST_SIDE} ({SMALLEST_SIDE**2} columns) to"
            f" {LARGEST_SIDE} x {LARGEST_SIDE} ({LARGEST_SIDE**2} columns)."
        )
    return [f"pixel{number}" for number in pixels]


def _frame(content: bytes, header: list[str]) -> pd.DataFrame:
    """The rows below the header, labels as text and pixels as uint8."""
    file = io.BytesIO(content)
    types = {column: str if column == LABEL else np.uint8 for column in header}
    try:
        with np.errstate(invalid="ignore"):  # pandas casts an infinite pixel, then refuses it
            frame = pd.read_csv(
                file, names=header, header=0, dtype=types, na_filter=False, nrows=MAX_ROWS + 1
            )
    except (ValueError, OverflowError) as error:
        raise DataError(_first_mistake(content, header)) from error
    if len(frame) > MAX_ROWS:
        raise DataError(f"The table has more than {MAX_ROWS:,} rows; upload fewer images.")
    # pandas lets two mistakes pass: it makes cells beyond the header in every row an index, and
    # reads a column of nothing but "True" and "False" as 1 and 0.
    in_labels = _booleans("\n".join(frame[LABEL]).encode())
    sound = isinstance(frame.index, pd.RangeIndex) and _booleans(content) == in_labels
    if not (sound and all(map(_is_label, set(frame[LABEL])))):
        raise DataError(_first_mistake(content, header))
    return frame


def _booleans(text: bytes) -> int:
    lower = text.lower()
    return lower.count(b"true") + lower.count(b"false")


def _first_mistake(content: bytes, header: list[str]) -> str:
    """What is wrong with the table, and where: pandas only says that something is."""
    for line, cells in islice(_records(content), 1, None):
        if len(cells) != len(header):
            return f"Line {line} has {len(cells)} cells but the header has {len(header)} columns; give every row one cell per column."
        for column, cell in zip(header, cells, strict=True):
            if cell in PLAIN_CELLS:  # right for a pixel and for a label
                continue
            word = cell.strip()
            if column != LABEL and not _is_pixel(cell):
                what = f"is {_quote(cell)}" if word else "is empty"
                return f"Line {line}, column {column}, {what}; a pixel must be a whole number from 0 to 255."
            if column == LABEL and not word:
                return f"The label in line {line} is empty; give every image a label."
            if column == LABEL and not _is_label(cell):
                return f"The label in line {line} is {_quote(word)}; a label is one line of at most {MAX_LABEL_LENGTH} printable characters."
    return "The file is not CSV; save the table as a CSV file with commas between the cells."


def _is_label(cell: str) -> bool:
    word = cell.strip()
    return 0 < len(word) <= MAX_LABEL_LENGTH and word.isprintable()


def _is_pixel(cell: str) -> bool:
    """As pandas decides it, which does not know Python's "1_0" nor the digits of other scripts."""
    try:
        return cell.isascii() and "_" not in cell and float(cell) in PIXEL_VALUES
    except ValueError:
        return False


def _classes(words: list[str]) -> tuple[str, ...]:
    if len(words) < MIN_ROWS:
        raise DataError(f"The table has {len(words)} images; it needs at least {MIN_ROWS}.")
    counts = Counter(words)
    if len(counts) == 1:
        raise DataError(
            f"All images have the label {_quote(words[0])}; a network needs at least 2 classes to tell apart."
        )
    if len(counts) > MAX_CLASSES:
        raise DataError(
            f"The table has {len(counts)} different labels; at most {MAX_CLASSES} are allowed."
        )
    for word, count in counts.items():
        if count < MIN_ROWS_PER_CLASS:
            raise DataError(
                f"The label {_quote(word)} has {count} image; every class needs at least"
                f" {MIN_ROWS_PER_CLASS}, to train on one and to test on another."
            )
    if all(word.isdecimal() for word in counts):
        return tuple(sorted(counts, key=lambda word: (int(word), word)))
    return tuple(sorted(counts))


def _quote(text: str) -> str:
    return f"“{text}”" if len(text) <= MAX_LABEL_LENGTH else f"“{text[:MAX_LABEL_LENGTH]}...”"
