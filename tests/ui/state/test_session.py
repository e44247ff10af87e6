"""A session's changes, apart from any page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.training.run_library import RunLibrary
from cnn.ui.state.services import EXAMPLE_RUN
from cnn.ui.state.session import Session, Viewed, opened
from cnn.ui.state.url import UrlState, read, write
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
        session.change_network(network)
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
        assert session.former_networks
        session.undo_network()
    assert not session.former_networks


def test_the_same_network_again_is_no_change(session: Session) -> None:
    session.change_network(Network())
    session.change_network(Network())
    session.undo_network()
    assert session.network == ARTICLE


def test_another_run_is_viewed_at_its_last_epoch(session: Session) -> None:
    session.viewed.epoch, session.viewed.image = 3, 17
    session.choose_run("a-run")
    session.choose_run("b-run")
    session.viewed.epoch = 5
    session.choose_run("a-run")
    assert session.viewed == Viewed("a-run", 17)
    assert session.own_runs.ids == ["a-run", "b-run"]


def test_a_removed_run_is_no_longer_viewed_or_compared_and_can_be_put_back(
    session: Session,
) -> None:
    for run in ("a-run", "b-run"):
        session.choose_run(run)
    session.own_runs.compared = ("a-run", "b-run")
    session.remove_run("b-run")
    assert session.viewed.run_id == EXAMPLE_RUN
    assert session.own_runs.compared == ("a-run",)
    session.own_runs.undo_remove()
    assert session.own_runs.ids == ["a-run", "b-run"]


def test_the_runs_of_a_link_are_put_into_the_library_when_it_is_opened() -> None:
    library = RunLibrary()
    opened(UrlState(run="a-run", compared=("b-run", EXAMPLE_RUN, "a-run")), library, "somebody")
    assert library.runs == ["a-run", "b-run"]


def test_the_link_to_a_view_opens_the_same_view(session: Session) -> None:
    session.change_network(Network())
    session.choose_run("a-run")
    session.viewed.image, session.viewed.epoch = 17, 2
    state = UrlState(**session.url())
    again, notices = read(write(state))
    assert (again, notices) == (state, [])
    library = RunLibrary()
    other = opened(again, library, "somebody else")
    assert other.url() == session.url()
    assert other.viewed == session.viewed
    assert library.runs == ["a-run"]


def test_a_part_takes_no_name_that_it_does_not_have(session: Session) -> None:
    with pytest.raises(AttributeError):
        session.run = "a-run"  # type: ignore[attr-defined]


def test_where_there_is_no_browser_sessions_are_different_people() -> None:
    assert Session().token != Session().token
