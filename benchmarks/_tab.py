"""A browser tab without a browser: the other half of Streamlit's protocol, over a real websocket.

It keeps what a browser keeps (the widgets on the page and their values, large messages, the address)
and runs the parts of a page again that ask for it, but draws nothing.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ButtonGroup_pb2 import ButtonGroup
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

_PATIENCE = 30.0
"""Seconds after which a run of the page that has not finished counts as failed."""

_OURS = "This page met an error that is ours"

_ANSWERED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass(frozen=True)
class Drawn:
    """An element on the page, the fragment it belongs to ("": none), and the run that drew it."""

    element: Element
    fragment: str
    run: str


class TabError(Exception):
    """The page showed an error, did not finish in time, or the connection was closed."""


class Tab:
    """One tab; it must be opened before anything else is done with it."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("http", "ws", 1) + "/_stcore/stream"
        self._drawn: dict[tuple[int, ...], Drawn] = {}
        self._values: dict[str, WidgetState] = {}
        self._known: dict[str, ForwardMsg] = {}
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._announced: set[str] = set()
        self._waiting: tuple[str, asyncio.Future[None]] | None = None
        self._began: set[str] = set()
        self._run = ""
        self.query = self._page = ""
        self.pages: dict[str, str] = {}
        """The pages of the navigation: what Streamlit calls each, by its title."""

    async def open(self, query: str = "") -> float:
        """Connect and draw Home; returns the seconds it took."""
        began, self.query = time.perf_counter(), query
        self._socket: ClientConnection = await connect(
            self._url,
            subprotocols=[Subprotocol("streamlit")],
            compression=None,
            max_size=None,
            proxy=None,
        )
        self._reader = asyncio.create_task(self._read())
        await self._ask()
        return time.perf_counter() - began

    async def close(self) -> None:
        """Close the tab, as its visitor does."""
        for timer in self._timers.values():
            timer.cancel()
        await self._socket.close()
        await asyncio.gather(self._reader, *self._timers.values(), return_exceptions=True)

    async def go_to(self, page: str) -> float:
        """Open a page by its title; returns the seconds until it is drawn."""
        self._page, self._values = self.pages[page], {}
        return await self._ask()

    async def change(self, drawn: Drawn, state: WidgetState) -> float:
        """Give a widget a value, or press a button; returns the seconds until the page has reacted."""
        if state.WhichOneof("value") in ("trigger_value", "json_trigger_value"):
            return await self._ask(drawn.fragment, state)
        self._values[state.id] = state
        return await self._ask(drawn.fragment)

    @staticmethod
    def event(drawn: Drawn, event: str, value: Any) -> WidgetState:
        """What a component sends when it is clicked, for `change`."""
        payload = json.dumps([{"event": event, "value": value}])
        name = f"$$STREAMLIT_INTERNAL_KEY_{drawn.element.bidi_component.id}__events"
        return WidgetState(id=name, json_trigger_value=payload)

    @property
    def page(self) -> str:
        """The title of the page that is open."""
        return next(title for title, name in self.pages.items() if name == self._page)

    def elements(self, kind: str) -> list[Drawn]:
        """The elements of a kind that are on the page, such as "slider"."""
        return [one for one in self._drawn.values() if one.element.WhichOneof("type") == kind]

    def settings(self) -> Iterator[tuple[Drawn, str, list[WidgetState]]]:
        """Every slider, choice and switch on the page, its label, and the values it can be given."""
        for drawn in self.elements("slider"):
            slider = drawn.element.slider
            if slider.type == Slider.SELECT_SLIDER:
                yield drawn, slider.label, [_texts(slider.id, [text]) for text in slider.options]
            elif not slider.disabled:
                steps = round((slider.max - slider.min) / slider.step)
                every = [slider.min + at * slider.step for at in range(steps + 1)]
                yield drawn, slider.label, [_number(slider.id, value) for value in every]
        for drawn in self.elements("button_group"):
            group = drawn.element.button_group
            options = [option.content for option in group.options]
            if group.click_mode == ButtonGroup.MULTI_SELECT:
                on = {options[at] for at in group.default}
                choices = [sorted(on ^ {option}) for option in options]
            else:
                choices = [[option] for option in options]
            yield drawn, group.label, [_texts(group.id, choice) for choice in choices]
        for drawn in self.elements("checkbox"):
            box = drawn.element.checkbox
            if not box.disabled:
                either = [WidgetState(id=box.id, bool_value=value) for value in (False, True)]
                yield drawn, box.label, either

    async def _ask(self, fragment: str = "", trigger: WidgetState | None = None) -> float:
        """Have the page, or a fragment of it, run; returns the seconds until it has finished."""
        began = time.perf_counter()
        answered = asyncio.get_running_loop().create_future()
        self._waiting, self._began = (fragment, answered), set()
        await self._send(fragment, trigger)
        try:
            await asyncio.wait_for(answered, _PATIENCE)
        except TimeoutError as error:
            raise TabError(f"Nothing was drawn within {_PATIENCE:.0f} seconds.") from error
        finally:
            self._waiting = None
        if any(_OURS in one.element.alert.body for one in self.elements("alert")):
            raise TabError(_OURS)
        return time.perf_counter() - began

    async def _send(
        self, fragment: str, trigger: WidgetState | None = None, by_itself: bool = False
    ) -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash = self.query, self._page
        asked.fragment_id, asked.is_auto_rerun = fragment, by_itself
        asked.widget_states.widgets.extend(self._values.values())
        if trigger is not None:
            asked.widget_states.widgets.append(trigger)
        asked.cached_message_hashes.extend(self._known)
        asked.context_info.url = self._url
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        try:
            async for data in self._socket:
                message = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
                self._receive(message)
        finally:
            if self._waiting and not self._waiting[1].done():
                self._waiting[1].set_exception(TabError("The connection was closed."))

    def _receive(self, message: ForwardMsg) -> None:
        metadata = message.metadata
        if message.WhichOneof("type") == "ref_hash":
            message = self._known[message.ref_hash]
        elif metadata.cacheable:
            self._known[message.hash] = message
        match message.WhichOneof("type"):
            case "new_session":
                self._run = metadata.run.script_run_id
                self._began.add(self._run)
                self._announced = set()
            case "navigation":
                pages = message.navigation.app_pages
                self.pages = {page.page_name: page.page_script_hash for page in pages}
                self._page = message.navigation.page_script_hash
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "auto_rerun":
                self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self._stop_repeating(fragment)
            case "delta":
                self._draw(message.delta, tuple(metadata.delta_path))
            case "script_finished":
                self._finish(message)

    def _draw(self, delta: Delta, path: tuple[int, ...]) -> None:
        if delta.WhichOneof("type") != "new_element":
            self._drawn.pop(path, None)
            return
        drawn = Drawn(delta.new_element, delta.fragment_id, self._run)
        self._drawn[path] = drawn
        state = _shown(drawn.element)
        if state is not None:
            self._values.setdefault(state.id, state)

    def _finish(self, message: ForwardMsg) -> None:
        run, status = message.metadata.run, message.script_finished
        if status not in _ANSWERED:
            return
        fragments = set(run.fragment_ids)
        if not fragments:
            now = self._drawn.items()
            self._drawn = {path: one for path, one in now if one.run == run.script_run_id}
            for fragment in set(self._timers) - self._announced:
                self._stop_repeating(fragment)
            shown = {state.id for one in self._drawn.values() if (state := _shown(one.element))}
            self._values = {name: one for name, one in self._values.items() if name in shown}
        if self._waiting and run.script_run_id in self._began:
            fragment, answered = self._waiting
            if (not fragments or fragment in fragments) and not answered.done():
                answered.set_result(None)

    def _repeat(self, fragment: str, interval: float) -> None:
        self._announced.add(fragment)
        if fragment in self._timers:
            return

        async def repeat() -> None:
            while True:
                await asyncio.sleep(interval)
                await self._send(fragment, by_itself=True)

        self._timers[fragment] = asyncio.create_task(repeat())

    def _stop_repeating(self, fragment: str) -> None:
        if timer := self._timers.pop(fragment, None):
            timer.cancel()


