import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cnn.data import table
from cnn.data.dataset import DataError, Dataset, content_identity
from cnn.data.table import read_csv, to_csv

HEADER = ["label", *(f"pixel{number}" for number in range(1, 17))]


def rows(count: int = 20) -> list[list[str]]:
    """The cells of a valid table of 4 x 4 images, header first."""
    return [HEADER, *([str(row % 2), *["7"] * 16] for row in range(count))]


def text(cells: list[list[str]]) -> bytes:
    return "\n".join(",".join(row) for row in cells).encode()


def with_cell(line: int, column: int, cell: str) -> bytes:
    cells = [list(row) for row in rows()]
    cells[line - 1][column] = cell
    return text(cells)


def made(images: NDArray[np.uint8], labels: NDArray[np.int64], classes: tuple[str, ...]) -> Dataset:
    identity = content_identity("csv", images, labels, classes)
    return Dataset("made", identity, images, labels, classes, "")


@settings(max_examples=30, deadline=None)
@given(side=st.integers(4, 12), classes=st.integers(2, 10), seed=st.integers(0, 1000))
def test_arrays_survive_the_way_to_a_table_and_back(side: int, classes: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (40, side, side, 1), dtype=np.uint8)
    labels = random.permutation(np.arange(40) % classes)
    written = made(images, labels, tuple(str(label) for label in range(classes)))
    read = read_csv(to_csv(written, np.arange(40)), "back")
    assert np.array_equal(read.images, images)
    assert np.array_equal(read.labels, labels)
    assert (read.classes, read.identity) == (written.classes, written.identity)
    assert not read.images.flags.writeable


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_columns_in_any_order_hold_the_numbers_that_csv_wrote(seed: int, quoting: int) -> None:
    random = np.random.default_rng(seed)
    order = random.permutation(17)
    pixels = random.integers(0, 256, (30, 16))
    labels = np.arange(30) % 3 + 4
    file = io.StringIO()
    writer = csv.writer(file, quoting=quoting)
    writer.writerow(np.array(HEADER)[order].tolist())
    writer.writerows(np.column_stack([labels, pixels])[:, order].tolist())
    read = read_csv(file.getvalue().encode(), "shuffled")
    assert np.array_equal(read.images.reshape(30, 16), pixels)
    assert [int(read.classes[label]) for label in read.labels] == labels.tolist()


def test_csv_reads_the_numbers_that_we_write() -> None:
    images = np.arange(6 * 25, dtype=np.uint8).reshape(6, 5, 5, 1)
    dataset = made(images, np.array([0, 1, 2, 0, 1, 2]), ("a", "b", "c"))
    header, *cells = csv.reader(io.StringIO(to_csv(dataset, [4, 0]).decode()))
    assert header == ["label", *(f"pixel{n}" for n in range(1, 26))]
    assert [row[0] for row in cells] == ["1", "0"]
    assert np.array_equal(np.array(cells, int)[:, 1:], images[[4, 0]].reshape(2, 25))


def test_color_images_have_no_table() -> None:
    dataset = made(np.zeros((2, 4, 4, 3), np.uint8), np.array([0, 1]), ("a", "b"))
    with pytest.raises(DataError, match="made has color images"):
        to_csv(dataset, [0])


@pytest.mark.parametrize(
    ("words", "classes"),
    [
        (("10", "9"), ("9", "10")),
        (("shirt", "bag"), ("bag", "shirt")),
        (("True", "False"), ("False", "True")),
        (('"T-shirt, top"', " NA "), ("NA", "T-shirt, top")),
    ],
)
def test_labels_are_numbers_or_words(words: tuple[str, str], classes: tuple[str, ...]) -> None:
    cells = [HEADER, *([words[row % 2], *["7"] * 16] for row in range(20))]
    dataset = read_csv(text(cells), "words")
    assert dataset.classes == classes
    assert dataset.classes[dataset.labels[0]] == words[0].strip('" ')


