"""Lesson: The article's code, made to work."""

from math import ceil

import streamlit as st

from cnn.network.presets import ARTICLE
from cnn.training.job import Job
from cnn.training.run import Run, RunError
from cnn.ui.build.overview import downloads
from cnn.ui.common import formatting, live_run
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.formula import tex_count
from cnn.ui.learn.lesson import Lesson, View
from cnn.ui.learn.lessons.article_steps import steps
from cnn.ui.learn.lessons.article_words import STEPS, Change, Step
from cnn.ui.learn.next_steps import to_build, to_inspect, to_train
from cnn.ui.learn.question import Answer, question
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.state.url import DEFAULT_DATA, DEFAULT_SETTINGS
from cnn.ui.train.panel import follow

_JOB = Job(ARTICLE, DEFAULT_DATA, DEFAULT_SETTINGS)

_ICONS = {
    "stops": ":material/cancel:",
    "warns": ":material/warning:",
    "differs": ":material/swap_horiz:",
    "runs": ":material/check:",
}


def show(session: Session, setup: Setup) -> None:
    """Draw it."""
    told = steps(_JOB, services.chosen(DEFAULT_DATA))
    left, right = st.columns([1, 2], gap="large")
    with left:
        _words(session, setup, told)
    with right:
        names = {
            str(number): f"{number} {step.title}" for number, step in enumerate(STEPS, start=1)
        }
        number = setup.choice("step", "Step", names, "1", slider=True)
        _step(told[int(number) - 1])
        st.subheader("Run it from here", anchor=False)
        _run(session)


def _words(session: Session, setup: Setup, told: tuple[Step, ...]) -> None:
    data, settings = services.chosen(DEFAULT_DATA), _JOB.settings
    st.markdown(
        "The article of 2019 trains its network in eight steps, with the Keras of that year. Here the"
        " same steps run with the Keras of today: **choose a step** for its lines, what they do, what"
        " they leave behind, and what became of the lines people wrote then."
    )
    batches = ceil(len(data.train) / settings.batch_size)
    st.latex(
        rf"\left\lceil \frac{{{tex_count(len(data.train))}}}{{{settings.batch_size}}} \right\rceil"
        rf"\cdot {settings.epochs} = {tex_count(batches * settings.epochs)}"
    )
    st.caption(
        f"Training images in batches of {settings.batch_size}, rounded up, times"
        f" {settings.epochs} epochs: so often the weights are changed."
    )
    _question(setup)
    st.markdown("All eight steps as one file:")
    downloads("".join(step.code for step in told))
    to_build(session, "Open the network in Build", _JOB.network)
    to_train(session, "Change how it trains", _JOB.network, _JOB.data, _JOB.settings)


def _step(step: Step) -> None:
    st.markdown(step.does)
    st.code(step.code, language="python")
    if step.after:
        st.markdown("**After it**, Python says:")
        lines = "\n".join(f"{asked}  # {value!r}" for asked, value in step.after)
        st.code(lines, language="python")
    else:
        st.markdown("**After it** no data have changed.")
    st.markdown("**As people wrote it in 2019**, and what it does today:")
    for change in step.changes:
        st.markdown(_line(change))


def _line(change: Change) -> str:
    """What became of a line: a sign, the line, what happens, what to write."""
    happens = {
        "stops": f"**Stops: {change.error}.** ",
        "warns": f"**Runs, with a {change.error}.** ",
        "differs": "**Runs, but is another network.** ",
        "runs": "**Runs.** ",
    }[change.fate]
    instead = f"  \nToday: `{change.now}`" if change.now else ""
    return f"{_ICONS[change.fate]} `{change.then}`  \n{happens}{change.told}{instead}"


def _which(session: Session) -> str:
    """The run that is looked at if it is one of the article's job, else the shipped one."""
    try:
        run = services.engine().run(session.viewed.run_id)
    except RunError:
        return services.EXAMPLE_RUN
    return run.id if run.job == _JOB else services.EXAMPLE_RUN


def _run(session: Session) -> None:
    looked_at = services.engine().run(_which(session))
    own = looked_at.id != services.EXAMPLE_RUN

    def submit() -> Run:
        data = services.chosen(_JOB.data)
        return services.engine().submit(_JOB.network, _JOB.settings, data, session.token)

    if not own or not (looked_at.live or looked_at.status == "done"):
        st.markdown(
            "These are the curves of the run that comes with the app. Start the same training on this"
            " machine and watch it draw them again."
        )
        if st.button("Run the eight steps", type="primary", icon=":material/play_arrow:"):
            follow(session, submit)
            st.rerun()

    def draw(run: Run) -> None:
        live_run.status(session, run)
        if not run.live:
            live_run.accuracy(run)
        if run.id != services.EXAMPLE_RUN and run.status == "done":
            shipped = services.run_store().run(services.EXAMPLE_RUN).epochs[-1]
            st.markdown(
                "The run that comes with the app has the same seed; it ended at"
                f" {formatting.percent(shipped.validation_accuracy)}."
            )
        live_run.curves(run)

    live_run.alive(session, lambda: _which(session), draw)
    if looked_at.kept and not looked_at.live:
        to_inspect(session, "Look inside this run", looked_at.id)


def _question(setup: Setup) -> None:
    question(
        setup,
        "In 2019 one could still write `Conv2D(4, 3, 3)` for four kernels of 3 × 3. What does this"
        " line do today?",
        (
            Answer(
                "It stops with an error",
                "That would be the kind case: one would see it at once. Keras takes the line, but"
                " reads its last number in another way.",
            ),
            Answer(
                "The same as then",
                "What the numbers mean depends on their order, and the third one is something else"
                " now. Look at step 5.",
            ),
            Answer(
                "It runs, but builds another network",
                "The third number is the stride now: the kernel jumps three pixels at a time, and the"
                " maps are a third as wide. No error, no warning; only the shapes tell. Look at"
                " step 5.",
                right=True,
            ),
        ),
    )


LESSON = Lesson(
    "article",
    "The article's code, made to work",
    "Eight steps from the images to the plots: **choose a step**, then run them all from here.",
    show,
    (
        View("What no longer imports, and what the packages are called now"),
        View("From a table of numbers to shapes that Keras reads", "step-4"),
        View("A line that runs today, but builds another network", "step-5"),
        View("A single word that stops the plots after all of the training", "step-8"),
    ),
)
