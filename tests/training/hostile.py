"""Files that are not what they should be, made from a good one, and what is to be told of each."""

import io
import json
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np

from cnn.training.archive import MOST_BYTES

Files = dict[str, bytes]

LIE = 50_000_000
"""Bytes that come out of a file whose directory speaks of 100."""


def files_of(content: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(files: Files) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return packed.getvalue()


def edited(**changes: Any) -> Callable[[Files], bytes]:
    """The file with other values in its record; "epochs__0__loss" names a place within."""

    def made(files: Files) -> bytes:
        record = json.loads(files["run.json"])
        for place, value in changes.items():
            *way, last = (int(one) if one.isdigit() else one for one in place.split("__"))
            inside = record
            for step in way:
                inside = inside[step]
            inside[last] = value
        return zipped(files | {"run.json": json.dumps(record).encode()})

    return made


def record(text: bytes) -> Callable[[Files], bytes]:
    return lambda files: zipped(files | {"run.json": text})


def weights(make: Callable[[], bytes]) -> Callable[[Files], bytes]:
    return lambda files: zipped(files | {"weights/epoch_000.npy": make()})


def npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def extra(name: str, content: bytes = b"x") -> Callable[[Files], bytes]:
    return lambda files: zipped(files | {name: content})


def doubled(files: Files) -> bytes:
    packed = io.BytesIO(zipped(files))
    with zipfile.ZipFile(packed, "a") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile knows that it is wrong
        file.writestr("run.json", files["run.json"])
    return packed.getvalue()


def linked(files: Files) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            file.writestr(info, content)
    return packed.getvalue()


def lying(files: Files) -> bytes:
    """The directory says that the weights are small; unpacked they are not."""
    content = bytearray(zipped(files | {"weights/epoch_000.npy": bytes(LIE)}))
    at = content.rindex(b"weights/epoch_000.npy") - 46
    content[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(content)


def packed_otherwise(files: Files) -> bytes:
    """A few bytes of bzip2 can hold gigabytes, and zipfile unpacks them at one go."""
    packed = io.BytesIO(zipped(files))
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_BZIP2) as file:
        file.writestr("weights/epoch_003.npy", bytes(1000))
    return packed.getvalue()


def bomb(files: Files) -> bytes:
    return zipped(files | {"weights/epoch_000.npy": bytes(MOST_BYTES + 1)})


def crowd(files: Files) -> bytes:
    return zipped(files | {f"weights/epoch_{at:04d}.npy": b"" for at in range(300)})


HOSTILE: dict[str, tuple[Callable[[Files], bytes], str]] = {
    "nothing": (lambda _: b"", "damaged"),
    "no archive": (lambda _: b"PK\x03\x04 and then nonsense", "damaged"),
    "a text": (lambda _: b"epoch,loss\n0,2.3\n", "damaged"),
    "no record": (lambda files: zipped({"shelf.json": files["shelf.json"]}), "record"),
    "out of the folder": (extra("../../../etc/cron.d/evil"), "no run has"),
    "from the root": (extra("/etc/passwd"), "no run has"),
    "a program": (extra("weights/__init__.py"), "no run has"),
    "a folder": (extra("weights/"), "no run has"),
    "weights too many": (extra("weights/epoch_077.npy"), "other epochs"),
    "a link": (linked, "link"),
    "twice": (doubled, "twice"),
    "packed otherwise": (packed_otherwise, "not ours"),
    "a bomb": (bomb, "at most 48 MB"),
    "a lie": (lying, "damaged"),
    "a crowd": (crowd, "more files"),
    "a long record": (record(b" " * (3 * 2**20)), "record of 3 MB"),
    "deep": (record(b"[" * 500_000), "record"),
    "no text": (record(b"\xff\xfe"), "record"),
    "other JSON": (record(b'{"a": 1}'), "record"),
    "a huge number": (edited(created=10**400), "time"),
    "no time at all": (edited(updated=float("nan")), "time"),
    "a number too long": (record(b'{"created": ' + b"9" * 5000 + b"}"), "record"),
    "not a number": (edited(epochs__0__loss=float("nan")), "loss"),
    "without end": (edited(epochs__1__validation_loss=float("inf")), "loss"),
    "too right": (edited(epochs__1__validation_accuracy=1.5), "loss"),
    "back in time": (edited(epochs__1__seconds=-1), "time"),
    "a gap": (edited(epochs__1__epoch=7), "follow"),
    "a point beyond": (edited(points__0__epoch=99.0), "curve"),
    "many gradients": (edited(epochs__1__gradients=[1.0] * 1000), "gradients"),
    "still training": (edited(status="training"), "not ended"),
    "no weights": (edited(kept=[]), "no weights"),
    "unknown weights": (edited(kept=[0, 1, 2, 9]), "not trained"),
    "without the last": (edited(kept=[0, 1]), "last epoch"),
    "too long": (edited(job__settings__phases=[{"epochs": 1000, "learning_rate": 1}]), "record"),
    "more than planned": (
        edited(job__settings__phases=[{"epochs": 1, "learning_rate": 0.01}]),
        "planned",
    ),
    "too large": (edited(job__network__dense=[{"units": 10**9}]), "record"),
    "a deep network": (edited(job__network__blocks=[{}] * 5), "cannot read its images"),
    "another network": (edited(job__network__dense=[{"units": 5}]), "numbers of its network"),
    "other images": (edited(job__data__dataset="cats"), "are not here"),
    "a strange parent": (edited(parent__run="![x](y)"), "go on from"),
    "a parent before its first epoch": (edited(parent__epoch=-1), "go on from"),
    "a parent changed by hand in a strange way": (edited(parent__edits="0" * 63), "go on from"),
    "objects": (weights(lambda: npy(np.array([{"a": 1}], dtype=object))), "numbers of"),
    "a pickle": (weights(lambda: b"\x80\x04cos\nsystem\n(S'true'\ntR."), "numbers of"),
    "other numbers": (weights(lambda: npy(np.zeros(130))), "numbers of"),
    "other shapes": (weights(lambda: npy(np.zeros(3, np.float32))), "numbers of"),
    "a long name": (
        lambda files: zipped(files | {"shelf.json": json.dumps({"name": "n" * 99}).encode()}),
        "name has 99",
    ),
}
