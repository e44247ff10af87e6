"""What comes from outside: valid inputs, mutations of them, and the functions that read them."""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from random import Random
from urllib.parse import parse_qsl

import numpy as np
from markdown_it import MarkdownIt
from PIL import Image

from cnn.data.dataset import DataError, Dataset
from cnn.data.split import ChosenData, DataChoice, choose
from cnn.data.table import MAX_CLASSES, read_csv, to_csv
from cnn.inspection.image.picture import PictureError, prepare
from cnn.inspection.units import UnitError
from cnn.inspection.units import from_text as unit_from_text
from cnn.network.link import from_text, to_text
from cnn.network.plan import plan
from cnn.network.presets import PRESETS
from cnn.network.spec import NetworkError
from cnn.training.archive import Label, pack, unpack
from cnn.training.events import EpochRecord, Point
from cnn.training.job import Job, JobError
from cnn.training.run import Parent, Run, RunError
from cnn.training.run_library import checked
from cnn.ui.common.formatting import escaped
from cnn.ui.learn.controls import Controls
from cnn.ui.state import url
from tests.strategies import random_weights
from tests.training.examples import NETWORK, chosen, new_run
from tests.training.hostile import HOSTILE as HOSTILE_FILES
from tests.training.hostile import files_of, zipped

HOSTILE = (
    "![a](//evil.example/a.png)",
    "[b](http://evil.example/b) $x^2$",
    "www.evil.example c@evil.example",
    "<img src=//evil.example/d> <b>d</b>",
    ":material/home: :red[e] :+1: -> :home:",
    "**f** `f` ~~f~~ _f_ <http://f.example>",
)
"""Texts that Streamlit would turn into something else; each could be the name of a class."""

_TOKENS = (
    *(text.encode() for text in HOSTILE),
    *(b"\0", b"\xff", b"\\ud800", b'"', b"\n", b"\r", b"_", b"-", b",", b".", b"=", b"&", b"../"),
    *("\u202e\u2066\N{ZERO WIDTH SPACE}é\N{ARABIC-INDIC DIGIT FIVE}".encode(), b"%00%ff"),
    *(b"true", b"null", b"[]", b"{}", b"[" * 3000, b"x" * 3000),
)
_NUMBERS = (b"0", b"-1", b"1e999", b"NaN", b"1e-320", b"9" * 30, b"9" * 5000, b"0.5", b"257", b"")
_NUMBER = re.compile(rb"\d+(?:\.\d+)?")

Mutate = Callable[[Random], bytes]


@dataclass(frozen=True)
class Outcome:
    """Whether an input was refused, and what went wrong with it, "" if nothing did."""

    refused: bool
    fault: str = ""


@dataclass(frozen=True)
class Surface:
    """A place where inputs come in: how they are made and read, and the errors that refuse them."""

    mutate: Mutate
    read: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...] = ()

    def outcome(self, content: bytes) -> Outcome:
        """How an input is read; a refusal must be a sentence that can be shown."""
        try:
            self.read(content)
        except self.refusals as error:
            sentence = str(error)
            whole = sentence.encode(errors="ignore").decode() == sentence
            told = 20 < len(sentence) < 2000 and sentence[0].isupper()
            return Outcome(True, "" if whole and told else f"no sentence: {sentence[:200]!a}")
        except Exception as error:
            return Outcome(False, f"{type(error).__name__}: {error!s:.200}")
        return Outcome(False)


