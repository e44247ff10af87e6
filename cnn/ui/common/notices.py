"""Sentences on what is wrong: they can quote what came from outside, so none is read as Markdown."""

import streamlit as st

from cnn.ui.common.formatting import escaped


def show_error(sentence: str | BaseException, icon: str = "error") -> None:
    """Show a sentence, or that of an exception, as an error."""
    st.error(escaped(str(sentence)), icon=f":material/{icon}:")


def show_warning(sentence: str | BaseException, icon: str = "warning") -> None:
    """Show a sentence, or that of an exception, as a warning."""
    st.warning(escaped(str(sentence)), icon=f":material/{icon}:")
