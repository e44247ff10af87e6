"""Lesson 9: the steps and the shipped run's curves are shown; they lead to Train."""

from cnn.network.presets import ARTICLE
from cnn.training.job import Job
from cnn.training.script import script
from cnn.ui.state import services
from cnn.ui.state.url import DEFAULT_DATA, DEFAULT_SETTINGS
from tests.pages.conftest import Open


def test_each_step_shows_its_lines_and_the_shipped_run_its_curves(open_page: Open) -> None:
    app = open_page("Learn", lesson="article")
    [slider] = [one for one in app.select_slider if one.label == "Step"]
    shown = ""
    for step in range(1, 9):
        slider.set_value(str(step)).run()
        assert not app.exception, app.exception
        shown += app.code[0].value + "\n"
    whole = script(
        Job(ARTICLE, DEFAULT_DATA, DEFAULT_SETTINGS), services.chosen(DEFAULT_DATA)
    ).split("\n")
    assert [line for line in shown.split("\n") if line] == [line for line in whole if line]
    assert len(app.get("vega_lite_chart")) == 2


def test_train_opens_with_the_articles_settings(open_page: Open) -> None:
    app = open_page(
        "Learn", lesson="article", train="sgd_rate0.1_batch64_epochs3_seed8", net="flatten_softmax"
    )
    [button] = [one for one in app.button if one.label == "Change how it trains"]
    button.click().run()
    session = app.session_state["session"]
    assert (session.network, session.data, session.settings) == (
        ARTICLE,
        DEFAULT_DATA,
        DEFAULT_SETTINGS,
    )
    assert app.title[0].value == "Train"
