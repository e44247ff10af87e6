"""Lesson: The original code, updated. Eight steps to read, and to run."""

from math import ceil

import streamlit as st

from cnn.network.presets import ARTICLE
from cnn.training.job import Job
from cnn.training.run import Run, RunError
from cnn.ui.build.overview import downloads
from cnn.ui.common import formatting, live_run
from cnn.ui.common.live_run import follow
from cnn.ui.common.prose import read_prose
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.formula import tex_count
from cnn.ui.learn.lesson import Lesson, text_and_figure
from cnn.ui.learn.lessons.article_steps import STEPS, Change, Step, steps
from cnn.ui.learn.next_steps import to_build, to_inspect, to_train
from cnn.ui.learn.question import ask
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.state.url import DEFAULT_DATA, DEFAULT_SETTINGS

PROSE = read_prose("article")

_JOB = Job(ARTICLE, DEFAULT_DATA, DEFAULT_SETTINGS)

_ICONS = {
    "stops": ":material/cancel:",
    "warns": ":material/warning:",
    "differs": ":material/swap_horiz:",
    "runs": ":material/check:",
}


def show(session: Session, controls: Controls) -> None:
    """Draw the lesson."""
    all_steps = steps(_JOB, services.chosen(DEFAULT_DATA))
    left, right = text_and_figure()
    with left:
        _introduction(session, controls, all_steps)
    with right:
        names = {
            str(number): f"{number}. {step.title}" for number, step in enumerate(STEPS, start=1)
        }
        number = controls.choice("step", "Step", names, "1", slider=True)
        _show_step(all_steps[int(number) - 1])
        st.subheader("Run it from here", anchor=False)
        _show_run(session)


def _introduction(session: Session, controls: Controls, all_steps: tuple[Step, ...]) -> None:
    data, settings = services.chosen(DEFAULT_DATA), _JOB.settings
    st.markdown(PROSE.text("introduction"))
    images, batch = len(data.train), settings.batch_size
    updates = ceil(images / batch) * settings.epochs
    st.latex(
        rf"\left\lceil \frac{{{tex_count(images)}}}{{{batch}}} \right\rceil"
        rf"\cdot {settings.epochs} = {tex_count(updates)}"
    )
    st.caption(PROSE.text("updates", batch=batch, epochs=settings.epochs))
    ask(controls, PROSE)
    st.markdown(PROSE.text("one file"))
    downloads("".join(step.code for step in all_steps))
    to_build(session, "Open the network in Build", _JOB.network)
    to_train(session, "Change the training settings", _JOB.network, _JOB.data, _JOB.settings)


def _show_step(step: Step) -> None:
    st.markdown(PROSE.text(f"step/{step.key}"))
    st.code(step.code, language="python")
    if step.after:
        st.markdown(PROSE.text("after"))
        lines = "\n".join(f"{expression}  # {value!r}" for expression, value in step.after)
        st.code(lines, language="python")
    else:
        st.markdown(PROSE.text("nothing changed"))
    st.markdown(PROSE.text("in 2019"))
    for change in step.changes:
        st.markdown(_change(change))


def _change(change: Change) -> str:
    """Return one line of 2019 as Markdown: an icon, the line, what happens, what to write today."""
    happens = {
        "stops": f"**Stops: {change.error}.** ",
        "warns": f"**Runs, with a {change.error}.** ",
        "differs": "**Runs, but builds a different network.** ",
        "runs": "**Runs.** ",
    }[change.fate]
    today = f"  \nToday: `{change.now}`" if change.now else ""
    explanation = PROSE.text(f"change/{change.key}")
    return f"{_ICONS[change.fate]} `{change.then}`  \n{happens}{explanation}{today}"


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
        st.markdown(PROSE.text("run"))
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
            st.markdown(PROSE.text("same seed", accuracy=accuracy))
        live_run.curves(run)

    live_run.alive(session, lambda: _run_to_show(session), draw)
    if current.kept and not current.live:
        to_inspect(session, "Open this run in Inspect", current.id)


LESSON = Lesson("article", PROSE, show)
