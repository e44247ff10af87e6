"""Lesson: The original code, updated. Eight steps to read, and to run."""

from math import ceil

import streamlit as st

from cnn.lessons.article_steps import Step, steps
from cnn.training.run import Run, RunError
from cnn.ui.build.overview import downloads
from cnn.ui.common import live_run
from cnn.ui.common.prose import read_prose
from cnn.ui.learn.figure import example
from cnn.ui.learn.lesson_page import LessonPage
from cnn.ui.state import requests, services

PROSE = read_prose("article")


def show(page: LessonPage) -> None:
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
        st.header("Run it from here", anchor=False)
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
        return requests.train(page.session, example_run.job)

    def draw(run: Run) -> None:
        live_run.status(page.session, run)
        if run.id != example_run.id and run.status == "done":
            PROSE.show("same seed", accuracy=example_run.epochs[-1].validation_accuracy)
        live_run.curves(run)
        live_run.about_curves()

    current = engine.run(run_to_show())
    if current.id == example_run.id or not (current.live or current.status == "done"):
        PROSE.show("run")
        if st.button("Run the eight steps", type="primary", icon=":material/play_arrow:"):
            live_run.follow(page.session, submit)
            st.rerun()
    live_run.alive(page.session, run_to_show, draw)
    if current.kept and not current.live:
        page.to_inspect("Open this run in Inspect", current.id)
