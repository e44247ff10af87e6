"""Lesson: The original code, updated. Eight steps to read, and to run."""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import streamlit as st

from cnn.data.split import ChosenData
from cnn.network.plan import plan
from cnn.training.job import Job
from cnn.training.run import Run, RunError
from cnn.training.script import script
from cnn.ui.build.overview import downloads
from cnn.ui.common import live_run
from cnn.ui.common.prose import read_prose
from cnn.ui.learn.figure import example
from cnn.ui.learn.lesson_page import LessonPage
from cnn.ui.state import services

PROSE = read_prose("article")

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


def show(page: LessonPage) -> None:
    """Draw the lesson."""
    run, data = example().run, example().data
    job = run.job
    all_steps = steps(job, data)
    with page.text:
        count, batch, epochs = len(data.train), job.settings.batch_size, job.settings.epochs
        updates = ceil(count / batch) * epochs
        PROSE.show("introduction", images=count, batch=batch, epochs=epochs, updates=updates)
        PROSE.caption("updates", batch=batch, epochs=epochs)
        page.ask()
        PROSE.show("one file")
        downloads("".join(step.code for step in all_steps))
        page.to_build("Open the network in Build", job.network)
        page.to_train("Change the training settings", job.network, job.data, job.settings)
    with page.figure:
        titles = {
            str(number): f"{number}. {step.key.capitalize()}"
            for number, step in enumerate(all_steps, start=1)
        }
        _show_step(all_steps[int(page.choice("step", "Step", titles, slider=True)) - 1])
        st.subheader("Run it from here", anchor=False)
        _show_run(page, run)


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


def _show_run(page: LessonPage, example_run: Run) -> None:
    """Show the current run if it is one of the example's job, otherwise the example run."""
    engine = services.engine()

    def run_to_show() -> str:
        try:
            run = engine.run(page.session.viewed.run_id)
        except RunError:
            return example_run.id
        return run.id if run.job == example_run.job else example_run.id

    def submit() -> Run:
        job = example_run.job
        data = services.chosen(job.data)
        return engine.submit(job.network, job.settings, data, page.session.token)

    def draw(run: Run) -> None:
        live_run.status(page.session, run)
        if not run.live:
            live_run.accuracy(run)
        if run.id != example_run.id and run.status == "done":
            PROSE.show("same seed", accuracy=example_run.epochs[-1].validation_accuracy)
        live_run.curves(run)

    current = engine.run(run_to_show())
    if current.id == example_run.id or not (current.live or current.status == "done"):
        PROSE.show("run")
        if st.button("Run the eight steps", type="primary", icon=":material/play_arrow:"):
            live_run.follow(page.session, submit)
            st.rerun()
    live_run.alive(page.session, run_to_show, draw)
    if current.kept and not current.live:
        page.to_inspect("Open this run in Inspect", current.id)


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
