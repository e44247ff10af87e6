"""Lesson: The original code, updated. Eight steps to read, and to run."""

from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import Literal

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
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.figure import text_and_figure
from cnn.ui.learn.next_steps import to_build, to_inspect, to_train
from cnn.ui.learn.prose import read_prose, tex_count
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


Fate = Literal["stops", "warns", "differs", "runs"]


@dataclass(frozen=True)
class Change:
    """A line as people wrote it in 2019, what happens to it today, and the line for today.

    `key` names its explanation in `article.md`. `fate` says whether the line stops with `error`, warns
    with `error`, runs but means something else, or runs as before.
    """

    key: str
    then: str
    fate: Fate
    now: str = ""
    error: str = ""


@dataclass(frozen=True)
class Step:
    """A part of the script: the text that it begins with, and the lines of 2019 that it replaces.

    `key` names its explanation in `article.md`. `code` has the lines for a job. `after` has Python
    expressions with their values after the step.
    """

    key: str
    begins: str
    changes: tuple[Change, ...]
    code: str = ""
    after: tuple[tuple[str, object], ...] = ()

    @property
    def title(self) -> str:
        """The step in one word."""
        return self.key.capitalize()


STEPS = (
    Step(
        "import",
        "# %% A convolutional neural network in Keras",
        (
            Change(
                "np_utils",
                "from keras.utils import np_utils",
                "stops",
                "from keras.utils import to_categorical",
                "ImportError",
            ),
            Change(
                "convolutional",
                "from keras.layers.convolutional import Conv2D",
                "stops",
                "from keras.layers import Conv2D",
                "ModuleNotFoundError",
            ),
            Change(
                "set_random_seed",
                "tf.set_random_seed(1)",
                "stops",
                "keras.utils.set_random_seed(1)",
                "AttributeError",
            ),
            Change("tensorflow_keras", "from tensorflow.keras.models import Sequential", "runs"),
        ),
    ),
    Step(
        "load",
        "# %% The images",
        (
            Change(
                "read_csv",
                'table = pd.read_csv("fashion-mnist_test.csv")',
                "runs",
                "keras.datasets.fashion_mnist.load_data()",
            ),
            Change("as_matrix", "table.as_matrix()", "stops", "table.to_numpy()", "AttributeError"),
            Change("ix", "table.ix[:, 1:]", "stops", "table.iloc[:, 1:]", "AttributeError"),
        ),
    ),
    Step(
        "split",
        "# %% Which images: training and test",
        (Change("slices", "x_train, x_test = images[:8000], images[8000:]", "runs"),),
    ),
    Step(
        "prepare",
        "images = images.reshape(",
        (
            Change(
                "np_float",
                "images.astype(np.float)",
                "stops",
                'images.astype("float32")',
                "AttributeError",
            ),
            Change("reshape", "images.reshape(-1, 28, 28, 1) / 255", "runs"),
        ),
    ),
    Step(
        "build",
        "# %% The network",
        (
            Change(
                "input_shape",
                'Conv2D(4, (3, 3), activation="relu", input_shape=(28, 28, 1))',
                "warns",
                "keras.Input((28, 28, 1))",
                "UserWarning",
            ),
            Change("conv2d", "Conv2D(4, 3, 3)", "differs", "Conv2D(4, 3)"),
            Change("add", 'model.add(Dense(100, activation="sigmoid"))', "runs"),
        ),
    ),
    Step(
        "compile",
        "model.compile(",
        (
            Change("lr", "Adam(lr=0.001)", "stops", "Adam(learning_rate=0.001)", "ValueError"),
            Change(
                "loss_function",
                "model.compile(loss=keras.losses.categorical_crossentropy, optimizer=Adam(),"
                ' metrics=["accuracy"])',
                "runs",
            ),
        ),
    ),
    Step(
        "train",
        "# %% Training",
        (
            Change(
                "nb_epoch",
                "model.fit(x_train, y_train, nb_epoch=1)",
                "stops",
                "model.fit(x_train, y_train, epochs=1)",
                "TypeError",
            ),
            Change(
                "predict_classes",
                "model.predict_classes(x_test)",
                "stops",
                "model.predict(x_test).argmax(axis=1)",
                "AttributeError",
            ),
            Change("evaluate", "model.evaluate(x_test, y_test)", "runs"),
        ),
    ),
    Step(
        "plot",
        "# %% Plots",
        (
            Change(
                "acc",
                'plt.plot(history.history["acc"])',
                "stops",
                'plt.plot(history.history["accuracy"])',
                "KeyError",
            ),
            Change("plot_loss", 'plt.plot(history.history["loss"])', "runs"),
        ),
    ),
)


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


def steps(job: Job, data: ChosenData) -> tuple[Step, ...]:
    """Return the steps with their code: joined, they are the exported script of the job."""
    text = script(job, data)
    starts = [0, *(text.index(f"\n{step.begins}") + 1 for step in STEPS[1:]), len(text)]
    results = _results(job, data)
    return tuple(
        replace(step, code=text[start:end], after=after)
        for step, (start, end), after in zip(STEPS, pairwise(starts), results, strict=True)
    )


def _results(job: Job, data: ChosenData) -> tuple[tuple[tuple[str, object], ...], ...]:
    """Return Python expressions with their values after each step, from the data and the plan."""
    count, side, _, _ = data.dataset.images.shape
    train, test, classes = len(data.train), len(data.test), len(data.classes)
    layers = plan(job.network, data.image_shape, classes)
    batches = ceil(train / job.settings.batch_size)
    return (
        (),
        (("images.shape", (count, side, side)), ("labels.shape", (count,))),
        (("train.shape", (train,)), ("test.shape", (test,))),
        (
            ("x_train.shape", (train, *data.image_shape)),
            ("y_train.shape", (train, classes)),
            ("x_test.shape", (test, *data.image_shape)),
            ("y_test.shape", (test, classes)),
        ),
        (
            ("model.input_shape", (None, *data.image_shape)),
            ("model.output_shape", (None, *layers.layers[-1].output_shape)),
            ("model.count_params()", layers.parameters),
        ),
        (),
        (
            ("len(batches)", batches),
            ("int(model.optimizer.iterations)", batches * job.settings.epochs),
            ('len(history.history["loss"])', job.settings.epochs),
        ),
        (("list(history.history)[:2]", ["accuracy", "loss"]),),
    )
