"""The board of a workshop, live: accuracy against parameters, a table, and ways into each network."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from cnn.network.link import from_text
from cnn.training.run import RunError
from cnn.ui.common import charts, formatting
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.page import COMPARE, INSPECT, errors_shown
from cnn.ui.common.prose import read_sections
from cnn.ui.common.theme import QUIET
from cnn.ui.common.waiting import polled
from cnn.ui.common.workshop_frame import EVERY
from cnn.ui.compare.run_library import offer_export
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.workshop.board import BoardEntry, board
from cnn.workshop.workshop import OwnRun, Participant, Workshop

_TEXT = read_sections(__file__)
_CHOSEN = "board-run"
_HEIGHT = 320
_MOST_NAMES = 3
_NOBODY = "–"
_WIDTHS = {
    "Who": 120,
    "Accuracy (95% interval)": 170,
    "Parameters": 90,
    "Epochs": 60,
    "Network": 140,
}
"""Pixels of the columns of the table, which fit beside each other on a laptop."""


def board_panel(session: Session, workshop: Workshop, me: Participant | None) -> None:
    """The board as it is now and, by itself, as it becomes; `me` is None for the host."""
    polled(_board, None if workshop.over else EVERY, session, workshop.id, me)


def names_of(workshop: Workshop, me: Participant | None = None) -> dict[str, str]:
    """What everyone is called on the board, by their ids."""
    people = services.workshops().participants(workshop.id)
    names = {one.id: "" if workshop.names_hidden else one.name for one in people}
    return names | ({me.id: "You"} if me else {})


def who(entry: BoardEntry, names: Mapping[str, str]) -> str:
    """The people of a run: "blue heron, red fox and 3 more"."""
    known = [name for one in entry.people if (name := names.get(one))]
    if len(known) > _MOST_NAMES:
        known = [*known[: _MOST_NAMES - 1], f"{len(known) - _MOST_NAMES + 1} more"]
    return formatting.listed(known) or _NOBODY


def table(entries: Sequence[BoardEntry], names: Mapping[str, str]) -> pd.DataFrame:
    """The board as text and numbers, a row per network."""
    return pd.DataFrame(
        [
            {
                "who": who(entry, names),
                "network": formatting.network(from_text(entry.run.network)),
                "parameters": entry.run.parameters,
                "accuracy": entry.accuracy,
                "low": entry.interval[0],
                "high": entry.interval[1],
                "images": entry.run.images,
                "epochs": entry.run.epochs,
                "status": entry.run.status,
                "best": entry.best,
                "comparable": entry.run.comparable,
            }
            for entry in entries
        ]
    )


def chart(found: pd.DataFrame, height: int = _HEIGHT) -> charts.Chart:
    """Accuracy with its interval against parameters; the front is a line of steps."""
    sizes = alt.X("parameters:Q", title="parameters", scale=alt.Scale(type="log", padding=20))
    shares = alt.Y("accuracy:Q", title="accuracy", scale=alt.Scale(zero=False, padding=10))
    tooltip: list[Any] = [
        *("who:N", "network:N"),
        *charts.tooltips(",", "parameters"),
        *charts.tooltips(".1%", "accuracy", "low", "high"),
    ]
    base = alt.Chart(found).encode(sizes)
    shape = alt.Shape(
        "own:N", scale=alt.Scale(domain=[False, True], range=["circle", "diamond"]), legend=None
    )
    area = alt.condition("datum.own", alt.value(160), alt.value(70))
    points = base.encode(shares.axis(format="%"), shape, size=area, tooltip=tooltip)
    front = base.transform_filter("datum.best").mark_line(
        interpolate="step-after", color=QUIET, strokeDash=[4, 3]
    )
    layers: list[Any] = [
        front.encode(shares),
        base.mark_rule(color=QUIET, opacity=0.6).encode(y="low:Q", y2="high:Q"),
        points.transform_filter("!datum.best").mark_point(filled=False, strokeWidth=2),
        points.transform_filter("datum.best").mark_point(filled=True, opacity=1),
    ]
    return alt.layer(*layers).properties(padding=CHART_PADDING, height=height)


def _board(session: Session, workshop_id: str, me: Participant | None) -> None:
    with errors_shown():
        store = services.workshops()
        workshop, runs = store.workshop(workshop_id), store.runs(workshop_id)
        if me and not workshop.plan.board_open:
            st.info(_TEXT.text("closed"), icon=":material/visibility_off:")
            return
        entries, names = board(runs), names_of(workshop, me)
        live = {own.run.run for own in runs if own.run.live}
        if not entries:
            empty = "empty/over" if workshop.over else "empty"
            st.info(_TEXT.text(empty), icon=":material/hourglass:")
        else:
            _shown(session, entries, names, me)
        if live:
            _TEXT.caption(
                "training", networks=formatting.counted(len(live), "network is", "networks are")
            )
        if me:
            _kept_off(me, runs)


def _shown(
    session: Session, entries: list[BoardEntry], names: Mapping[str, str], me: Participant | None
) -> None:
    found = table(entries, names)
    found["own"] = [me is not None and me.id in entry.people for entry in entries]
    compared = found[found["comparable"]]
    if len(compared):
        best = compared.iloc[0]
        told = f"{formatting.counted(len(compared), 'network')}; the best has {best['accuracy']:.1%} with {best['parameters']:,} parameters"
        st.altair_chart(chart(compared), key="workshop-board", alt=told)
        _TEXT.caption("chart")
    if len(compared) < len(found):
        _TEXT.caption("other images")
    _TEXT.caption("choose")
    ids = [entry.run.run for entry in entries]
    key = f"board-{sha256(' '.join(ids).encode()).hexdigest()[:12]}"

    def choose() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        st.session_state[_CHOSEN] = ids[rows[0]] if rows else None

    shown = pd.DataFrame(
        {
            "Who": found["who"],
            "Accuracy (95% interval)": [
                formatting.accuracy(entry.accuracy, entry.run.images) for entry in entries
            ],
            "Parameters": found["parameters"].map(formatting.thousands),
            "Epochs": found["epochs"].map(str),
            "Network": [formatting.network_name(from_text(entry.run.network)) for entry in entries],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        key=key,
        on_select=choose,
        selection_mode="single-row",
        column_config={
            name: st.column_config.Column(width=width) for name, width in _WIDTHS.items()
        },
        alt=f"{formatting.counted(len(entries), 'network')} by accuracy",
    )
    chosen = st.session_state.get(_CHOSEN)
    if chosen in ids:
        _ways_on(session, entries[ids.index(chosen)], names, entries, me)


def _ways_on(
    session: Session,
    entry: BoardEntry,
    names: Mapping[str, str],
    entries: Sequence[BoardEntry],
    me: Participant | None,
) -> None:
    """What can be done with the network that is chosen on the board."""
    run, own = entry.run.run, me is not None and me.id in entry.people
    label = formatting.accuracy(entry.accuracy, entry.run.images)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{formatting.escaped(who(entry, names))}** · {label}", width="content")
        if st.button("Look inside", icon=":material/search:"):
            session.choose_run(run)
            st.switch_page(INSPECT)
        others = [
            one.run.run for one in entries if me and me.id in one.people and one.run.run != run
        ]
        mine = others[0] if others else services.EXAMPLE_RUN
        label = "Compare with mine" if others else "Compare with the example"
        if st.button(label, icon=":material/compare_arrows:"):
            for one in (mine, run):
                if one != services.EXAMPLE_RUN:
                    session.own_runs.library.add(one)
            session.own_runs.compared = (mine, run)
            st.switch_page(COMPARE)
        if own and me:
            _export(session, run)
            show, args = services.workshops().show_run, (me.id, run, False)
            icon = ":material/visibility_off:"
            st.button("Keep it off the board", icon=icon, type="tertiary", on_click=show, args=args)


def _export(session: Session, run_id: str) -> None:
    """The file in which a run is taken home."""
    try:
        run = services.engine().run(run_id)
    except RunError:
        return
    entry = session.own_runs.library.entry(run_id)
    if run.kept and entry:
        offer_export(run, entry, run.kept[-1:], "Take it home")


def _kept_off(me: Participant, runs: Sequence[OwnRun]) -> None:
    off = [own.run for own in runs if own.participant == me.id and not own.on_board]
    if not off:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_TEXT.text("off", runs=f"{len(off)} of yours"), width="content")
        for run in off:
            show, args = services.workshops().show_run, (me.id, run.run, True)
            size = formatting.thousands(run.parameters)
            label, key = f"Show the one with {size} parameters", f"on-board-{run.run}"
            st.button(label, key=key, type="tertiary", on_click=show, args=args)