def _shown(element: Element) -> WidgetState | None:
    """What a browser sends of a widget that nobody has touched; None if it sends nothing."""
    match element.WhichOneof("type"):
        case "slider" if element.slider.type == Slider.SELECT_SLIDER:
            slider = element.slider
            state = WidgetState(id=slider.id)
            state.string_array_value.data.extend(slider.options[int(at)] for at in slider.default)
        case "slider":
            state = WidgetState(id=element.slider.id)
            state.double_array_value.data.extend(element.slider.default)
        case "button_group":
            group = element.button_group
            state = WidgetState(id=group.id)
            state.string_array_value.data.extend(group.options[at].content for at in group.default)
        case "checkbox":
            state = WidgetState(id=element.checkbox.id, bool_value=element.checkbox.default)
        case "number_input":
            number = element.number_input
            state = WidgetState(id=number.id, double_value=number.default)
        case "selectbox" if element.selectbox.HasField("default"):
            box = element.selectbox
            state = WidgetState(id=box.id, string_value=box.options[box.default])
        case _:
            return None
    return state


def _number(name: str, value: float) -> WidgetState:
    state = WidgetState(id=name)
    state.double_array_value.data.append(value)
    return state


def _texts(name: str, texts: Sequence[str]) -> WidgetState:
    state = WidgetState(id=name)
    state.string_array_value.data.extend(texts)
    return state