def mutated(random: Random, content: bytes) -> bytes:
    """The input after one to three changes."""
    for _ in range(random.randint(1, 3)):
        start = random.randrange(len(content) + 1)
        end = min(len(content), start + random.choice((1, 1, 2, 8, len(content) // 4)))
        match random.randrange(6):
            case 0:
                content = content[:start] + content[end:]
            case 1:
                content = content[:end] + content[start:]
            case 2:
                content = content[:start] + random.choice(_TOKENS) + content[start:]
            case 3:
                content = content[:start] + random.randbytes(1) + content[start + 1 :]
            case 4:
                content = content[:start] + random.choice(_TOKENS) + content[end:]
            case 5 if numbers := list(_NUMBER.finditer(content, start, start + 10_000)):
                one = random.choice(numbers)
                content = content[: one.start()] + random.choice(_NUMBERS) + content[one.end() :]
    return content


def surfaces() -> dict[str, Surface]:
    """All of them by name."""
    return {
        "addresses": Surface(
            _of(_ADDRESSES), _read_address, (NetworkError, DataError, JobError, UnitError)
        ),
        "lesson controls": Surface(_of(_CONTROLS), _read_controls),
        "network texts": Surface(_of(_NETWORKS), _read_network, (NetworkError,)),
        "tables": Surface(_of(_tables()), _read_table, (DataError,)),
        "pictures": Surface(_of(_pictures()), _read_picture, (PictureError,)),
        "run files": Surface(_run_file, _read_run_file, (RunError,)),
        "names": Surface(_of([text.encode() for text in HOSTILE]), _read_name, (RunError,)),
    }


def shown(markdown: str) -> str:
    """The letters that a browser shows for Markdown; raises AssertionError where it is not all text."""
    tokens = [inner for token in _MARKDOWN.parse(markdown) for inner in token.children or []]
    kinds = {token.type for token in tokens}
    assert kinds <= {"text", "hardbreak", "softbreak", "text_special"}, kinds
    return "".join(token.content or "\n" for token in tokens)


REPLACED = re.compile(
    r"https?://|www\.|[-.\w+]@[-\w]+\.[-\w]|:material[/_]\w|:[-+\w]+:|(?:^|\s)(?:<->|->|<-|--|>=|<=|~=)(?:\s|$)",
    re.IGNORECASE,
)
"""What Streamlit makes links, icons, emoji and arrows of where it finds it in a text."""

_MARKDOWN = MarkdownIt("js-default", {"linkify": False})


def _of(valid: Sequence[bytes]) -> Mutate:
    return lambda random: mutated(random, random.choice(valid))


_NETWORKS = [to_text(preset.network).encode() for preset in PRESETS.values()]
_ADDRESSES = [
    b"data=halves-200&net=conv4x3-relu_conv8x3-relu-max2_flatten_dense100-sigmoid_softmax&image=17&epoch=3",
    b"data=halves-200_share0.8_seed1_only0.1&run=article&at=convolution_2-map3-row5-column7",
    b"train=sgd_rate0.05_batch64_epochs30_seed1_momentum0.9_patience3&at=logits-unit3",
    b"lesson=padding&set=padding-same_stride-2&experiment=new&compare=article,other",
    b"train=adam_rate0.001_batch128_epochs30_seed1&data=halves-200_share0.5",
]
_CONTROLS = [
    b"padding-same_stride-2",
    b"size-7_bias--0.3_flip-yes_word-abc",
    b"digit-9_image-gray_size-2_bias-0.5",
]


def _read_address(content: bytes) -> None:
    """What every page makes of an address."""
    parameters = dict(parse_qsl(content.decode(errors="replace"), keep_blank_values=True))
    state, sentences = url.read(parameters)
    assert all(sentence.endswith(".") and len(sentence) < 1000 for sentence in sentences)
    assert url.read(url.write(state)) == (state, [])
    data = _chosen(DataChoice("halves-200") if "data" not in parameters else state.data)
    unrolled = plan(state.network, data.image_shape, len(data.classes))
    Job(state.network, state.data, state.settings)
    if state.unit:
        unit_from_text(state.unit, unrolled)


@cache
def _chosen(choice: DataChoice) -> ChosenData:
    return choose(chosen().dataset, choice)


_opened = count()


def _read_controls(content: bytes) -> None:
    text = content.decode(errors="replace")
    controls = Controls("fuzz", text, next(_opened))
    options = {"valid": "Valid", "same": "Same"}
    assert controls.choice("padding", "Padding", options) in options
    assert controls.one_of("stride", "Stride", (1, 2, 3), 1) in (1, 2, 3)
    assert 1 <= controls.slider("size", "Size", 1, 7, 3) <= 7
    assert -1 <= controls.slider("bias", "Bias", -1.0, 1.0, 0.0, 0.1) <= 1
    assert controls.switch("flip", "Flip") in (True, False)
    digits = {str(digit): str(digit) for digit in range(10)}
    assert controls.choice("digit", "Digit", digits) in digits
    assert all(len(notice) < 300 for notice in controls.notices)


def _read_network(content: bytes) -> None:
    network = from_text(content.decode(errors="replace"))
    assert from_text(to_text(network)) == network
    for shape in ((28, 28, 1), (4, 4, 3)):
        plan(network, shape, 10)


def _tables() -> list[bytes]:
    images = np.random.default_rng(0).integers(0, 256, (24, 4, 4, 1), np.uint8)
    labels = np.arange(24) % 3
    plain = to_csv(Dataset("plain", "plain", images, labels, ("a", "b", "c"), ""), np.arange(24))
    quoted = plain.replace(b"\n1,", b'\n"well, one",').replace(b"\n2,", "\nzwei ½,".encode())
    return [plain, quoted, b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n")]


def _read_table(content: bytes) -> None:
    read = read_csv(content, "table.csv")
    assert 2 <= len(read.classes) <= MAX_CLASSES and read.labels.max() < len(read.classes)
    assert read.images.dtype == np.uint8 and len(read.images) == len(read.labels)
    assert all(shown(escaped(name)).strip() for name in read.classes)


def _pictures() -> list[bytes]:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 24, 3), np.uint8)
    made = []
    for mode in ("RGB", "L", "P", "RGBA"):
        for kind in ("PNG", "WEBP", "JPEG"):
            if kind == "JPEG" and mode in ("P", "RGBA"):
                continue
            file = io.BytesIO()
            Image.fromarray(pixels).convert(mode).save(file, kind)
            made.append(file.getvalue())
    return made


def _read_picture(content: bytes) -> None:
    for shape in ((28, 28, 1), (12, 12, 3)):
        assert prepare(content, shape)[-1].image.shape == shape


@cache
def _run() -> bytes:
    data = chosen()
    weights = random_weights(plan(NETWORK, data.image_shape, 2), 1)
    epochs = tuple(_record(epoch) for epoch in range(3))
    made = new_run()
    parent, points = Parent("other", 3, "0" * 64), (Point(0.5, 0.4, 0.9),)
    run = Run(made.id, made.job, "done", "", 1.0, 1.0, parent, points, epochs, (0, 1, 2))
    return pack(run, {epoch: weights for epoch in range(3)}, Label("mine", "a note\nof mine"))


def _record(epoch: int) -> EpochRecord:
    return EpochRecord(epoch, 0.4, 0.8, 0.5, 0.7, 0.01, 1.5)


def _run_file(random: Random) -> bytes:
    """The whole file changed, or one of the files in it, or a file that was made to do harm."""
    files = files_of(_run())
    kind = random.random()
    if kind < 0.3:
        return mutated(random, _run())
    if kind < 0.35:
        small = {name: make for name, (make, _) in HOSTILE_FILES.items() if name not in _LARGE}
        return mutated(random, random.choice([*small.values()])(files))
    name = random.choice(["run.json", "run.json", "shelf.json", "weights/epoch_001.npy"])
    return zipped(files | {name: mutated(random, files[name])})


_LARGE = ("a lie", "a bomb", "a crowd")
"""Those that take their time, and have tests of their own."""


def _read_run_file(content: bytes) -> None:
    imported = unpack(content, _chosen)
    _check_text(imported.label.name)
    _check_text(imported.label.note)


def _read_name(content: bytes) -> None:
    _check_text(checked("note", content.decode(errors="surrogateescape")))


def _check_text(text: str) -> None:
    """It comes out of Markdown as the letters that it is made of."""
    markdown = escaped(text)
    markdown.encode()
    letters = "".join(shown(markdown).replace("\N{ZERO WIDTH SPACE}", "").split())
    expected = "".join(text.replace("\N{ZERO WIDTH SPACE}", "").split())
    assert letters == expected, (letters, expected)
    assert not REPLACED.search(shown(markdown))
