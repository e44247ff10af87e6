"""A choice among a few, as a row of buttons that is kept while another page is shown."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

import streamlit as st

Option = TypeVar("Option", bound=Hashable)


def choice(
    label: str,
    options: Mapping[Option, str],
    key: str,
    index: int = 0,
    help: str | None = None,
    labeled: bool = True,
) -> Option:
    """One of `options`, shown by their names; at first the one at `index`.

    Without `labeled` only screen readers have the label.
    """
    return st.segmented_control(
        label,
        list(options),
        default=list(options)[index],
        required=True,
        format_func=options.__getitem__,
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
    width: int = 180,
) -> Option:
    """As `choice`, in a box `width` pixels wide that opens."""
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
