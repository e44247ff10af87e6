"""Lesson: The original code, updated. The exported script in eight steps, and its lines of 2019."""

from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import Literal

from cnn.data.split import ChosenData
from cnn.network.plan import plan
from cnn.training.job import Job
from cnn.training.script import script

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
