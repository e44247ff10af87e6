"""Images as a CSV table, one row an image: label, pixel1, pixel2, ... row by row, 0 to 255."""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from cnn.data.dataset import (
    LARGEST_SIDE,
    SMALLEST_SIDE,
    DataError,
    Dataset,
    content_identity,
)

MAX_CSV_BYTES = 50 * 1024 * 1024
MAX_ROWS = 70_000
MIN_ROWS = 20
MAX_CLASSES = 50
MIN_ROWS_PER_CLASS = 2
MAX_LABEL_LENGTH = 40

LABEL = "label"
PIXEL_NAME = re.compile(r"pixel(0|[1-9][0-9]{0,5})", re.ASCII)
PIXEL_VALUES = {str(value): value for value in range(256)}


def read_csv(source: bytes | BinaryIO, name: str) -> Dataset:
    """The grey images of a UTF-8 CSV table, called `name`.

    The first line names the columns, in any order: `label`, and `pixel1` to `pixelN` (or `pixel0`
    to `pixelN-1`), row by row from the top left corner, N a square from 4 x 4 to 64 x 64. Pixels
    are whole numbers from 0 to 255. Labels are whole numbers or words; the classes are the labels
    that occur, in ascending order if all are numbers, else in alphabetical order.

    Raises DataError, naming line and column, for a table that is not of this form, that has more
    than 50 MB or 70,000 rows, fewer than 20 rows or than 2 of a class, or not 2 to 50 classes.
    """
    records = _records(_limited(source))
    _, header = next(records, (1, [""]))
    label_column, pixel_columns = _columns([column.strip() for column in header])
    pixels = bytearray()
    words: list[str] = []
    for line, cells in records:
        if len(words) == MAX_ROWS:
            raise DataError(f"The table has more than {MAX_ROWS:,} rows; upload fewer images.")
        if len(cells) != len(header):
            raise DataError(
                f"Line {line} has {len(cells)} cells but the header has {len(header)} columns;"
                " give every row one cell per column."
            )
        words.append(_label(cells[label_column], line))
        pixels += _pixels(cells, pixel_columns, line, header)
    classes = _classes(words)
    numbers = {word: number for number, word in enumerate(classes)}
    labels = np.array([numbers[word] for word in words], dtype=np.int64)
    side = math.isqrt(len(pixel_columns))
    images = np.frombuffer(bytes(pixels), dtype=np.uint8).reshape(-1, side, side, 1)
    return Dataset(
        name=name,
        identity=content_identity("csv", images, labels, classes),
        images=images,
        labels=labels,
        classes=classes,
        credit=f"Read from the table {name}.",
    )


def to_csv(dataset: Dataset, numbers: Sequence[int] | NDArray[np.int64]) -> bytes:
    """The images with these numbers as a table in the form of the article, labels as numbers.

    Raises DataError for colour images, which the form cannot hold.
    """
    _, height, width, channels = dataset.images.shape
    if channels != 1:
        raise DataError(f"{dataset.name} has colour images; a table can hold grey ones only.")
    chosen = np.asarray(numbers, dtype=np.int64)
    header = [LABEL, *(f"pixel{number}" for number in range(1, height * width + 1))]
    rows = np.column_stack(
        [dataset.labels[chosen], dataset.images[chosen].reshape(len(chosen), -1)]
    )
    lines = [",".join(header), *(",".join(map(str, row)) for row in rows.tolist())]
    return ("\n".join(lines) + "\n").encode()


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
            f"Line {reader.line_num} is not CSV ({error}); save the table as a CSV file"
            " with commas between the cells."
        ) from error


def _columns(header: list[str]) -> tuple[int, list[int]]:
    """Where the label stands in a row, and where the pixels do, in the order of their numbers."""
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
    places: dict[int, int] = {}
    for place, column in enumerate(header):
        if match := PIXEL_NAME.fullmatch(column):
            places[int(match[1])] = place
        elif column != LABEL:
            raise DataError(
                f"The header has a column {_quote(column)} (column {place + 1}); remove it, only"
                f" {LABEL} and pixel1, pixel2, ... can be there."
            )
    first = 0 if 0 in places else 1
    pixels = range(first, first + len(places))
    for number in pixels:
        if number not in places:
            raise DataError(
                f"The header has no column “pixel{number}” though it goes up to"
                f" “pixel{max(places)}”; add the missing pixels."
            )
    side = math.isqrt(len(places))
    if side * side != len(places) or not SMALLEST_SIDE <= side <= LARGEST_SIDE:
        raise DataError(
            f"The table has {len(places)} pixel columns; images must be square, from"
            f" {SMALLEST_SIDE} x {SMALLEST_SIDE} ({SMALLEST_SIDE**2} columns) to"
            f" {LARGEST_SIDE} x {LARGEST_SIDE} ({LARGEST_SIDE**2} columns)."
        )
    return header.index(LABEL), [places[number] for number in pixels]


def _label(cell: str, line: int) -> str:
    word = cell.strip()
    if not word:
        raise DataError(f"The label in line {line} is empty; give every image a label.")
    if len(word) > MAX_LABEL_LENGTH or not word.isprintable():
        raise DataError(
            f"The label in line {line} is {_quote(word)}; a label is one line of at most"
            f" {MAX_LABEL_LENGTH} printable characters."
        )
    return word


def _pixels(cells: list[str], columns: list[int], line: int, header: list[str]) -> bytes:
    try:
        return bytes([PIXEL_VALUES[cells[column]] for column in columns])
    except KeyError:
        # Rare spellings ("007", "12.0") and mistakes are told apart here, off the fast path.
        return bytes(_pixel(cells[column], line, header[column]) for column in columns)


def _pixel(cell: str, line: int, column: str) -> int:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not (0 <= value <= 255 and value.is_integer()):
        what = f"is {_quote(cell)}" if cell.strip() else "is empty"
        raise DataError(
            f"Line {line}, column {column.strip()}, {what}; a pixel must be a whole number"
            " from 0 to 255."
        )
    return int(value)


def _classes(words: list[str]) -> tuple[str, ...]:
    if len(words) < MIN_ROWS:
        raise DataError(f"The table has {len(words)} images; it needs at least {MIN_ROWS}.")
    counts = Counter(words)
    if len(counts) == 1:
        raise DataError(
            f"All images have the label {_quote(words[0])}; a network needs at least 2 classes"
            " to tell apart."
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
