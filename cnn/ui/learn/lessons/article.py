"""Lesson: The original code, updated. Eight steps to read, and to run."""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import streamlit as st

from cnn.data.split import ChosenData
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.training.job import Job
from cnn.training.run import Run, RunError
from cnn.training.script import script
from cnn.ui.build.overview import downloads
from cnn.ui.common import formatting, live_run
from cnn.ui.common.live_run import follow
from cnn.ui.common.prose import read_prose, tex_count
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.figure import text_and_figure
from cnn.ui.learn.next_steps import to_build, to_inspect, to_train
from cnn.ui.learn.question import ask
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.state.url import DEFAULT_DATA, DEFAULT_SETTINGS

PROSE = read_prose("article")

_JOB = Job(ARTICLE, DEFAULT_DATA, DEFAULT_SETTINGS)

_BEGINNINGS = {
    "import": "# %% A convolutional neural network in Keras",
    "load": "# %% The images",
    "split": "# %% Which images: training and test",
    "prepare": "images = images.reshape(",
    "build": "# %% The network",
    "compile": "model.compile(",
    "train": "# %% Training",
    "plot": "# %% Plots",
}
"""The steps, and the text in the exported script that each begins with."""


@dataclass(frozen=True)
class Step:
    """A part of the script. `key` names its sections in `article.md`: what it does, and its lines of 2019.

    `after` has Python expressions with their values after the step.
    """

    key: str
    code: str
    after: dict[str, object]


def show(session: Session, controls: Controls) -> None:
    """Draw the lesson."""
    all_steps = steps(_JOB, services.chosen(DEFAULT_DATA))
    left, right = text_and_figure()
    with left:
        _introduction(session, controls, all_steps)
    with right:
        names = {
            str(number): f"{number}. {step.key.capitalize()}"
            for number, step in enumerate(all_steps, start=1)
        }
        number = controls.choice("step", "Step", names, "1", slider=True)
        _show_step(all_steps[int(number) - 1])
        st.subheader("Run it from here", anchor=False)
        _show_run(session)


def _introduction(session: Session, controls: Controls, all_steps: list[Step]) -> None:
    data, settings = services.chosen(DEFAULT_DATA), _JOB.settings
    images, batch = len(data.train), settings.batch_size
    PROSE.show(
        "introduction",
        images=tex_count(images),
        batch=batch,
        epochs=settings.epochs,
        updates=tex_count(ceil(images / batch) * settings.epochs),
    )
    PROSE.caption("updates", batch=batch, epochs=settings.epochs)
    ask(controls, PROSE)
    PROSE.show("one file")
    downloads("".join(step.code for step in all_steps))
    to_build(session, "Open the network in Build", _JOB.network)
    to_train(session, "Change the training settings", _JOB.network, _JOB.data, _JOB.settings)


def _show_step(step: Step) -> None:
    PROSE.show(f"step/{step.key}")
    st.code(step.code, wrap_lines=True)
    if step.after:
        PROSE.show("after")
        lines = "\n".join(f"{expression}  # {value!r}" for expression, value in step.after.items())
        st.code(lines, wrap_lines=True)
    else:
        PROSE.show("nothing changed")
    PROSE.show("in 2019")
    PROSE.show(f"2019/{step.key}")


def _run_to_show(session: Session) -> str:
    """Return the current run if it is one of the article's job, otherwise the example run."""
    try:
        run = services.engine().run(session.viewed.run_id)
    except RunError:
        return services.EXAMPLE_RUN
    return run.id if run.job == _JOB else services.EXAMPLE_RUN


def _show_run(session: Session) -> None:
    current = services.engine().run(_run_to_show(session))
    own = current.id != services.EXAMPLE_RUN

    def submit() -> Run:
        data = services.chosen(_JOB.data)
        return services.engine().submit(_JOB.network, _JOB.settings, data, session.token)

    if not own or not (current.live or current.status == "done"):
        PROSE.show("run")
        if st.button("Run the eight steps", type="primary", icon=":material/play_arrow:"):
            follow(session, submit)
            st.rerun()

    def draw(run: Run) -> None:
        live_run.status(session, run)
        if not run.live:
            live_run.accuracy(run)
        if run.id != services.EXAMPLE_RUN and run.status == "done":
            example = services.run_store().run(services.EXAMPLE_RUN).epochs[-1]
            accuracy = formatting.percent(example.validation_accuracy)
            PROSE.show("same seed", accuracy=accuracy)
        live_run.curves(run)

    live_run.alive(session, lambda: _run_to_show(session), draw)
    if current.kept and not current.live:
        to_inspect(session, "Open this run in Inspect", current.id)


def steps(job: Job, data: ChosenData) -> list[Step]:
    """Return the steps with their code: joined, they are the exported script of the job."""
    text = script(job, data)
    begins = [text.index(beginning) for beginning in _BEGINNINGS.values()]
    results = _results(job, data)
    return [
        Step(key, text[start:end], results.get(key, {}))
        for key, (start, end) in zip(_BEGINNINGS, pairwise([*begins, len(text)]), strict=True)
    ]


def _results(job: Job, data: ChosenData) -> dict[str, dict[str, object]]:
    """Return Python expressions with their values after each step, from the data and the plan."""
    count, side, _, _ = data.dataset.images.shape
    train, test, classes = len(data.train), len(data.test), len(data.classes)
    layers = plan(job.network, data.image_shape, classes)
    batches = ceil(train / job.settings.batch_size)
    return {
        "load": {"images.shape": (count, side, side), "labels.shape": (count,)},
        "split": {"train.shape": (train,), "test.shape": (test,)},
        "prepare": {
            "x_train.shape": (train, *data.image_shape),
            "y_train.shape": (train, classes),
            "x_test.shape": (test, *data.image_shape),
            "y_test.shape": (test, classes),
        },
        "build": {
            "model.input_shape": (None, *data.image_shape),
            "model.output_shape": (None, *layers.layers[-1].output_shape),
            "model.count_params()": layers.parameters,
        },
        "train": {
            "len(batches)": batches,
            "int(model.optimizer.iterations)": batches * job.settings.epochs,
            'len(history.history["loss"])': job.settings.epochs,
        },
        "plot": {"list(history.history)[:2]": ["accuracy", "loss"]},
    }
