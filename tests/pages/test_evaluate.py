"""The Evaluate page: every section opens for any run, and what has no numbers is explained."""

import numpy as np
from streamlit.testing.v1 import AppTest

from cnn.data.example import EXAMPLE_DATASET, FASHION_MNIST_CLASSES
from cnn.data.split import DataChoice
from cnn.network.plan import plan
from cnn.network.spec import ConvolutionBlock, Network
from cnn.training.events import EpochEnd
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import Run
from cnn.ui.common.formatting import thousands
from cnn.ui.state import services
from tests.evaluation.predicting import predict
from tests.messages import messages
from tests.pages.conftest import Open
from tests.strategies import random_weights


def section(app: AppTest, name: str) -> None:
    [choice] = [one for one in app.get("button_group") if "Overview" in one.options]
    choice.set_value(name).run()
    assert not app.exception, app.exception


def page_text(app: AppTest) -> str:
    elements = [*app.header, *app.markdown, *app.caption, *app.info, *app.warning]
    return "\n".join(element.value for element in elements)


def test_all_sections_of_the_example_run_and_an_earlier_epoch(open_page: Open) -> None:
    app = open_page("Evaluate")
    run = services.run_store().run(services.EXAMPLE_RUN)
    accuracy = f"{100 * run.epochs[-1].validation_accuracy:.1f}%"
    assert [one.value for one in app.metric][:2] == [
        accuracy,
        f"{run.epochs[-1].validation_loss:.3f}",
    ]
    app.session_state[f"evaluate-cell-{'-'.join(FASHION_MNIST_CLASSES)}"] = (6, 0)
    app.run()
    assert "Shirt mistaken for T\\-shirt/top" in page_text(app)
    data = services.chosen(run.job.data)
    found = predict(services.run_plan(run), services.weights(run.id, 30), data)
    shirts, tops = (found.true_labels == label for label in (6, 0))
    both = int((shirts & (found.predicted == 0)).sum()), int((tops & (found.predicted == 6)).sum())
    assert both[0] != both[1]
    for count, images in zip(both, (shirts.sum(), tops.sum()), strict=True):
        assert f"{count} of {images}" in page_text(app)
    section(app, "Mistakes")
    assert "331 mistakes" in page_text(app)
    section(app, "Confidence")
    assert "expected calibration error" in page_text(app)
    two = np.sort(services.answers_now(run, 30), axis=1)[:, -2:]
    closest = data.test[np.argsort(two[:, 1] - two[:, 0], kind="stable")]
    [shown] = [head["patches"] for head, _ in messages(app) if "patches" in head]
    assert len(shown) > 10
    for patch, number in zip(shown, closest, strict=False):
        assert patch["label"].startswith(f"Image {number}:")
    section(app, "Published")
    assert f"trained on **{thousands(8000)}** images" in page_text(app)
    app.session_state["session"].viewed.epoch = 0
    app.run()
    assert not app.exception and app.query_params["epoch"] == "0"
    assert app.metric[1].value == f"{run.epochs[0].validation_loss:.3f}"
    section(app, "Overview")
    assert not app.exception
    # Another run is shown at the same cell, so that the two can be compared.
    app.session_state["session"].choose_run(kept("other", DataChoice(EXAMPLE_DATASET), 1.0))
    app.run()
    assert "Shirt mistaken for T\\-shirt/top" in page_text(app)


def test_a_network_that_diverged_gets_an_explanation(open_page: Open) -> None:
    app = open_page("Evaluate", run=kept("diverged", DataChoice(EXAMPLE_DATASET), np.nan))
    assert f"{thousands(2000)} of {thousands(2000)} test images" in app.warning[0].value
    assert not app.metric


def test_two_classes_are_not_compared_with_the_benchmark(open_page: Open) -> None:
    app = open_page("Evaluate", run=kept("two", DataChoice(EXAMPLE_DATASET, (0, 6)), 1.0))
    section(app, "Published")
    assert "8 classes" in page_text(app)


def kept(name: str, data: DataChoice, factor: float) -> str:
    """A run with one epoch, whose random weights are times `factor`."""
    network = Network((ConvolutionBlock(2, 3),), "global_average")
    job = Job(network, data, Settings((Phase(1, 0.001),)))
    classes = len(services.chosen(data).classes)
    weights = random_weights(plan(network, (28, 28, 1), classes), 1) * np.float32(factor)
    store = services.run_store()
    run = Run(name, job, "done", "", 1.0, 1.0)
    store.save(run)
    store.save(
        store.save_epoch(
            run, EpochEnd(0, 0.7, 0.5, 0.7, 0.5, 0.001, 1, weights=weights, resume=b"")
        )
    )
    return name
