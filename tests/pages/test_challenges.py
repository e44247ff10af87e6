"""The Challenges page: every kind of entry is made, judged, and stays with the person who made it."""

import time

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix
from streamlit.testing.v1 import AppTest

from cnn.challenges.challenge import CHALLENGES
from cnn.challenges.standings import Pending
from cnn.data.example import EXAMPLE_DATASET, judges_images
from cnn.data.split import DataChoice
from cnn.inspection.forward import probabilities
from cnn.network.link import from_text
from cnn.network.plan import plan
from cnn.training.events import EpochEnd
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import Run
from cnn.ui.common.formatting import escaped
from cnn.ui.state import services
from tests.pages.conftest import Open
from tests.strategies import random_weights

DATA = CHALLENGES["small"].start.data
NETWORK = from_text("conv2x3-s4-relu_flatten_softmax")
PLAN = plan(NETWORK, (28, 28, 1), 10)
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)


def weights(dead: bool = False) -> np.ndarray:
    made = random_weights(PLAN, 3)
    if dead:
        arrays = PLAN.split(made)
        arrays["convolution_1/kernel"][..., 1] = 0
        arrays["convolution_1/bias"][1] = -1
    return made


def kept(name: str, data: DataChoice = DATA, dead: bool = False) -> str:
    """A run of one epoch that was never trained."""
    run = Run(name, Job(NETWORK, data, Settings((Phase(1, 0.01),), seed=4)), "done", "", 1.0, 1.0)
    end = EpochEnd(1, 0.7, 0.5, 0.7, 0.5, 0.001, 1, weights=weights(dead), resume=b"")
    store = services.run_store()
    store.save(run)
    store.save(store.save_epoch(run, end))
    return name


