"""What one person, and all together, may ask of a server: three presets, and a variable for each limit."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

PRESET_VARIABLE = "CNN_PLAYGROUND_LIMITS"
_PREFIX = "CNN_PLAYGROUND_"


def _limit(value: float, meaning: str, least: float = 1) -> Any:
    return field(default=value, metadata={"meaning": meaning, "least": least})


@dataclass(frozen=True)
class Limits:
    """The limits of a server; the defaults are those of the preset "laptop".

    Each field is also an environment variable: `run_minutes` is `CNN_PLAYGROUND_RUN_MINUTES`.
    """

    workers: int = _limit(1, "trainings at once on this machine")
    slot: float = _limit(3, "minutes that a run trains at a time while others wait", 0.1)
    idle_minutes: float = _limit(
        30,
        "minutes without a training or a question after which the workers' memory is given back",
        0.1,
    )
    run_minutes: float = _limit(60, "minutes that a run may take on the reference machine", 1)
    parameters: int = _limit(2_000_000, "parameters of a network that can be trained", 1000)
    waiting: int = _limit(3, "runs of one person that may wait to be continued")
    queue: int = _limit(100, "runs that may wait in all")
    background: int = _limit(600, "runs that all experiments together may still have to do", 0)
    runs: int = _limit(300, "runs that are kept", 10)
    days: float = _limit(30, "days that a run is kept", 0.1)
    datasets: int = _limit(50, "data sets that are kept")
    data_gigabytes: float = _limit(2, "gigabytes of data sets that are kept", 0.1)
    upload_megabytes: float = _limit(
        100, "megabytes of uploads that one tab may have on the server"
    )


LAPTOP = Limits()
PRESETS = {
    "laptop": LAPTOP,
    "demo": replace(
        LAPTOP,
        slot=2,
        idle_minutes=15,
        run_minutes=15,
        parameters=1_000_000,
        waiting=1,
        background=120,
        days=7,
        data_gigabytes=1,
    ),
    "workshop": replace(
        LAPTOP, slot=1, idle_minutes=120, run_minutes=10, queue=200, runs=1000, days=14
    ),
}
"""For one's own machine, for a public address, and for a class."""


def variable(name: str) -> str:
    """The environment variable of a limit."""
    return _PREFIX + name.upper()


def limits(environment: Mapping[str, str]) -> Limits:
    """The limits that environment variables ask for; a variable that is empty counts as not set.

    Raises ValueError with a sentence for a preset that there is not, and for what is no number or
    too small.
    """
    preset = environment.get(PRESET_VARIABLE) or "laptop"
    if preset not in PRESETS:
        raise ValueError(f"{PRESET_VARIABLE} is {preset!r}. Set it to one of {', '.join(PRESETS)}.")
    changed: dict[str, Any] = {}
    for one in fields(Limits):
        text = environment.get(variable(one.name))
        if text:
            changed[one.name] = _number(variable(one.name), text, one.type, one.metadata["least"])
    return replace(PRESETS[preset], **changed)


def _of_this_process() -> Limits:
    try:
        return limits(os.environ)
    except ValueError as error:
        sys.exit(f"CNN Playground cannot start: {error}")


def _number(name: str, text: str, kind: Any, least: float) -> float:
    try:
        number = int(text) if kind is int else float(text)
    except ValueError:
        number = float("nan")
    if not number >= least or number == float("inf"):
        whole = "a whole number" if kind is int else "a number"
        raise ValueError(f"{name} is {text!r}. Set it to {whole} of at least {least:g}.")
    return number


LIMITS = _of_this_process()
"""The limits here. A process whose environment asks for what cannot be ends, and says why."""
