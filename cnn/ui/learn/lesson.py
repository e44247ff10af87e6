"""What a lesson is."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from cnn.ui.learn.controls import Setup
from cnn.ui.state.session import Session


@dataclass(frozen=True)
class View:
    """A state that a lesson can be opened in: what it shows, and how the address names it.

    `setup` is written as `Setup` writes it, "" for the state the lesson begins with.
    """

    shows: str
    setup: str = ""


@dataclass(frozen=True)
class Lesson:
    """One topic. `key` names it in the address, `sentence` says what there is to move.

    `show` draws it; `views` are the states worth talking about in a class.
    """

    key: str
    title: str
    sentence: str
    show: Callable[[Session, Setup], None]
    views: tuple[View, ...] = ()


def address(lesson: Lesson, view: View) -> str:
    """Where the lesson opens in this view, from any page of the app."""
    named = {"lesson": lesson.key} | ({"set": view.setup} if view.setup else {})
    return f"Learn?{urlencode(named)}"