def text_of(app: AppTest) -> str:
    shown = [*app.header, *app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(one.value for one in shown)


def click(app: AppTest, label: str) -> None:
    [button] = [one for one in app.button if one.label == label]
    button.click().run()
    assert not app.exception, app.exception


def box(app: AppTest, label: str, value: object) -> None:
    [found] = [one for one in app.selectbox if one.label == label]
    found.set_value(value).run()
    assert not app.exception, app.exception


def with_runs(open_page: Open, challenge: str, *runs: str) -> AppTest:
    app = open_page("Challenges", challenge=challenge)
    for run in runs:
        app.session_state["session"].own_runs.library.add(run)
    app.run()
    assert not app.exception, app.exception
    return app


def address(app: AppTest) -> str:
    """The challenge in the URL, which is a list where the test has put it there."""
    found = app.query_params["challenge"]
    return found[0] if isinstance(found, list) else found


def primary(app: AppTest) -> list[str]:
    return [one.label for one in app.button if one.proto.type == "primary"]


def test_somebody_who_comes_without_runs_sees_the_rules_and_can_start(open_page: Open) -> None:
    app = open_page("Challenges")
    text = text_of(app)
    for challenge in CHALLENGES.values():
        assert challenge.rule in text
    assert text.count("Not tried yet.") == len(CHALLENGES) and not primary(app)
    click(app, "**Small but good**")
    assert address(app) == "small" and "None of your runs" in text_of(app)
    assert primary(app) == ["Start"]
    session = app.session_state["session"]
    before, start = session.network, CHALLENGES["small"].start
    click(app, "Start")
    assert (session.network, session.data, session.settings) == (
        start.network,
        start.data,
        start.settings,
    )
    assert app.title[0].value == "Network"
    session.undo_network()
    assert session.network == before
    app.switch_page("pages/11_Challenges.py").run()
    click(app, "All challenges")
    assert "challenge" not in app.query_params and CHALLENGES["guess"].rule in text_of(app)


def test_a_kernel_is_typed_and_judged_and_its_verdict_stays(open_page: Open) -> None:
    app = open_page("Challenges", challenge="edges")
    assert primary(app) == ["Enter this kernel"] and not [
        one for one in app.button if one.label == "Start"
    ]
    click(app, "Enter this kernel")
    assert "**Not yet.**" in text_of(app) and "Share on vertical edges: 20.0%" in text_of(app)
    app.session_state["challenge-kernel"][3] = SOBEL
    app.number_input[0].set_value(-3.0).run()
    assert np.array_equal(app.data_editor[0].value.to_numpy(np.float32), SOBEL)
    click(app, "Enter this kernel")
    text = text_of(app)
    assert "**You won.**" in text and "Share on vertical edges: 100.0%" in text
    assert escaped("−1 0 1; −2 0 2; −1 0 1, bias −3") in text
    app.number_input[0].set_value(0.0).run()
    click(app, "Enter this kernel")
    text = text_of(app)
    assert "**Not yet.**" in text and "Your best of 3 attempts" in text and "100.0%" in text
    click(app, "All challenges")
    assert "**Won** with share on vertical edges 100.0%" in text_of(app)
    person = app.session_state["session"].person
    assert services.standings().of(person)["edges"].entries == 3
    assert "Won" not in text_of(open_page("Challenges")), "somebody else has won nothing"


def test_a_run_that_does_not_fit_is_told_why(open_page: Open) -> None:
    app = with_runs(open_page, "small", kept("other-images", DataChoice(EXAMPLE_DATASET)))
    text = text_of(app)
    assert "None of your runs" in text and "1 run cannot be entered" in [
        one.label for one in app.expander
    ]
    assert "It was trained on other images" in text and primary(app) == ["Start"]


def test_the_most_frequent_mistake_is_guessed_once(open_page: Open) -> None:
    app = with_runs(open_page, "guess", kept("guessed"))
    assert primary(app) == ["Enter this guess"]
    images, labels = judges_images()
    counts = confusion_matrix(labels, probabilities(PLAN, weights(), images).argmax(axis=1))
    np.fill_diagonal(counts, 0)
    actual, wrong = map(int, np.unravel_index(counts.argmax(), counts.shape))
    box(app, "It is", actual)
    box(app, "The run says", wrong)
    click(app, "Enter this guess")
    assert "**You won.**" in text_of(app) and f"{counts.max()} times" in text_of(app)
    assert "first guess for Run 1 is over" in text_of(app) and not primary(app)


def test_a_filter_is_removed_and_the_whole_network_has_to_be_good(open_page: Open) -> None:
    app = with_runs(open_page, "spare", kept("dead-filter", dead=True))
    box(app, "Filter to remove", ("convolution_1", 1))
    click(app, "Enter without this filter")
    text = text_of(app)
    assert "Without it 0 of 1,000 images become wrong" in text
    assert "**Not yet.**" in text, "a network with random weights is not good enough"


def test_two_runs_are_entered_together(open_page: Open) -> None:
    app = with_runs(open_page, "overfit", kept("one"), kept("other", dead=True))
    click(app, "Enter both runs")
    text = text_of(app)
    assert "Gap of the overfit run" in text and "Accuracy gained by the fix" in text
    assert "The first run gets" in text
    box(app, "The run that fixes it", app.selectbox[0].value)
    [enter] = [one for one in app.button if one.label == "Enter both runs"]
    assert enter.disabled


def test_a_run_is_judged_by_the_mean_of_three_seeds(open_page: Open) -> None:
    app = with_runs(
        open_page, "accuracy0.2~epochs1~net-conv2x3-s4-relu_flatten_softmax", kept("a-run")
    )
    click(app, "Enter Run 1")
    person = app.session_state["session"].person
    [standing] = services.standings().of(person).values()
    assert standing.pending and "is entered" in text_of(app) and not primary(app)
    for _ in range(1800):  # three minutes, for a machine that is busy
        if services.experiment_runner().status(standing.pending.experiment).complete:
            break
        time.sleep(0.1)
    app.run()
    assert not app.exception, app.exception
    text = text_of(app)
    assert "**You won.**" in text and "Means over 3 trainings" in text
    record = services.experiments().record(standing.pending.experiment)
    assert sorted(one.seed for one in record.results) == [4, 5, 6]
    images, labels = judges_images()
    each = []
    for result in record.results:
        run = services.engine().run(result.run)
        answers = probabilities(PLAN, services.weights(run.id, run.kept[-1]), images).argmax(axis=1)
        each.append((answers == labels).mean())
    assert f"Accuracy: {100 * np.mean(each):.1f}%" in text
    assert primary(app) == ["Enter Run 1"]
    click(app, "All challenges")
    assert "**Won** with accuracy" in text_of(app), "one's own challenge is in the list, too"


def test_an_entry_whose_trainings_are_gone_can_be_made_again(open_page: Open) -> None:
    app = with_runs(open_page, "accuracy0.2~parameters1000000", kept("again"))
    person = app.session_state["session"].person
    pending = Pending("again", "Run 1", "gone")
    services.standings().enter(person, "accuracy0.2~parameters1000000", pending)
    app.run()
    assert "There is no experiment" in text_of(app) and not app.exception
    app.run()
    assert primary(app) == ["Enter Run 1"]


def test_a_new_challenge_is_made_by_picking(open_page: Open) -> None:
    app = open_page("Challenges")
    [limits] = [one for one in app.multiselect if one.label == "Limits"]
    limits.set_value(["parameters", "epochs"]).run()
    [parameters] = [one for one in app.number_input if one.label.startswith("Parameters")]
    parameters.set_value(3000).run()
    click(app, "Open this challenge")
    assert address(app) == "accuracy0.8~parameters3000~epochs10"
    assert "at most 3,000 parameters" in text_of(app)
    opened = open_page("Challenges", challenge=address(app))
    assert opened.header[0].value == app.header[0].value
    box(app := open_page("Challenges"), "Goal", "parameters")
    assert "needs an accuracy" in text_of(app)
    assert not [one for one in app.button if one.label == "Open this challenge"]


@pytest.mark.parametrize("link", ["nonsense", "accuracy0.8~wisdom1", "x" * 3000])
def test_a_link_that_leads_nowhere_shows_the_list(open_page: Open, link: str) -> None:
    app = open_page("Challenges", challenge=link)
    assert "Choose one of these" in text_of(app) and CHALLENGES["small"].rule in text_of(app)
