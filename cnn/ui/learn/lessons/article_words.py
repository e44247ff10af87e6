"""What there is to say of the article's eight steps, and of how people wrote them in 2019."""

from dataclasses import dataclass
from typing import Literal

from cnn.operations import output_size

Fate = Literal["stops", "warns", "differs", "runs"]


@dataclass(frozen=True)
class Change:
    """A line as it was written in 2019, what became of it, and the line for today.

    `fate` says whether it stops with an `error`, warns with one, runs but means something else, or
    runs as ever.
    """

    then: str
    fate: Fate
    told: str
    now: str = ""
    error: str = ""


@dataclass(frozen=True)
class Step:
    """Some lines of the script: what they do, the text they begin with, what of 2019 stood there.

    Of a job there are the lines themselves, `code`, and what is there `after` them: expressions of
    Python's with their values.
    """

    title: str
    does: str
    begins: str
    changes: tuple[Change, ...]
    code: str = ""
    after: tuple[tuple[str, object], ...] = ()


_MAP, _STRIDDEN = output_size(28, 3, 1, "valid"), output_size(28, 3, 3, "valid")

STEPS = (
    Step(
        "Import",
        "Brings in Keras, NumPy and Matplotlib and fixes the seed, so that every start ends at the"
        " same numbers.",
        "# %% A convolutional neural network in Keras",
        (
            Change(
                "from keras.utils import np_utils",
                "stops",
                "There is no such module any more; what was in it is in `keras.utils` itself.",
                "from keras.utils import to_categorical",
                "ImportError",
            ),
            Change(
                "from keras.layers.convolutional import Conv2D",
                "stops",
                "Layers are no longer sorted into modules.",
                "from keras.layers import Conv2D",
                "ModuleNotFoundError",
            ),
            Change(
                "tf.set_random_seed(1)",
                "stops",
                "TensorFlow 2 took the name away. Keras now seeds Python, NumPy and TensorFlow in one"
                " go.",
                "keras.utils.set_random_seed(1)",
                "AttributeError",
            ),
            Change(
                "from tensorflow.keras.models import Sequential",
                "runs",
                "In 2019 `keras` and `tensorflow.keras` were two packages that did not mix. Today"
                " both names give the same one.",
            ),
        ),
    ),
    Step(
        "Load",
        "Fetches the images. In 2019 they came as a CSV file: in each row a label and 784 pixels.",
        "# %% The images",
        (
            Change(
                'table = pd.read_csv("fashion-mnist_test.csv")',
                "runs",
                "It does where that file lies beside the script, and it has to be fetched by hand."
                " Keras fetches the images by itself.",
                "keras.datasets.fashion_mnist.load_data()",
            ),
            Change(
                "table.as_matrix()",
                "stops",
                "pandas 1.0 took it away.",
                "table.to_numpy()",
                "AttributeError",
            ),
            Change(
                "table.ix[:, 1:]",
                "stops",
                "pandas 1.0 took it away, too: one name for places, another for labels.",
                "table.iloc[:, 1:]",
                "AttributeError",
            ),
        ),
    ),
    Step(
        "Split",
        "Shuffles the images' numbers and takes 80 % of them to learn from; the others are for"
        " testing only.",
        "# %% Which images: training and test",
        (
            Change(
                "x_train, x_test = images[:8000], images[8000:]",
                "runs",
                "It takes the rows as they lie in the file; after a shuffle no order in the file can"
                " matter.",
            ),
        ),
    ),
    Step(
        "Prepare",
        "Gives each image its one channel, brings pixels from 0…255 to 0…1, and makes each label a"
        " row of ten numbers with a single 1 (one-hot).",
        "images = images.reshape(",
        (
            Change(
                "images.astype(np.float)",
                "stops",
                "NumPy no longer has a name of its own for Python's float.",
                'images.astype("float32")',
                "AttributeError",
            ),
            Change(
                "images.reshape(-1, 28, 28, 1) / 255",
                "runs",
                "Reshaping and dividing are as they were.",
            ),
        ),
    ),
    Step(
        "Build",
        "Stacks the layers: two convolutions with max pooling, flatten, 100 sigmoid units, softmax"
        " over ten classes.",
        "# %% The network",
        (
            Change(
                'Conv2D(4, (3, 3), activation="relu", input_shape=(28, 28, 1))',
                "warns",
                "Keras asks for the shape as a line of its own, before the first layer.",
                "keras.Input((28, 28, 1))",
                "UserWarning",
            ),
            Change(
                "Conv2D(4, 3, 3)",
                "differs",
                "In 2019 Keras still read it in the old way, as 4 kernels of 3 × 3. Today the last"
                f" number is the stride: maps of {_STRIDDEN} × {_STRIDDEN} in place of"
                f" {_MAP} × {_MAP}, and not a word about it.",
                "Conv2D(4, 3)",
            ),
            Change(
                'model.add(Dense(100, activation="sigmoid"))',
                "runs",
                "Adding layer by layer gives the same network as the list here.",
            ),
        ),
    ),
    Step(
        "Compile",
        "Says how to learn: Adam changes the weights, cross-entropy is to become small, accuracy is"
        " told along the way.",
        "model.compile(",
        (
            Change(
                "Adam(lr=0.001)",
                "stops",
                "The argument has its full name now.",
                "Adam(learning_rate=0.001)",
                "ValueError",
            ),
            Change(
                "model.compile(loss=keras.losses.categorical_crossentropy, optimizer=Adam(),"
                ' metrics=["accuracy"])',
                "runs",
                "By name or as a function, the loss is the same.",
            ),
        ),
    ),
    Step(
        "Train",
        "Shows all training images in batches, again and again, then measures on the test images."
        " The class only brings the images in the app's own order, so that both end at the same"
        " numbers; `model.fit(x_train, y_train)` learns as well, in another order.",
        "# %% Training",
        (
            Change(
                "model.fit(x_train, y_train, nb_epoch=1)",
                "stops",
                "The argument is called epochs.",
                "model.fit(x_train, y_train, epochs=1)",
                "TypeError",
            ),
            Change(
                "model.predict_classes(x_test)",
                "stops",
                "Only predict is left; the class is the place of the largest probability.",
                "model.predict(x_test).argmax(axis=1)",
                "AttributeError",
            ),
            Change("model.evaluate(x_test, y_test)", "runs", "Loss and accuracy, as ever."),
        ),
    ),
    Step(
        "Plot",
        "Draws loss and accuracy over the epochs, for training and test images.",
        "# %% Plots",
        (
            Change(
                'plt.plot(history.history["acc"])',
                "stops",
                "The history calls a metric what compile called it; it stops here, after all of the"
                " training.",
                'plt.plot(history.history["accuracy"])',
                "KeyError",
            ),
            Change('plt.plot(history.history["loss"])', "runs", "Matplotlib has not changed."),
        ),
    ),
)
