"""The page of a report: what somebody typed stays text, and the page needs nothing but itself."""

import base64
import re
from concurrent.futures import ThreadPoolExecutor, wait
from html.parser import HTMLParser

import altair as alt
import pandas as pd
import pytest
from streamlit.elements.vega_charts import _altair_globals_lock

from cnn.ui.report.document import Chart, Code, Live, Section, Table, numeric, picture, render

HOSTILE = "<img src=http://evil.example/x onerror=alert(1)><script>alert(1)</script>"


class Tags(HTMLParser):
    """All tags with their attributes, and all text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_what_somebody_typed_stays_text_wherever_it_stands() -> None:
    frame = pd.DataFrame({HOSTILE: [HOSTILE]})
    parts = [HOSTILE, Table(frame), Table(frame, HOSTILE), Code(HOSTILE, HOSTILE)]
    seen = Tags(render(HOSTILE, HOSTILE, [Section(HOSTILE, parts)]))
    assert not seen.of("img")
    assert not seen.of("script")
    assert seen.text.count(HOSTILE) == 12


@pytest.mark.parametrize(
    "typed",
    [
        "[a](javascript:alert(1))",
        "[a](https://example.org)",
        "<https://example.org>",
        "![a](https://example.org/a.png)",
        "![a][b]\n\n[b]: https://example.org/a.png",
    ],
)
def test_a_link_or_a_picture_that_somebody_typed_stays_text(typed: str) -> None:
    seen = Tags(render("t", typed, []))
    assert not seen.of("a")
    assert not seen.of("img")


def test_a_chart_is_a_picture_inside_the_page() -> None:
    table = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    chart = alt.Chart(table).mark_line().encode(x="a:Q", y="b:Q")
    [image] = Tags(render("t", "", [Section("s", [Chart(chart, "Rising")])])).of("img")
    kind, _, content = (image["src"] or "").partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert re.search(
        r"<path[^>]*aria-roledescription=\"line mark\"", base64.b64decode(content).decode()
    )
    assert image["alt"] == "Rising"


def test_a_chart_has_its_data_whatever_a_page_does_to_altair() -> None:
    table = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    chart = alt.Chart(table).mark_line().encode(x="a:Q", y="b:Q")
    alone = picture(chart)
    alt.data_transformers.register("to_a_name", lambda _: {"name": "elsewhere"})
    with ThreadPoolExecutor(1) as download:
        # As Streamlit does for as long as it turns a chart into its own form.
        with _altair_globals_lock, alt.data_transformers.enable("to_a_name"):
            meanwhile = download.submit(lambda: picture(chart))
            wait([meanwhile], timeout=0.3)
        assert meanwhile.result() == alone


def test_a_component_comes_with_its_message_its_modules_and_its_style_once() -> None:
    parts = [Live("patches", b"\0\1\xff"), Live("patches", b"two")]
    seen = Tags(render("t", "", [Section("s", parts)]))
    kinds = [one.get("type") for one in seen.of("script")]
    assert kinds == ["text/plain", "text/plain", "importmap", "module"]
    assert [one.get("id") for one in seen.of("template")] == ["style-patches"]
    assert base64.b64encode(b"\0\1\xff").decode() in seen.text


@pytest.mark.parametrize(
    ("cells", "right"),
    [
        (["1", "−2.5", "3,000"], True),
        (["83.5%", "–", "1e−5"], True),
        (["13.7 s"], True),
        (["4@3×3 ReLU"], False),
        (["83.5% (81.8 to 85.0)"], False),
        (["1", "one"], False),
    ],
)
def test_columns_of_numbers_are_aligned_to_the_right(cells: list[str], right: bool) -> None:
    assert numeric(pd.DataFrame({"x": cells})) == [right]
