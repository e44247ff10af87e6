"""The text of a lesson or of a part of a page, read from the Markdown file beside its code.

A teacher can edit such a file without reading any Python. A lesson's file has this form; other
files have no title, no views and no question, only named sections:

    # Title of the lesson

    What there is to do, in one or two sentences.

    ## Views

    - [What is worth seeing in the state that the lesson starts with](default)
    - [What is worth seeing with these controls](padding-same_stride-2)

    ## Question

    What happens?

    - [ ] A wrong answer
      Why it is wrong.
    - [x] The right answer
      Why it is right.

    ## any other section

    The code shows this section by its name and fills in {numbers} by theirs.

Braces that should stay are doubled, in formulas above all: `$x_{{i}}$`. Fractions are written as
`formatting.number` does, unless a placeholder says how: {images:,} is 8,000, {share:.1%} is 87.2%,
{runs:count run} is "1 run" or "30 runs", {share:points} is 87.2, {value:significant} has four digits,
{value:tex} is for formulas; `_STYLES` lists these words. A placeholder can name one number of several
that belong together: {layer.parameters}. A link such as [epoch](glossary:epoch) shows the definition of
the term, see `cnn.ui.common.glossary`. Sections whose names start alike, such as "step/load" and
"step/train", form a group from which the code picks one.
A section with the choices of a control is a list of links like the views: see `Sections.options`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from string import Formatter
from typing import Any

import numpy as np
import streamlit as st

from cnn.ui.common.formatting import counted, escaped, number, points, thousands
from cnn.ui.common.glossary import with_definitions

_FOLDER = Path(__file__).parents[1] / "learn/lessons"
_LINK = re.compile(r"- \[(.+)\]\(([^)]*)\)")
_ANSWER = re.compile(r"- \[([ x])\] (.+)\n((?:  .+\n?)+)")


class ProseError(ValueError):
    """A file that cannot be read, or a section that is used in the wrong way."""


@dataclass(frozen=True)
class View:
    """A state worth showing to a class: what it shows, and the lesson's controls as the URL has them.

    `controls` is "" for the state that the lesson starts with.
    """

    shows: str
    controls: str = ""


@dataclass(frozen=True)
class Answer:
    """A possible answer to a lesson's question, and why it is right or wrong."""

    text: str
    why: str
    right: bool


@dataclass(frozen=True)
class Question:
    """A question to answer before looking. Exactly one answer is right."""

    text: str
    answers: tuple[Answer, ...]


class _Filler(Formatter):
    """Writes numbers in the style that a placeholder names, and errors as text.

    A string in place of a number is Markdown and stays as it is.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, Exception):
            return escaped(str(value))
        if format_spec in _STYLES:
            return _STYLES[format_spec](value)
        if format_spec.startswith("count "):
            return counted(value, format_spec.removeprefix("count "))
        if isinstance(value, float | np.floating) and not format_spec:
            return number(float(value))
        return str(super().format_field(value, format_spec))


@dataclass(frozen=True)
class Sections:
    """Named sections with placeholders. `file` names them in error messages."""

    file: str
    sections: dict[str, str] = field(hash=False)

    def text(self, section: str, **numbers: object) -> str:
        """Return a section as Markdown, with its placeholders filled in.

        Raises ProseError if there is no such section, or if its placeholders are not exactly
        `numbers`.
        """
        if section not in self.sections:
            raise ProseError(f"{self.file}: expected a section {section!r}. Received: none.")
        source = self.sections[section]
        wanted = placeholders(source)
        if wanted != set(numbers):
            wrong = f"expected numbers for {sorted(wanted)}. Received: {sorted(numbers)}."
            raise ProseError(f"{self.file}, section {section!r}: {wrong}")
        # Terms first: a class name of somebody's own must not be able to write a link.
        return _Filler().vformat(with_definitions(source), (), numbers)

    def text_from(self, section: str, **numbers: object) -> str:
        """Return a section as `text` does; it need not name all of the `numbers`."""
        named = placeholders(self.sections.get(section, ""))
        return self.text(section, **{name: numbers[name] for name in named & {*numbers}})

    def show(self, section: str, **numbers: object) -> None:
        """Show a section; see `text`."""
        st.markdown(self.text(section, **numbers))

    def caption(self, section: str, **numbers: object) -> None:
        """Show a section as a caption; see `text`."""
        st.caption(self.text(section, **numbers))

    def code(self, section: str, **numbers: object) -> None:
        """Show a section that is a block of code; see `text`.

        Its fence names no language: the formatter would make lines too long for a lesson's column.
        """
        _, *lines, _ = self.text(section, **numbers).splitlines()  # between the fences
        st.code("\n".join(lines), wrap_lines=True)

    def help(self, label: str) -> str | None:
        """Return the section named after a widget, which is its help; None if there is none."""
        return self.text(label) if label in self.sections else None

    def options(self, section: str, **numbers: object) -> dict[str, str]:
        """Return the choices that a section lists: what the URL has for each, and what is shown."""
        return {name: shown for shown, name in _LINK.findall(self.text(section, **numbers))}


@dataclass(frozen=True)
class Prose(Sections):
    """The text of one lesson, see above."""

    title: str
    summary: str
    views: tuple[View, ...]

    def question(self, **numbers: object) -> Question:
        """Return the question with its placeholders filled in; raises ProseError as `text` does."""
        filled = self.text("Question", **numbers)
        answers = tuple(
            Answer(text, " ".join(why.split()), mark == "x")
            for mark, text, why in _ANSWER.findall(f"{filled}\n")
        )
        if len(answers) < 2 or sum(answer.right for answer in answers) != 1:
            wanted = "at least two answers, one of them marked [x]"
            raise ProseError(f"{self.file}: expected {wanted}. Received: {answers}")
        return Question(filled.partition("\n- [")[0].strip(), answers)


def placeholders(source: str) -> set[str]:
    """Return the names of the placeholders in a section."""
    names = (name for _, name, _, _ in Formatter().parse(source) if name is not None)
    return {name.partition(".")[0] for name in names}


def read_sections(code: str) -> Sections:
    """Read the sections of the Markdown file beside a module; `code` is the module's `__file__`."""
    path = Path(code).with_suffix(".md")
    _, sections = _taken_apart(path.read_text("utf-8"), path.name)
    return Sections(path.name, sections)


