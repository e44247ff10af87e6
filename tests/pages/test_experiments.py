"""The Experiments page: a real experiment set up, run to its end and read."""

import re
import time

import pytest
from streamlit.testing.v1 import AppTest

from cnn.training.experiments.experiment import MOST_RUNS, Experiment
from cnn.ui.state import services
from tests.pages.conftest import Open

TINY = {
    "net": "conv2x3-relu-max2_flatten_softmax",
    "data": "fashion-mnist-10000_share0.1",
    "train": "adam_rate0.01_batch128_epochs1_seed5",
}


def click(app: AppTest, label: str) -> None:
    [button] = [one for one in app.button if one.label == label]
    button.click().run()
    assert not app.exception, app.exception


def text_of(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.caption, *app.warning])


def waited(app: AppTest, experiment: str) -> None:
    for _ in range(1800):  # three minutes, for a machine that is busy
        if services.experiment_runner().status(experiment).complete:
            break
        time.sleep(0.1)
    app.run()
    assert not app.exception, app.exception


def test_the_example_experiment_is_shown_first_with_its_figures(
    open_page: Open,
) -> None:
    app = open_page("Experiments")
    [example] = services.experiments().examples()
    each = [one.accuracy for one in example.results]
    reached = f"{100 * sum(each) / 10:.1f}"
    assert re.search(rf"With 10 seeds.*the network reaches \*\*{reached}%", text_of(app))
    assert len(app.dataframe[0].value) == len(example.experiment.seeds) == 10
    run = services.run_store().run(services.EXAMPLE_RUN)
    assert each[example.experiment.seeds.index(run.job.settings.seed)] == pytest.approx(
        run.epochs[-1].validation_accuracy
    )
    assert not services.experiment_runner().status(example.id).missing
    wrong = open_page("Experiments", experiment="../nothing")
    assert "There is no experiment" in wrong.warning[0].value
    assert "With 10 seeds" in text_of(wrong)


def test_an_experiment_is_set_up_run_and_read(open_page: Open) -> None:
    app = open_page("Experiments", experiment="new", **TINY)
    seeds = next(box for box in app.number_input if box.label == "Seeds")
    seeds.set_value(2)
    app.multiselect[0].set_value(["pooling", "kernel"]).run()
    kernel = next(one for one in app.get("button_group") if one.label == "Kernel size")
    kernel.set_value(["3", "5"]).run()
    assert "**8 runs**: 4 combinations, each with 2 seeds." in text_of(app)
    click(app, "Start 8 runs")
    experiment = app.query_params["experiment"]
    experiment = experiment[0] if isinstance(experiment, list) else experiment
    assert app.header[0].value == "Pooling max, average × Kernel size 3 × 3, 5 × 5; 2 seeds"
    waited(app, experiment)
    record = services.experiments().record(experiment)
    assert len(record.results) == 8 and {one.seed for one in record.results} == {5, 6}
    text = text_of(app)
    assert "**Pooling average** is **" in text and "**Kernel size 5 × 5** is **" in text
    assert "Of 2 comparisons" in text and "Unfinished" not in text
    assert len(app.get("vega_lite_chart")) == 4
    assert len(app.dataframe[0].value) == 8
    [first, *_] = services.experiments().of(app.session_state["session"].token)
    assert first.id == experiment
    click(app, "New experiment")
    assert app.selectbox[0].value == "new"


def test_the_form_says_what_was_entered_and_keeps_it(open_page: Open) -> None:
    app = open_page("Experiments", experiment="new", **TINY)
    assert ", 1 epoch; " in text_of(app)
    app.multiselect[0].set_value(["kernel"])
    next(box for box in app.number_input if box.label == "Epochs each").set_value(10).run()
    for _ in range(2):
        assert ", 10 epochs; " in text_of(app) and ", 1 epoch; " not in text_of(app)
        assert app.multiselect[0].value == ["kernel"]
        app.switch_page("pages/2_Data.py").run()
        app.switch_page("pages/8_Experiments.py").run()


def test_what_cannot_be_done_is_refused_before_it_is_started(open_page: Open) -> None:
    app = open_page("Experiments", experiment="new", **TINY)
    app.multiselect[0].set_value(["kernel", "epochs", "batch_size"]).run()
    for label, values in (("Kernel size", ["3", "5", "7"]), ("Epochs", ["1", "2", "5"])):
        one = next(one for one in app.get("button_group") if one.label == label)
        one.set_value(values).run()
    assert f"at most {MOST_RUNS} are allowed" in app.error[0].value
    assert not [one for one in app.button if one.label.startswith("Start")]


def test_one_click_has_a_run_trained_with_five_seeds(open_page: Open) -> None:
    app = open_page("Train")
    click(app, "Train with 5 seeds")
    record = services.experiments().of(app.session_state["session"].token)[0]
    run = services.run_store().run(services.EXAMPLE_RUN)
    assert record.experiment == Experiment(run.job, (), (1, 2, 3, 4, 5))
    assert app.title[0].value == "Experiments"
    assert app.header[0].value.endswith("; 5 seeds")
    assert services.experiment_runner().status(record.id).background.busy
    app.switch_page("pages/8_Experiments.py").run()
    click(app, "Cancel")
    assert not services.experiment_runner().status(record.id).background.busy
    assert "5 runs missing" in text_of(app)


def test_two_of_the_same_name_can_be_told_apart(open_page: Open) -> None:
    app = open_page("Experiments")
    token = app.session_state["session"].token
    store = services.experiments()
    [example] = store.examples()
    made = [store.create("Twins", token, example.experiment, 2000).id for _ in range(3)]
    app.run()
    assert set(app.selectbox[0].options) >= {"Twins", "Twins (2)", "Twins (3)"}
    app.selectbox[0].set_value(made[1]).run()
    assert app.query_params["experiment"] == made[1]
    for name, title in zip(made, ("Twins", "Twins (2)", "Twins (3)"), strict=True):
        app.selectbox[0].set_value(name).run()
        assert app.selectbox[0].options[app.selectbox[0].index] == title  # the first keeps its name
