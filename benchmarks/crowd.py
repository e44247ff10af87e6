"""A class in the app at once: what its clicks cost the web process, and how long each person waits.

Everybody is a real websocket session (`_tab.py`) and acts every 5 seconds: opens another page, moves a
slider, makes a choice, picks another image, clicks a cell of the network. One more person trains, and
every tenth follows that run. Before, one visitor has seen every page, as on a server that has been up
for a while.

A wait is the time from a message sent to the script finished. The cost is all the processor time of the
web process, user and system, whatever it was for, per person who came and per action; that of the
worker and of the crowd itself is not in it, but they share the machine. `CNN_PLAYGROUND_CROWD` sets the
number of people. The fixed loop tells how fast the machine is.
"""

import asyncio
import json
import os
import time
from collections import defaultdict
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np
import psutil
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import WebSocketException

from benchmarks import Numbers, Rows
from benchmarks._browser import served
from benchmarks._tab import Drawn, Tab, TabError
from tests.e2e.server import Server

_PEOPLE = int(os.environ.get("CNN_PLAYGROUND_CROWD", "60"))
_EVERY = 5.0
"""Seconds between two actions of one person."""
_ACTIONS = 15
"""How often each person acts."""
_FOLLOWS = 10
"""One in so many people follows the run that trains."""
_NEW_PAGE = 0.3
"""The probability that an action opens another page."""
_SEED = 12
_TRAINING = "train=adam_rate0.001_batch8_epochs100_seed9"

_Action = tuple[str, Coroutine[Any, Any, float]]


@dataclass
class _Seen:
    """The seconds that actions took, by what they were, and those that failed."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)

    async def note(self, action: _Action) -> None:
        what, done = action
        try:
            taken = await done
            self.seconds[what].append(taken)
        except (TabError, OSError, WebSocketException) as error:
            self.failures.append(f"{what}: {error}")


def run() -> tuple[Rows, Numbers]:
    """Let a crowd come and act; tell its waits and its cost."""
    with served() as server:
        return asyncio.run(_crowd(server))


async def _crowd(server: Server) -> tuple[Rows, Numbers]:
    process, seen, loop = psutil.Process(server.process_id), _Seen(), _fixed_loop()
    trainer = Tab(server.url)
    await trainer.open(_TRAINING)
    for page in trainer.pages:
        await trainer.go_to(page)
    followed = await _train(trainer)
    tabs = [Tab(server.url) for _ in range(_PEOPLE)]
    memory, cpu = process.memory_info().rss, _cpu(process)
    for number, tab in enumerate(tabs):
        await seen.note(("Come", tab.open("" if number % _FOLLOWS else followed)))
    connect = (_cpu(process) - cpu) / _PEOPLE
    cpu = _cpu(process)
    await asyncio.gather(
        *(_act(tab, Random(_SEED + number), seen) for number, tab in enumerate(tabs))
    )
    cpu, memory = _cpu(process) - cpu, process.memory_info().rss - memory
    if not trainer.elements("progress"):
        seen.failures.append("The training ended before the crowd had left.")
    for tab in (trainer, *tabs):
        await tab.close()
    rows = _rows(seen.seconds)
    rows.append((f"a fixed loop, {loop:.0f} ms of processor time", "", "", ""))
    for failure in seen.failures[:5]:
        print(failure)
    waits = [wait for what, waits in seen.seconds.items() if what != "Come" for wait in waits]
    return rows, {
        "people": _PEOPLE,
        "p95_ms": round(1000 * float(np.quantile(waits, 0.95))),
        "cpu_ms_per_interaction": round(1000 * cpu / len(waits), 1),
        "connect_cpu_ms": round(1000 * connect, 1),
        "failures": len(seen.failures),
        "mb_per_session": round(memory / 1e6 / _PEOPLE, 2),
    }


async def _train(trainer: Tab) -> str:
    """Start the training and wait for its first epoch; returns the address of its run."""
    await trainer.go_to("Train")
    button = next(one for one in trainer.elements("button") if one.element.button.label == "Train")
    state = WidgetState(id=button.element.button.id, trigger_value=True)
    await trainer.change(button, state)
    while not trainer.elements("vega_lite_chart"):  # which the page draws by itself
        await asyncio.sleep(0.1)
    return trainer.query


async def _act(tab: Tab, random: Random, seen: _Seen) -> None:
    await asyncio.sleep(_EVERY * random.random())
    for _ in range(_ACTIONS):
        due = time.monotonic() + _EVERY
        await seen.note(_action(tab, random))
        await asyncio.sleep(max(0.0, due - time.monotonic()))


def _action(tab: Tab, random: Random) -> _Action:
    """Something that can be done on the page, or another page."""
    kinds = [list(_settings(tab)), list(_images(tab, random)), list(_cells(tab, random))]
    possible = [kind for kind in kinds if kind]
    if possible and random.random() > _NEW_PAGE:
        what, drawn, state = random.choice(random.choice(possible))
        return f"{tab.page}: {what}", tab.change(drawn, state)
    page = random.choice(list(tab.pages))
    return f"to {page}", tab.go_to(page)


_Change = tuple[str, Drawn, WidgetState]


def _settings(tab: Tab) -> Iterator[_Change]:
    for drawn, label, states in tab.settings():
        yield from ((label, drawn, state) for state in states)


def _images(tab: Tab, random: Random) -> Iterator[_Change]:
    for drawn, head in _components(tab, "image_grid"):
        number = random.choice(head["images"])["number"]
        yield "another image", drawn, tab.event(drawn, "chosen", number)


def _cells(tab: Tab, random: Random) -> Iterator[_Change]:
    for drawn, head in _components(tab, "network_view"):
        if "unit" in head["confirmed"]:
            layer = random.choice([one for one in head["layers"][1:] if len(one["shape"]) == 3])
            row, column, channel = (random.randint(1, size) for size in layer["shape"])
            name = f"{layer['name']}-map{channel}-row{row}-column{column}"
            event = {"token": str(random.random()), "value": name}
            yield "a cell", drawn, tab.event(drawn, "unit", event)


def _components(tab: Tab, name: str) -> Iterator[tuple[Drawn, dict[str, Any]]]:
    """The components of a kind on the page, each with the head of its message."""
    for drawn in tab.elements("bidi_component"):
        component = drawn.element.bidi_component
        if component.component_name == f"cnn_{name}":
            length = int.from_bytes(component.bytes[:4], "little")
            yield drawn, json.loads(component.bytes[4 : 4 + length])


def _rows(seconds: dict[str, list[float]]) -> Rows:
    rows: Rows = [("action", "times", "median, ms", "slowest, ms")]
    for what, waits in sorted(seconds.items()):
        middle, slowest = 1000 * np.median(waits), 1000 * max(waits)
        rows.append((what, f"{len(waits)}", f"{middle:.0f}", f"{slowest:.0f}"))
    return rows


def _cpu(process: psutil.Process) -> float:
    """The seconds of processor time that a process has used, without its children."""
    times = process.cpu_times()
    return float(times.user + times.system)


def _fixed_loop() -> float:
    """Milliseconds of processor time that two million steps of plain Python take on this machine."""
    began, total = time.process_time(), 0
    for number in range(2_000_000):
        total += number * number % 7
    return 1000 * (time.process_time() - began)
