"""Where the people of a workshop stand in the challenges that one of them has entered."""

import pandas as pd
import streamlit as st

from cnn.challenges.challenge import from_text
from cnn.challenges.standings import Standing
from cnn.ui.challenges.verdict import in_short
from cnn.ui.common.page import errors_shown
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import polled
from cnn.ui.state import services
from cnn.ui.workshop.board import names_of
from cnn.workshop.workshop import Participant, Workshop

_TEXT = read_sections(__file__)
_EVERY = 5.0


def standings_panel(workshop: Workshop, me: Participant | None) -> None:
    """The table of all standings as it becomes; `me` is None for the host."""
    if not workshop.over and (me is None or workshop.plan.board_open):
        polled(_standings, _EVERY, workshop.id, me)


def table(standings: dict[str, dict[str, Standing]]) -> pd.DataFrame:
    """What everyone, by name, has reached at best: a row for each, a column for each challenge."""
    entered = {
        key: None
        for mine in standings.values()
        for key, one in mine.items()
        if one.best is not None
    }
    rows = [
        {from_text(key).title: _cell(mine.get(key)) for key in entered}
        for mine in standings.values()
    ]
    return pd.DataFrame(rows, index=pd.Index(standings, name="Who"))


def _standings(workshop_id: str, me: Participant | None) -> None:
    with errors_shown():
        store = services.workshops()
        workshop = store.workshop(workshop_id)
        names = names_of(workshop, me)
        found = {}
        for number, one in enumerate(store.participants(workshop_id), start=1):
            # Names that are hidden are numbers: a row must be somebody's.
            found[names[one.id] or f"Person {number}"] = services.standings().of(one.person)
        shown = table({name: mine for name, mine in found.items() if _entered(mine)})
        if shown.empty:
            _TEXT.caption("none")
            return
        _TEXT.caption("best")
        st.dataframe(shown.reset_index(), hide_index=True, key="workshop-standings")


def _entered(standings: dict[str, Standing]) -> bool:
    return any(one.best is not None for one in standings.values())


def _cell(standing: Standing | None) -> str:
    if standing is None or standing.best is None:
        return ""
    return f"{'✓' if standing.met else '✗'} {in_short(standing.best.verdict)}"
