"""A session's changes, apart from any page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.ui.state.session import Session
from tests.strategies import networks


@pytest.fixture
def session() -> Session:
    return Session(token="somebody")


@given(st.lists(networks(), max_size=8))
@settings(deadline=None)
def test_undo_goes_back_through_every_network_there_was(chosen: list[Network]) -> None:
    session = Session(token="somebody")
    seen = [session.network]
    for network in chosen:
        session.change_network(network, from_widgets=True)
        if network != seen[-1]:
            seen.append(network)
    for network in reversed(seen):
        assert session.network == network
        session.undo_network()
    assert session.network == ARTICLE


def test_undo_remembers_fifty_changes(session: Session) -> None:
    line = [Network(dense=()), *(Network(output="sigmoid"), Network()) * 40]
    for network in line:
        session.change_network(network)
    for _ in range(50):
        assert session.undo
        session.undo_network()
    assert not session.undo


def test_widgets_are_made_anew_for_changes_from_elsewhere_only(session: Session) -> None:
    before = session.generation
    session.change_network(Network(), from_widgets=True)
    assert session.generation == before
    session.change_network(Network(), from_widgets=False)  # the same network: no change
    session.undo_network()
    assert session.generation == before + 1
    session.undo_network()  # nothing to undo
    assert session.generation == before + 1
    session.change_network(Network())
    assert session.generation == before + 2


def test_another_run_is_looked_at_at_its_last_epoch(session: Session) -> None:
    session.epoch, session.image = 3, 17
    session.choose_run("a-run")
    session.choose_run("b-run")
    session.epoch = 5
    session.choose_run("a-run")
    assert (session.run, session.epoch, session.image) == ("a-run", None, 17)
    assert session.runs == ["a-run", "b-run"]


def test_the_link_to_a_view_opens_the_same_view(session: Session) -> None:
    session.change_network(Network())
    session.choose_run("a-run")
    session.image, session.epoch = 17, 2
    opened = Session(**vars(session.address()), token="somebody else")
    assert opened.address() == session.address()
    assert (opened.network, opened.run, opened.image, opened.epoch) == (Network(), "a-run", 17, 2)


def test_where_there_is_no_browser_sessions_are_different_people() -> None:
    assert Session().token != Session().token
