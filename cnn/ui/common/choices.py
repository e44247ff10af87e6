"""A choice among a few, as a row of buttons that is kept while another page is shown."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Literal, TypeVar

import streamlit as st

Option = TypeVar("Option", bound=Hashable)


def choice(
    label: str,
    options: Mapping[Option, str] | Sequence[Option],
    key: str,
    index: int = 0,
    help: str | None = None,
    labeled: bool = True,
) -> Option:
    """One of `options`, shown by their names, if they have any; at first the one at `index`.

    Without `labeled` only screen readers have the label.
    """
    names = options if isinstance(options, Mapping) else {option: str(option) for option in options}
    return st.segmented_control(
        label,
        list(names),
        default=list(names)[index],
        required=True,
        format_func=names.__getitem__,
        key=key,
        help=help,
        label_visibility="visible" if labeled else "collapsed",
        persist_state="session",
    )


def choice_box(
    label: str,
    options: Mapping[Option, str],
    key: str,
    index: int = 0,
    help: str | None = None,
    width: int | Literal["stretch"] = 180,
) -> Option:
    """As `choice`, in a box that opens, `width` pixels wide."""
    return st.selectbox(
        label,
        list(options),
        index,
        format_func=options.__getitem__,
        key=key,
        help=help,
        persist_state="session",
        width=width,
    )
