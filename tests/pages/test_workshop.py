"""A workshop through its pages: start, join, locks that hold on the server, board, follow me, end."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from cnn.network.link import from_text
from cnn.network.presets import ARTICLE, PRESETS
from cnn.network.spec import Network
from cnn.training.experiments.experiment import with_seeds
from cnn.training.job import Job, Phase, Settings
from cnn.ui.state import requests, services
from cnn.ui.state.session import Session
from cnn.ui.state.url import DEFAULT_DATA, UrlState, write
from cnn.workshop.rules import PARTS, Part, RuleError, Rules
from cnn.workshop.workshop import Plan, Question, View, Workshop
from tests.pages.conftest import Open
from tests.pages.test_evaluate import kept
from tests.training.engines import until

SMALL = from_text("flatten_dense8-relu_softmax")
DATA = replace(DEFAULT_DATA, train_share=0.1)
START = Job(SMALL, DATA, Settings((Phase(2),)))
VIEW = View("Learn", "lesson=padding&set=stride-2")

Join = Callable[..., AppTest]


def begun(
    free: tuple[Part, ...] = ("epochs",), reason: str = "Later.", **plan: bool
) -> tuple[Workshop, str]:
    made = Plan("A *small* class", START, VIEW, Rules(free, 5, reason), **plan)
    return services.workshops().create(made, f"host-{time.time_ns()}")


@pytest.fixture
def workshop() -> Workshop:
    return begun()[0]


@pytest.fixture
def join(open_page: Open, workshop: Workshop) -> Join:
    def joined(page: str = "Workshop", code: str = "") -> AppTest:
        app = open_page("Home", join=code or workshop.code)
        if page != "Workshop":
            go(app, page)
        return app

    return joined


def go(app: AppTest, page: str) -> None:
    number = {"Learn": 1, "Data": 2, "Build": 3, "Train": 4, "Inspect": 5, "Workshop": 10}[page]
    app.session_state["page-shown"] = page  # main.py would, which AppTest leaves out
    app.switch_page(f"pages/{number}_{page}.py").run()
    assert not app.exception, app.exception


def click(app: AppTest, label: str) -> None:
    [button] = [one for one in app.button if one.label == label]
    button.click().run()
    assert not app.exception, app.exception


def session(app: AppTest) -> Session:
    found: Session = app.session_state["session"]
    return found


def parameters(app: AppTest) -> dict[str, str]:
    """Those of its URL; AppTest has some of them in lists."""
    found: dict[str, str | list[str]] = dict(app.query_params)
    return {name: text if isinstance(text, str) else text[0] for name, text in found.items()}


def said(app: AppTest) -> str:
    shown = (app.markdown, app.caption, app.info, app.warning, app.error, app.success)
    return "\n".join(element.value for elements in shown for element in elements)


def test_a_teacher_starts_one_from_what_is_set_up(open_page: Open) -> None:
    link = write(UrlState(SMALL, DATA, START.settings))
    app = open_page("Teach", **link)
    [title] = [one for one in app.text_input if one.label == "Title"]
    title.set_value("Year 10")
    for box in app.checkbox:
        if box.label in ("Stride", "Activation"):
            box.set_value(box.label == "Stride")
    click(app, "Start the workshop")
    found = services.workshops().hosted(session(app).person)
    assert found and found.plan.title == "Year 10" and found.plan.start == START
    assert "stride" in found.plan.rules.free and "activation" not in found.plan.rules.free
    assert app.title[0].value == "Workshop"
    assert app.metric[0].value.replace(" ", "") == found.code
    host = open_page("Home", host=session(app).attendance.secret)
    now = session(host).attendance.membership
    assert now and now.host and now.workshop.id == found.id
    assert "host" not in host.query_params
    stranger = open_page("Home", host="guessed")
    assert session(stranger).attendance.membership is None and "no workshop" in said(stranger)


def test_a_title_is_asked_for(open_page: Open) -> None:
    app = open_page("Teach")
    click(app, "Start the workshop")
    assert "title" in app.error[0].value


def test_joining_begins_with_the_hosts_network_and_undo_has_ones_own(
    open_page: Open, workshop: Workshop
) -> None:
    own = PRESETS["lenet"].network if "lenet" in PRESETS else Network()
    app = open_page("Home", net=write(UrlState(own))["net"], join=workshop.code.lower())
    mine = session(app)
    assert app.title[0].value == "Workshop" and "join" not in app.query_params
    assert (mine.network, mine.data, mine.settings) == (SMALL, DATA, START.settings)
    mine.undo_network()
    assert mine.network == own
    app.run()
    [me] = services.workshops().participants(workshop.id)
    assert me.person == mine.person and me.name in said(app) and me.page == "Workshop"
    click(app, "Begin at the lesson")
    assert app.title[0].value == "3. Padding and stride" and parameters(app)["set"] == "stride-2"


@pytest.mark.parametrize(("code", "why"), [("xyz", "six letters"), ("ACDACD", "no workshop")])
def test_a_wrong_code_is_answered_where_it_was_typed(open_page: Open, code: str, why: str) -> None:
    services.workshops().create(begun()[0].plan, "somebody")
    for page in ("Home", "Workshop"):
        app = open_page(page)
        app.text_input[0].set_value(code)
        click(app, "Join")
        assert why in app.error[0].value and session(app).attendance.membership is None
    assert why in said(open_page("Home", join=code))


def test_the_host_of_a_workshop_cannot_join_it(open_page: Open) -> None:
    workshop, secret = begun()
    app = open_page("Home", host=secret)
    app.query_params["join"] = workshop.code
    app.run()
    assert "You host this workshop" in said(app)
    assert services.workshops().participants(workshop.id) == []


def test_locked_controls_are_disabled_with_the_hosts_reason(join: Join) -> None:
    app = join("Train")
    boxes = {box.label: box for box in app.number_input}
    assert boxes["Seed"].disabled and "Later." in boxes["Seed"].help
    assert not boxes["Epochs"].disabled and boxes["Epochs"].max == 5
    go(app, "Data")
    [images] = [box for box in app.selectbox if box.label == "Images"]
    assert images.disabled and "Later." in images.help
    assert all(box.disabled for box in app.number_input if box.label == "Shuffle seed")
    go(app, "Build")
    assert app.selectbox[0].label == "Start from a preset" and app.selectbox[0].disabled
    units = [slider for slider in app.slider if slider.label == "Units"]
    assert units and all(one.disabled and "Later." in one.help for one in units)
    [add] = [one for one in app.button if one.label == "Add a dense layer"]
    assert add.disabled and "Later." in add.help


def test_a_network_that_is_not_allowed_is_said_to_be_and_not_trained(
    join: Join, workshop: Workshop
) -> None:
    app = join("Train")
    session(app).change_network(ARTICLE)
    app.run()
    assert "locked the number of convolution blocks" in said(app)
    before = session(app).viewed.run_id
    click(app, "Train")
    assert "locked" in app.error[0].value and session(app).viewed.run_id == before
    click(app, "Back to the workshop's network")
    assert session(app).network == SMALL and "locked" not in said(app)
    assert services.workshops().runs(workshop.id) == []


def test_no_way_to_the_engine_leads_around_the_rules(join: Join, workshop: Workshop) -> None:
    mine = session(join())
    run = services.run_store().run(kept("of-before", DEFAULT_DATA, 1.0))
    weights = services.run_store().weights(run.id, run.kept[-1])
    ways: list[Callable[[], object]] = [
        lambda: requests.train(mine, replace(START, settings=replace(START.settings, seed=2))),
        lambda: requests.train(mine, replace(START, settings=Settings((Phase(6),)))),
        lambda: requests.train_on(mine, run, Phase(1)),
        lambda: requests.train_edited(mine, run, run.kept[-1], weights, Phase(1)),
        lambda: requests.begin_experiment(mine, "", with_seeds(START, (), 2)),
    ]
    for way in ways:
        with pytest.raises(RuleError):
            way()
    services.workshops().set_state(workshop.id, "paused")
    with pytest.raises(RuleError, match="paused"):
        requests.train(mine, START)
    services.workshops().set_state(workshop.id, "ended")
    for way in ways[:1]:  # whoever is in no workshop is free again
        run_id = way().id  # type: ignore[attr-defined]
        services.engine().stop(run_id, mine.person)


def trained(app: AppTest) -> str:
    """The id of the run of the network that is set up now, after it has ended."""
    click(app, "Train")
    run_id = session(app).viewed.run_id
    until(lambda: not services.engine().run(run_id).live)
    return run_id


def board_of(workshop: Workshop, runs: int) -> list[str]:
    """The ids on the board once so many runs have a result there."""
    done: list[str] = []

    def there() -> bool:
        found = services.workshops().runs(workshop.id)
        done[:] = [own.run.run for own in found if own.run.accuracy and not own.run.live]
        return len(done) >= runs

    until(there)
    return done


def test_what_is_trained_is_on_the_board_unless_it_is_kept_off(
    join: Join, open_page: Open, workshop: Workshop
) -> None:
    ann, bo = join("Train"), join("Workshop")
    run = trained(ann)
    assert board_of(workshop, 1) == [run]
    [me, other] = services.workshops().participants(workshop.id)
    bo.run()
    [table] = bo.dataframe
    accuracy = services.engine().run(run).epochs[-1].validation_accuracy
    assert list(table.value["Who"]) == [me.name] and list(table.value["Parameters"]) == ["6,370"]
    assert f"{100 * accuracy:.1f}%" in table.value["Accuracy (95% interval)"][0]
    go(ann, "Workshop")
    assert list(ann.dataframe[0].value["Who"]) == ["You"]
    services.workshops().hide_names(workshop.id, True)
    assert list(bo.run().dataframe[0].value["Who"]) == ["–"]
    ann.session_state["board-run"] = run
    ann.run()
    click(ann, "Keep it off the board")
    assert not bo.run().dataframe and other.name not in said(ann)
    click(ann, "Show the one with 6,370 parameters")
    bo.session_state["board-run"] = run
    bo.run()
    click(bo, "Compare with the example")
    assert bo.title[0].value == "Runs"
    assert session(bo).own_runs.compared == (services.EXAMPLE_RUN, run)


def test_only_the_host_sees_a_board_that_is_not_open(open_page: Open) -> None:
    workshop, secret = begun(board_open=False)
    app, host = open_page("Home", join=workshop.code), open_page("Home", host=secret)
    assert "when it is time" in said(app)
    host.session_state["workshop-section"] = "Board"
    assert "Nothing has been trained" in said(host.run())


def test_two_people_share_a_device(join: Join, workshop: Workshop) -> None:
    app = join()
    click(app, "Someone else at this device")
    first, second = services.workshops().participants(workshop.id)
    assert first.person == second.person and second.name in said(app)
    [box] = [box for box in app.selectbox if box.label == "At this device now"]
    box.set_value(first.id).run()
    assert session(app).attendance.participant == first.id and f"**{first.name}**" in said(app)
    click(app, "Leave the workshop")
    assert services.workshops().participants(workshop.id) == [
        replace(
            second, seen=services.workshops().participants(workshop.id)[0].seen, page="Workshop"
        )
    ]


def test_names_are_asked_for_if_the_host_wants(open_page: Open) -> None:
    workshop, _ = begun(named=True)
    app = open_page("Home", join=workshop.code)
    app.text_input[0].set_value("<b>Ann</b> *A*")
    click(app, "Save")
    assert services.workshops().participants(workshop.id)[0].name == "<b>Ann</b> *A*"
    assert "<b>" not in said(app)


def test_following_the_host_and_back_loses_nothing(join: Join, workshop: Workshop) -> None:
    app = join("Learn")
    mine = session(app)
    own_page, own = parameters(app), (mine.network, mine.data, mine.settings, mine.viewed)
    former = mine.former_networks
    sent = UrlState(ARTICLE, image=7, epoch=3, unit="convolution_1-map2-row3-column4")
    view = View("Inspect", "&".join(f"{name}={text}" for name, text in write(sent).items()))
    services.workshops().send(workshop.id, view)
    app.run()
    assert "shows everyone the page **Inspect**" in said(app)
    click(app, "Go there")
    assert app.title[0].value == "Inspect"
    assert (mine.network, mine.viewed.image, mine.viewed.epoch) == (ARTICLE, 7, 3)
    assert mine.viewed.unit == sent.unit and parameters(app)["epoch"] == "3"
    go(app, "Inspect")  # AppTest itself does not follow
    click(app, "Back to my own work")
    assert app.title[0].value == "1. What is a CNN?" and parameters(app) == own_page
    assert (mine.network, mine.data, mine.settings, mine.viewed) == own
    assert mine.former_networks is former and "shows everyone" not in said(app)


def test_who_allows_it_goes_at_once(join: Join, workshop: Workshop) -> None:
    app = join("Build")
    services.workshops().send(workshop.id, View("Inspect", "image=7"))
    app.run()
    [toggle] = [one for one in app.toggle if one.label == "Always go at once"]
    toggle.set_value(True).run()
    assert app.title[0].value == "Inspect" and session(app).viewed.image == 7
    services.workshops().send(workshop.id, View("Learn", "lesson=pooling"))
    app.run()
    assert app.title[0].value == "4. Pooling"
    go(app, "Learn")
    click(app, "Back to my own work")
    assert app.title[0].value == "Network" and session(app).network == SMALL


def test_after_a_refresh_ones_own_work_is_still_there(
    join: Join, open_page: Open, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = join("Build")
    own = replace(SMALL, output="sigmoid")
    session(app).change_network(own)
    app.run()
    services.workshops().send(workshop.id, View("Inspect", "image=7"))
    app.run()
    click(app, "Go there")
    token, link = session(app).token, parameters(app)
    monkeypatch.setattr("cnn.ui.state.visitor.token", lambda: token)
    again = open_page("Inspect", **link)
    assert session(again) is not session(app) and session(again).network == ARTICLE
    click(again, "Back to my own work")
    assert again.title[0].value == "Network" and session(again).network == own


def test_answers_are_hidden_until_the_host_reveals_them(open_page: Open) -> None:
    workshop, secret = begun()
    app, host = open_page("Home", join=workshop.code), open_page("Home", host=secret)
    click(app, "Begin at the lesson")
    app.radio[0].set_value(1).run()
    tally = services.workshops().tallies(workshop.id)["padding"]
    assert tally.answered == 1 and tally.counts[1] == 1 and len(tally.counts) == 3
    host.session_state["workshop-section"] = "Room"
    host.run()
    assert "1 of 1 have answered" in said(host)
    assert not host.get("progress") and "workshop's answers" not in said(app)
    [reveal] = [one for one in host.toggle if one.label == "Show the answers on all screens"]
    reveal.set_value(True).run()
    assert len(host.get("progress")) == 3
    assert "Your workshop's answers" in said(app.run())


def test_the_end_is_told_and_leaves_a_board_without_names(join: Join, workshop: Workshop) -> None:
    app = join("Train")
    trained(app)
    board_of(workshop, 1)
    services.workshops().answer(
        services.workshops().participants(workshop.id)[0].id,
        Question("dense", "?", ("a", "b"), 0),
        1,
    )
    services.workshops().set_state(workshop.id, "ended")
    app.run()
    assert "has ended" in said(app) and "\\*small\\*" in said(app)
    assert session(app).attendance.membership is None
    click(app, "OK")
    assert "has ended" not in said(app)
    assert [own.participant for own in services.workshops().runs(workshop.id)] == [None]
    assert "has ended" in said(join(code=workshop.code))


def test_the_host_has_the_board_as_files(open_page: Open, join: Join, workshop: Workshop) -> None:
    from cnn.ui.workshop.report import board_csv, board_report

    app = join("Train")
    trained(app)
    board_of(workshop, 1)
    [me] = services.workshops().participants(workshop.id)
    assert me.name in board_csv(workshop) and "6370" in board_csv(workshop)
    assert me.name in board_report(workshop).decode()
    services.workshops().set_state(workshop.id, "ended")
    assert me.name not in board_csv(workshop) and me.name not in board_report(workshop).decode()
    assert len(board_csv(workshop).splitlines()) == 2


def test_the_projector_shows_the_code_and_how_many_joined(
    open_page: Open, join: Join, workshop: Workshop
) -> None:
    join()
    app = open_page("Workshop", projector=workshop.code)
    shown = "".join(element.proto.body for element in app.get("html"))
    assert f"{workshop.code[:3]} {workshop.code[3:]}" in shown and "1 person has joined" in shown
    assert "A *small* class" in shown and not app.button and not app.title


def test_all_parts_can_be_left_free(open_page: Open) -> None:
    workshop, _ = begun(PARTS)
    assert "You may change everything" in said(open_page("Home", join=workshop.code))
