"""Room: columns that go below one another where there is little of it, and the margins of charts."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_NARROWEST = 220
"""Pixels of the narrowest column: a line of some 30 letters, or the longest formula of a lesson."""

CHART_PADDING = {"left": 5, "top": 5, "right": 14, "bottom": 20}
"""Pixels around a chart. Streamlit leaves none at the sides, which cuts the last label of an axis."""


_GAP = 32
"""Pixels of Streamlit's medium gap."""

_BELOW_EACH_OTHER = """<style>
.st-key-{key} {{ container-type: inline-size; }}
@container (max-width: {narrow}px) {{
  .st-key-{key} > [data-testid="stGridCell"] {{ grid-column: 1 / -1; }}
}}
</style>"""
"""Where not all tracks of a grid fit, Streamlit gives a cell of one track half of the row."""


def responsive_columns(
    *spans: int, narrowest: int = _NARROWEST, gap: str = "medium"
) -> list[DeltaGenerator]:
    """Columns as wide as their `spans` say, none narrower than `narrowest` pixels for each.

    `st.columns` only looks at the window (640 pixels), not at what the sidebar leaves of it, and
    cuts off what does not fit. Columns of different widths are beside each other or, each as wide as
    the page, below each other; a page has no two of the same `spans`.
    """
    tracks, key = sum(spans), None
    if len(set(spans)) > 1:
        key = "columns-" + "-".join(map(str, spans))
        narrow = tracks * narrowest + (tracks - 1) * _GAP - 1
        st.html(_BELOW_EACH_OTHER.format(key=key, narrow=narrow))
    grid = st.grid(tracks, min_column_width=narrowest, gap=gap, key=key)  # type: ignore[arg-type]
    return [grid.cell(column_span=span) for span in spans]


def page_of(count: int, size: int, key: str) -> slice:
    """Return which of `count` items to show: one page of `size`, chosen by page numbers if needed.

    Another number of pages begins at the first one again.
    """
    pages = -(-count // size)
    shown = st.pagination(pages, key=f"{key}-{pages}") if pages > 1 else 1
    return slice((shown - 1) * size, shown * size)
