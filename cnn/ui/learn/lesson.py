"""What a lesson is, and the links that open it."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnn.ui.common.prose import Prose, View
from cnn.ui.learn.controls import Controls
from cnn.ui.state.session import Session


@dataclass(frozen=True)
class Lesson:
    """One topic of the course. `key` names it in the URL, `show` draws it, `prose` is its text."""

    key: str
    prose: Prose
    show: Callable[[Session, Controls], None]

    @property
    def title(self) -> str:
        """The title without its number."""
        return self.prose.title

    @property
    def views(self) -> tuple[View, ...]:
        """The states worth showing to a class."""
        return self.prose.views


def text_and_figure() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return the two columns of a lesson: the text, wide enough for its code, and the figure."""
    text, figure = st.columns([1.1, 2], gap="medium")
    return text, figure


def address(lesson: Lesson, view: View) -> str:
    """Return the URL, relative to the app's, that opens the lesson in this view."""
    parameters = {"lesson": lesson.key} | ({"set": view.controls} if view.controls else {})
    return f"Learn?{urlencode(parameters)}"
