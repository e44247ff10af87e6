"""The lessons' Markdown files: every section is read, used, and given its numbers."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from cnn.ui.common.glossary import term
from cnn.ui.common.prose import Prose, ProseError, parsed, placeholders, read_prose
from cnn.ui.learn.course import LESSONS, Lesson

FOLDER = Path(__file__).parents[3] / "cnn/ui/learn/lessons"
QUESTION = "Question"
SHOWN = (
    "PROSE.text",
    "PROSE.text_from",
    "PROSE.show",
    "PROSE.caption",
    "PROSE.code",
    "PROSE.options",
)


@dataclass(frozen=True)
class Use:
    """A section that a lesson's code shows, and the names of the numbers it gives.

    `group` is True for a section picked from a group, such as f"step/{key}"; with `spare` a section
    need not name all of the numbers.
    """

    section: str
    numbers: frozenset[str]
    group: bool = False
    spare: bool = False


class AnyNumber(float):
    """Stands for any number, and for what has numbers with names."""

    def __getattr__(self, name: str) -> "AnyNumber":
        return self


def uses(tree: ast.Module) -> Iterator[Use]:
    """Find every call such as `PROSE.show("section", …)`, `page.ask(…)`, `page.part()` in a module."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = ast.unparse(node.func)
        assert all(word.arg for word in node.keywords) or function not in (*SHOWN, "page.ask")
        numbers = frozenset(str(word.arg) for word in node.keywords)
        if function == "page.ask":
            yield Use(QUESTION, numbers)
        elif function == "page.part":
            yield Use("parts", frozenset())
        elif function in SHOWN:
            [section], spare = node.args, function == "PROSE.text_from"
            if isinstance(section, ast.JoinedStr):
                start = section.values[0]
                assert isinstance(start, ast.Constant) and start.value.endswith("/"), node.lineno
                yield Use(start.value, numbers, True, spare)
            else:
                assert isinstance(section, ast.Constant), node.lineno
                yield Use(section.value, numbers, False, spare)


def uses_of(lesson: str) -> set[Use]:
    """Find the uses in all modules that read the lesson's file."""
    found: set[Use] = set()
    for path in FOLDER.glob("*.py"):
        source = path.read_text("utf-8")
        if f'PROSE = read_prose("{lesson}")' in source:
            found |= set(uses(ast.parse(source)))
    return found


@pytest.mark.parametrize("lesson", LESSONS, ids=[lesson.key for lesson in LESSONS])
def test_every_section_is_used_with_exactly_its_numbers(lesson: Lesson) -> None:
    prose = lesson.prose
    sources = prose.sections
    used = set()
    for use in uses_of(lesson.key):
        sections = [name for name in sources if name.startswith(use.section)]
        if not use.group:
            sections = [name for name in sections if name == use.section]
        assert sections, use
        for section in sections:
            named = placeholders(sources[section])
            assert named <= use.numbers if use.spare else named == use.numbers, section
        used |= set(sections)
    assert used == set(sources)


@pytest.mark.parametrize("lesson", LESSONS, ids=[lesson.key for lesson in LESSONS])
def test_every_section_can_be_filled_in(lesson: Lesson) -> None:
    prose = lesson.prose
    for name, source in prose.sections.items():
        text = prose.text(name, **{number: AnyNumber() for number in placeholders(source)})
        assert text and "{" not in re.sub(r"\$[^$]+\$", "", text)
    numbers = placeholders(prose.sections[QUESTION])
    question = prose.question(**{number: AnyNumber() for number in numbers})
    assert question.text.endswith("?")
    assert all(answer.why.endswith((".", "!", "”.")) for answer in question.answers)
    assert len({answer.text for answer in question.answers}) == len(question.answers)


@pytest.mark.parametrize("lesson", LESSONS, ids=[lesson.key for lesson in LESSONS])
def test_sentences_are_short(lesson: Lesson) -> None:
    source = (FOLDER / f"{lesson.key}.md").read_text("utf-8")
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", source)
    for line in text.splitlines():
        for sentence in re.split(r"(?<=[.?!:])\s+", line):
            assert len(sentence.split()) <= 24, sentence


def test_every_file_belongs_to_a_lesson() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == {lesson.key for lesson in LESSONS}


FILE = """# Title

Do
this.

## Views

- [First](default)
- [Second](side-3)

## Question

How many are {count}?

- [ ] None
  Because {count} is
  more.
- [x] All
  Right.

## words

A {thing} after one [epoch](glossary:epoch), and $x_{{i}}$.
"""


@pytest.fixture
def prose() -> Prose:
    return parsed(FILE, "test.md")


