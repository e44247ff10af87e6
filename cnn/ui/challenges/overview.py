"""The list of challenges, which one is open, and making a new one; `overview.md` has the text."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial

import streamlit as st

from cnn.challenges.challenge import (
    CHALLENGES,
    MEASURES,
    PART_NAMES,
    PARTS,
    SEEDS,
    Bound,
    Challenge,
    ChallengeError,
    custom,
    from_text,
)
from cnn.challenges.standings import Standing
from cnn.ui.challenges.verdict import in_short
from cnn.ui.common import formatting
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.notices import show_error
from cnn.ui.common.prose import read_sections
from cnn.ui.state import services, url
from cnn.ui.state.browser_echo import UrlEcho
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)
_OPEN, _PROBLEM = "open-challenge", "challenge-problem"
_COLUMNS = 4

_SUGGESTED = {
    "accuracy": 0.8,
    "parameters": 5000,
    "convolutions": 2,
    "epochs": 10,
    "field": 12,
    "changed": 0.15,
}
"""What a challenge of one's own can measure, and the value that is offered for it at first."""


def open_challenge(key: str | None) -> None:
    """Have the page show this challenge, or with None the list."""
    st.session_state[_OPEN] = key
    _echo().write(key)
    url.to_browser(challenge=key)


def opened() -> Challenge | None:
    """The challenge that the URL names or that was opened last; None for the list."""
    named = url.from_browser()[0].challenge
    key = named if named and _echo().is_opened(named) else st.session_state.get(_OPEN)
    try:
        challenge = from_text(key) if key else None
    except ChallengeError as error:
        st.session_state[_PROBLEM] = error
        challenge = None
    open_challenge(challenge.key if challenge else None)
    return challenge


def _echo() -> UrlEcho:
    echo: UrlEcho = st.session_state.setdefault("challenge-echo", UrlEcho())
    return echo


def overview(session: Session) -> None:
    """All challenges with their rules and where the visitor stands, and the way to a new one."""
    if problem := st.session_state.pop(_PROBLEM, None):
        error = formatting.escaped(str(problem))
        st.warning(_TEXT.text("elsewhere", error=error), icon=":material/link_off:")
    standings = services.standings().of(session.person)
    challenges = [*CHALLENGES.values(), *_own(standings)]
    for start in range(0, len(challenges), _COLUMNS):
        columns = responsive_columns(*[1] * _COLUMNS)
        for column, challenge in zip(columns, challenges[start:], strict=False):
            with column.container(border=True, height="stretch"):
                _card(challenge, standings.get(challenge.key))
    with st.expander("Make your own challenge", icon=":material/add:"):
        _form(session)


def _own(standings: Mapping[str, Standing]) -> Iterator[Challenge]:
    """The challenges that the visitor has entered by a link, the last one first."""
    for key in reversed([*standings]):
        if key not in CHALLENGES:
            with suppress(ChallengeError):  # it was made by another version of the app
                yield from_text(key)


def _card(challenge: Challenge, standing: Standing | None) -> None:
    st.button(
        f"**{challenge.title}**",
        key=f"challenge-{challenge.key}",
        width="stretch",
        on_click=partial(open_challenge, challenge.key),
    )
    st.markdown(challenge.rule)
    st.caption(_standing(standing))


def _standing(standing: Standing | None) -> str:
    if standing is not None and standing.pending:
        return _TEXT.text("pending", seeds=SEEDS)
    if standing is None or standing.best is None:
        return _TEXT.text("new")
    section = "met" if standing.met else "tried"
    return _TEXT.text_from(section, best=in_short(standing.best.verdict))


def _form(session: Session) -> None:
    _TEXT.show("custom")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        goal = _bound(
            st.selectbox("Goal", list(_SUGGESTED), format_func=_name, key="new-goal", width=220),
            "goal",
        )
        others = [name for name in _SUGGESTED if name != goal[0]]
        wanted = st.multiselect(
            "Limits", others, format_func=_name, key=f"new-limits-{goal[0]}", placeholder="none"
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        limits = [_bound(name, "limit") for name in wanted]
    free = st.pills(
        "What may be changed",
        PARTS,
        selection_mode="multi",
        default=PARTS,
        format_func=PART_NAMES.__getitem__,
        key="new-free",
        wrap=True,
    )
    network = formatting.network_name(session.network)
    _TEXT.caption("network", network=formatting.escaped(network))
    try:
        made = custom(Bound(*goal), [Bound(*limit) for limit in limits], free, session.network)
    except ChallengeError as error:
        show_error(error)
        return
    st.markdown(f"**{made.rule}**")
    # Not a callback: that would run before a number typed just now is read.
    if st.button("Open this challenge", icon=":material/arrow_forward:"):
        open_challenge(made.key)
        st.rerun()


def _name(measure: str) -> str:
    return MEASURES[measure].name


def _bound(measure: str, place: str) -> tuple[str, float]:
    """Ask for the value of a goal or a limit; shares are asked for in percent."""
    kind = MEASURES[measure]
    scale = 100 if kind.unit == "percent" else 1
    asked = st.number_input(
        f"{kind.name}{', %' if scale == 100 else ''}: {'least' if kind.better == 'higher' else 'most'}",
        round(kind.lowest * scale),
        round(kind.highest * scale),
        round(_SUGGESTED[measure] * scale),
        key=f"new-{place}-{measure}",
        width=230,
    )
    return measure, asked / scale
