"""One definition per technical term, the same everywhere in the app; `glossary.md` has the text."""

import re
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_suffix(".md")
_LINK = re.compile(r"\[([^\]]+)\]\(glossary:([^)\s]+)\)")


@cache
def glossary() -> dict[str, str]:
    """Return the definitions by term, in the order of the file."""
    _, *parts = re.split(r"^## (.+)$", _FILE.read_text("utf-8"), flags=re.MULTILINE)
    return {
        term: " ".join(text.split()) for term, text in zip(parts[::2], parts[1::2], strict=True)
    }


def definition(term: str) -> str:
    """Return the definition as plain text, for example for the `help` of a widget.

    Raises KeyError if the glossary does not have the term.
    """
    return glossary()[term]


def term(name: str, shown: str = "") -> str:
    """Return Markdown for a term with its definition in a tooltip: "epochs (?)".

    `shown` is the word in the sentence where it differs from the term, such as a plural. `:help[…]`
    is how Streamlit itself places the tooltip of `st.markdown(…, help=…)`; it works with a pointer,
    a finger and the keyboard. Raises KeyError if the glossary does not have the term.
    """
    return f"{shown or name}:help[{definition(name)}]"


def with_definitions(markdown: str) -> str:
    """Replace links such as [epochs](glossary:epoch) by the words with a tooltip.

    Spaces in a term are written as hyphens. Raises KeyError if the glossary does not have a term.
    """

    def shown(link: re.Match[str]) -> str:
        words, address = link.groups()
        return term(address if address in glossary() else address.replace("-", " "), words)

    return _LINK.sub(shown, markdown)