def test_a_file_is_taken_apart(prose: Prose) -> None:
    assert (prose.title, prose.summary) == ("Title", "Do this.")
    assert [(view.shows, view.controls) for view in prose.views] == [
        ("First", ""),
        ("Second", "side-3"),
    ]
    question = prose.question(count=3)
    assert question.text == "How many are 3?"
    assert [(one.text, one.why, one.right) for one in question.answers] == [
        ("None", "Because 3 is more.", False),
        ("All", "Right.", True),
    ]
    text = prose.text("words", thing="map")
    assert text.startswith(f"A map after one {term('epoch')}") and text.endswith("$x_{i}$.")


@pytest.mark.parametrize(
    ("style", "value", "written"),
    [
        (",", 21446, "21,446"),
        (".1%", np.float32(0.5), "50.0%"),
        (".2f", 0.437, "0.44"),
        ("significant", -11.1073, "−11.11"),
        ("sentence", 63316.4, "63,316"),
        ("tex", 1.5e-5, r"1.5 \cdot 10^{-5}"),
        ("tex()", -0.5, "(-0.5)"),
        ("tex,", 21446, "21{,}446"),
    ],
)
def test_the_text_says_how_a_number_is_written(style: str, value: float, written: str) -> None:
    text = FILE.replace("{thing}", f"{{thing:{style}}}")
    assert parsed(text, "test.md").text("words", thing=value).startswith(f"A {written} after")
    assert parsed(text, "test.md").text("words", thing="map").startswith("A map after")


def test_a_list_of_links_has_the_choices_of_a_control() -> None:
    text = FILE + "\n## sizes\n\n- [{side} rows](rows)\n- [All](all)\n"
    assert parsed(text, "test.md").options("sizes", side=3) == {"rows": "3 rows", "all": "All"}


@pytest.mark.parametrize("numbers", [{}, {"thing": 1, "other": 2}, {"other": 1}])
def test_other_numbers_than_those_in_the_text_are_refused(
    prose: Prose, numbers: dict[str, int]
) -> None:
    with pytest.raises(ProseError, match=r"test.md.*thing"):
        prose.text("words", **numbers)
    with pytest.raises(ProseError, match="nothing"):
        prose.text("nothing")
    with pytest.raises(ProseError, match="count"):
        prose.question()


def test_a_section_can_be_filled_in_from_more_numbers_than_it_names(prose: Prose) -> None:
    text = prose.text_from("words", thing="map", other=1)
    assert text == prose.text("words", thing="map")
    with pytest.raises(ProseError, match=r"test.md.*thing"):
        prose.text_from("words", other=1)
    with pytest.raises(ProseError, match="nothing"):
        prose.text_from("nothing", other=1)


def test_a_placeholder_may_name_one_of_several_numbers() -> None:
    text = FILE + "\n## part\n\n{thing.real:.0f} and {thing.imag}\n"
    assert parsed(text, "test.md").text("part", thing=1 + 2j) == "1 and 2.00"


def test_what_a_reader_typed_stays_text(prose: Prose) -> None:
    link = "[x](glossary:loss) {thing}"
    assert link in prose.text("words", thing=link)


@pytest.mark.parametrize(
    ("placeholder", "value", "written"),
    [
        ("{thing}", -0.012345, "−0.0123"),
        ("{thing}", np.float32(2.5), "2.50"),
        ("{thing}", 12345, "12345"),
        ("{thing:,}", np.int64(12345), "12,345"),
        ("{thing:.1%}", 0.1234, "12.3%"),
    ],
)
def test_numbers_are_written_as_everywhere_or_as_the_text_asks(
    placeholder: str, value: object, written: str
) -> None:
    text = parsed(FILE.replace("{thing}", placeholder), "test.md").text("words", thing=value)
    assert text.startswith(f"A {written} after")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("# Title", "Title", "title"),
        ("Do\nthis.", "", "summary"),
        ("## Views", "## Sights", "Views"),
        ("## Question", "## Riddle", "Question"),
        ("- [First](default)\n- [Second](side-3)", "Nothing", "list of links"),
        ("## words", "## Views", "once"),
    ],
)
def test_a_file_of_another_form_is_refused(old: str, new: str, complaint: str) -> None:
    with pytest.raises(ProseError, match=complaint):
        parsed(FILE.replace(old, new, 1), "test.md")


@pytest.mark.parametrize(("old", "new"), [("[x]", "[ ]"), ("[ ] None", "[x] None")])
def test_a_question_without_exactly_one_right_answer_is_refused(old: str, new: str) -> None:
    with pytest.raises(ProseError, match=r"marked \[x\]"):
        parsed(FILE.replace(old, new), "test.md").question(count=1)


def test_a_lesson_without_a_file_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        read_prose("nothing")