@pytest.mark.parametrize(
    "content",
    [
        text(rows()).replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + text(rows()),
        text(rows()) + b"\n\n",
        text(rows()).replace(b"pixel", b" pixel"),
        text([[f"pixel{int(c[5:]) - 1}" if c != "label" else c for c in HEADER], *rows()[1:]]),
        with_cell(3, 5, "7.0"),
        with_cell(3, 5, " 007"),
    ],
    ids=["Windows", "byte order mark", "blank end", "spaces", "from zero", "decimals", "zeros"],
)
def test_harmless_differences_of_spelling_change_nothing(content: bytes) -> None:
    assert read_csv(content, "other").identity == read_csv(text(rows()), "plain").identity


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "file is empty"),
        (b"\xef\xbb\xbf \n", "file is empty"),
        (text(rows()) + b"\n\xff", "Line 22 is not text in UTF-8"),
        (text(rows()).decode().encode("utf-16"), "Line 1 is not text in UTF-8"),
        (text(rows()) + b'\n1,"7', "Line 22 is not CSV"),
        (text(rows()[1:]), "has no column “label”; it starts with “0”"),
        (text(rows()).replace(b",", b";"), "separated by commas"),
        (with_cell(1, 3, "pixel2"), "names the column “pixel2” 2 times"),
        (with_cell(1, 3, "id"), r"a column “id” \(column 4\); remove it"),
        (with_cell(1, 3, "pixel17"), "no column “pixel3” though it goes up to “pixel17”"),
        (text([row[:-1] for row in rows()]), "has 15 pixel columns; images must be square"),
        (text([row[:10] for row in rows()]), "has 9 pixel columns; .* from 4 x 4"),
        (text([row[:1] for row in rows()]), "has 0 pixel columns"),
        (with_cell(5, 2, "white"), "Line 5, column pixel2, is “white”; a pixel must be a whole"),
        (with_cell(5, 2, ""), "Line 5, column pixel2, is empty"),
        (with_cell(5, 2, "nan"), "Line 5, column pixel2, is “nan”"),
        (with_cell(21, 16, "256"), "Line 21, column pixel16, is “256”"),
        (with_cell(2, 1, "-1"), "Line 2, column pixel1, is “-1”"),
        (with_cell(2, 1, "0.5"), "Line 2, column pixel1, is “0.5”"),
        (with_cell(2, 1, "1e999"), "Line 2, column pixel1, is “1e999”"),
        (with_cell(9, 3, "9" * 30), "Line 9, column pixel3, is “9+”"),
        (with_cell(9, 3, "1_0"), "Line 9, column pixel3, is “1_0”"),
        (with_cell(9, 3, "٧"), "Line 9, column pixel3, is “٧”"),
        (text([HEADER, *([row[0], "True", *row[2:]] for row in rows()[1:])]), "2, .* is “True”"),
        (text([HEADER, *([*row, "7"] for row in rows()[1:])]), "Line 2 has 18 cells"),
        (text([HEADER, *([*row, ""] for row in rows()[1:])]), "Line 2 has 18 cells"),
        (text([HEADER, *(row[:-1] for row in rows()[1:])]), "Line 2 has 16 cells"),
        (with_cell(9, 3, "7,7"), "Line 9 has 18 cells"),
        (with_cell(2, 1, "7,7"), "Line 2 has 18 cells but the header has 17 columns"),
        (text(rows()) + b"\n\n1,7", "Line 23 has 2 cells"),
        (with_cell(4, 0, " "), "label in line 4 is empty"),
        (with_cell(4, 0, "x" * 41), "label in line 4 is “x+...”; a label is one line"),
        (with_cell(4, 0, '"a\nb"'), "label in line 5 is"),
        (with_cell(4, 0, "2"), "“2” has 1 image; every class needs at least 2"),
        (text([HEADER, *(["1", *["7"] * 16] for _ in range(20))]), "All images have the label “1”"),
        (text([HEADER, *([str(n % 51), *["7"] * 16] for n in range(102))]), "51 different labels"),
        (text(rows(19)), "has 19 images; it needs at least 20"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(content: bytes, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        read_csv(content, "wrong")


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("x", "Line {}, column pixel16, is “x”"),
        ("256", "Line {}, column pixel16, is “256”"),
        ("7,7", "Line {} has 18 cells"),
        ("7\n1,7", "Line {} has 2 cells"),
    ],
)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_blank_lines_and_breaks_in_cells_count_as_lines(
    cell: str, sentence: str, data: st.DataObject
) -> None:
    cells = [list(row) for row in rows(40)]
    for place in data.draw(st.sets(st.integers(1, 40))):
        cells[place][0] = f'"{cells[place][0]}\n"'
    for place in data.draw(st.lists(st.integers(0, 40))):
        cells[place][16] += "\n"
    place = data.draw(st.integers(1, 40))
    line = text(cells[: place + 1]).rstrip().count(b"\n") + 1 + cell.count("\n")
    cells[place][16] = cell
    with pytest.raises(DataError, match=sentence.format(line)):
        read_csv(text(cells), "wrong")


def test_a_mistake_far_down_a_large_table_is_found() -> None:
    cells = [[*row] for row in rows(30_000)]
    cells[29_000][5] = "7.5"
    with pytest.raises(DataError, match=r"Line 29001, column pixel5, is “7\.5”"):
        read_csv(text(cells), "long")


@pytest.mark.parametrize("as_file", [False, True])
def test_a_large_file_is_refused_unread(monkeypatch: pytest.MonkeyPatch, as_file: bool) -> None:
    monkeypatch.setattr(table, "MAX_CSV_BYTES", 2 * 1024**2)
    content = b"," * (2 * 1024**2 + 1)
    with pytest.raises(DataError, match="larger than 2 MB"):
        read_csv(io.BytesIO(content) if as_file else content, "large")


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_ROWS", 30)
    assert len(read_csv(text(rows(30)), "enough").images) == 30
    with pytest.raises(DataError, match="more than 30 rows"):
        read_csv(text(rows(31)), "many")


def dataset_or_sentence(content: bytes) -> None:
    try:
        dataset = read_csv(content, "fuzzed")
    except DataError as error:
        assert str(error).endswith(".")
    else:
        assert dataset.images.dtype == np.uint8
        assert len(dataset.images) == len(dataset.labels) >= 20
        assert set(dataset.labels) == set(range(len(dataset.classes)))


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_give_a_data_set_or_a_sentence(content: bytes) -> None:
    dataset_or_sentence(content)


PIECES = st.one_of(
    st.text(max_size=6),
    st.sampled_from([",", "\n", "\r", '"', "\0", "\ufeff", "nan", "-1", "1e9", "label", "pixel1"]),
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_mangled_table_gives_a_data_set_or_a_sentence(data: st.DataObject) -> None:
    content = text(rows()).decode()
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        end = start + data.draw(st.integers(0, 20))
        content = content[:start] + data.draw(PIECES) + content[end:]
    dataset_or_sentence(content.encode())
