"""Values of frozen dataclasses to JSON and back, checked against their annotations."""

import dataclasses
import json
from functools import cache
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


class CodecError(ValueError):
    """JSON that does not describe the value it should; the message names the place."""


def encode(value: Any) -> str:
    """One canonical JSON text for a dataclass: equal values give equal text.

    A field whose metadata say "unwritten_default" is left out where it has its default.
    """
    exact = _read(type(value), dataclasses.asdict(value), type(value).__name__)
    return json.dumps(_plain(exact), sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if not dataclasses.is_dataclass(value):
        return value
    return {
        field.name: _plain(getattr(value, field.name))
        for field in dataclasses.fields(value)
        if not field.metadata.get("unwritten_default")
        or getattr(value, field.name) != field.default
    }


def decode(kind: type[T], text: str) -> T:
    """The value of type `kind` that `encode` wrote as `text`.

    Raises:
        CodecError: The text is no JSON, or not that of such a value.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CodecError(f"{kind.__name__} is not readable JSON ({error})") from None
    value: T = _read(kind, data, kind.__name__)
    return value


def _read(kind: Any, data: Any, place: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(kind, data, place)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _read_one_of(arguments, data, place)
    if origin is tuple and isinstance(data, (list, tuple)):
        return tuple(_read(arguments[0], item, f"{place}[{i}]") for i, item in enumerate(data))
    if origin is Literal and isinstance(data, str) and data in arguments:
        return data
    # A whole number is a fine float: 1 and 1.0 are the same setting and must give the same key.
    if kind is float and isinstance(data, (int, float)) and not isinstance(data, bool):
        try:
            return float(data)
        except OverflowError:
            raise CodecError(f"{place} cannot be so large") from None
    if type(data) is kind:
        return data
    raise CodecError(f"{place} cannot be {data!r:.60}")


def _read_one_of(kinds: tuple[Any, ...], data: Any, place: str) -> Any:
    for kind in kinds[:-1]:
        try:
            return _read(kind, data, place)
        except CodecError:
            continue
    return _read(kinds[-1], data, place)


def _read_dataclass(kind: Any, data: Any, place: str) -> Any:
    names = {field.name for field in dataclasses.fields(kind)}
    if not isinstance(data, dict) or not data.keys() <= names:
        raise CodecError(f"{place} cannot be {data!r:.60}")
    hints = _hints(kind)
    values = {name: _read(hints[name], item, f"{place}.{name}") for name, item in data.items()}
    try:
        return kind(**values)
    except (TypeError, ValueError, OverflowError) as error:
        raise CodecError(f"{place}: {error}") from None


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