def read_prose(lesson: str) -> Prose:
    """Read `lessons/<lesson>.md`. Raises ProseError if the file does not have the form above."""
    path = _FOLDER / f"{lesson}.md"
    return parsed(path.read_text("utf-8"), path.name)


def parsed(text: str, file: str) -> Prose:
    """Take the text of a lesson's file apart; see `read_prose`."""
    top, sections = _taken_apart(text, file)
    title, _, summary = top.partition("\n")
    views = tuple(
        View(shows, "" if controls == "default" else controls)
        for shows, controls in _LINK.findall(sections.pop("Views", ""))
    )
    parts = {
        "a title and a summary": title.startswith("# ") and summary.strip(),
        "a section 'Views' with a list of links": views,
        "a section 'Question'": sections.get("Question"),
    }
    for part, found in parts.items():
        if not found:
            raise ProseError(f"{file}: expected {part}. Received: none.")
    title, summary = title.removeprefix("# ").strip(), " ".join(summary.split())
    return Prose(file, sections, title, with_definitions(summary), views)


def significant(value: float) -> str:
    """Return a finite value with at least four significant digits: 0.6652, 11.11, 21446, 1.2e−5.

    A reader who recomputes a step of a formula from rounded numbers must get the number that follows.
    """
    size = abs(float(value))
    if 0 < size < 0.001 or size >= 1e6:
        mantissa, exponent = f"{size:.3e}".split("e")
        text = f"{float(mantissa):g}e{int(exponent)}"
    elif size >= 1000:
        text = f"{size:.0f}"
    else:
        text = f"{Decimal(f'{size:.4g}'):f}"
    return (f"-{text}" if value < 0 else text).replace("-", "−")


def in_sentence(value: float) -> str:
    """Return a finite value as Markdown for a sentence: 0.6652, 63,316, 1.026 · 10⁶."""
    text = significant(value)
    if "e" in text:
        return f"${tex(value)}$"
    return thousands(value) if abs(value) >= 1000 else text


def tex(value: float) -> str:
    """Return a finite value in LaTeX with four significant digits."""
    mantissa, power, exponent = significant(value).replace("−", "-").partition("e")
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if power else mantissa


def tex_in_parentheses(value: float) -> str:
    """Return the value in LaTeX, in parentheses if it is negative, to follow another sign."""
    return f"({tex(value)})" if value < 0 else tex(value)


def tex_count(count: int) -> str:
    """Return a count in LaTeX with a comma between the thousands: 21,446."""
    return f"{count:,}".replace(",", "{,}")


_STYLES: dict[str, Callable[[Any], str]] = {
    "points": points,
    "+points": lambda difference: points(difference, signed=True),
    "significant": significant,
    "sentence": in_sentence,
    "tex": tex,
    "tex()": tex_in_parentheses,
    "tex,": tex_count,
}
"""The functions that write a number in a style which Python's own formats do not have."""


def _taken_apart(text: str, file: str) -> tuple[str, dict[str, str]]:
    """Return what stands above the first section, and the sections by their names."""
    top, *parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    sections = {name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}
    if len(sections) < len(parts) / 2:
        raise ProseError(f"{file}: expected every section once. Received: {parts[::2]}.")
    return top, sections
