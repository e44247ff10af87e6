"""A change of image on the Inspect page, against the usual way to look into a network.

The app runs in a server of its own. A visitor without a browser, which would compete for the
processors, speaks to it by the WebSocket that a browser would use, and types one image number after
the other. The clock runs from the message that tells the server of the new number to the one by
which the server tells that the script is finished: the whole script run, with all that it sends and
the way there and back. The bytes are those of all messages that this takes, without compression, as
Streamlit sends them.

The usual way is one Keras model with every layer's output, `predict` for the same image, and a
Matplotlib figure for each layer, one picture a map, saved as PNG. The two take turns.
"""

import io
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import matplotlib
import numpy as np
from matplotlib import pyplot
from numpy.typing import NDArray
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from benchmarks import Numbers, Rows
from benchmarks._browser import browser, opened, served, wait_until_warm
from cnn.data.dataset import choose
from cnn.data.example import shipped
from cnn.network.keras_model import build, set_flat_weights
from cnn.network.plan import plan
from cnn.training.run import Run
from cnn.training.store import RunStore

_CHANGES = 30


class _Visitor:
    """Someone on the Inspect page; `bytes` is the length of what the last script run has sent."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._number_box = ""
        self.bytes = 0
        self._run(BackMsg())

    def look_at(self, image: int) -> float:
        """Type the number of an image; returns the milliseconds until the page is there."""
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.int_value = self._number_box, image
        return self._run(message, expected=f"Image {image},")

    def _run(self, message: BackMsg, expected: str = "") -> float:
        message.rerun_script.page_name = "Inspect"
        told = not expected
        self.bytes = 0
        began = time.perf_counter()
        self._connection.send(message.SerializeToString())
        for answer in self._answers():
            element = answer.delta.new_element
            if element.number_input.label == "Image number":
                self._number_box = element.number_input.id
            told = told or expected in element.markdown.body
        milliseconds = 1000 * (time.perf_counter() - began)
        assert told, f"The page does not show {expected!r}."
        return milliseconds

    def _answers(self) -> Iterator[ForwardMsg]:
        """The server's messages up to the end of the script."""
        while True:
            content = self._connection.recv(timeout=30, decode=False)
            self.bytes += len(content)
            message = ForwardMsg.FromString(content)
            yield message
            if message.WhichOneof("type") == "script_finished":
                return


def run() -> tuple[Rows, Numbers]:
    """Choose one image after the other in both ways and compare the times."""
    with tempfile.TemporaryDirectory() as home:
        store = RunStore(Path(home))
        article = store.run("article")
        look = _usual_way(article, store.weights(article.id, article.kept[-1]))
    images = choose(shipped(), article.job.data).test
    rows: Rows = [("image", "app, ms", "bytes", "predict and figures, ms", "ratio")]
    times, sizes, ratios = [], [], []
    with served() as server:
        with browser() as chromium, opened(chromium) as page:
            wait_until_warm(page, server)
        with connect(server.url.replace("http", "ws") + "/_stcore/stream") as connection:
            visitor = _Visitor(connection)
            look(shipped().images[0])  # the first time is slower, for the visitor too
            for image in images[1 : _CHANGES + 1].tolist():
                ours = visitor.look_at(image)
                usual = look(shipped().images[image])
                times.append(ours)
                sizes.append(visitor.bytes)
                ratios.append(usual / ours)
                cells = f"{image}", f"{ours:.0f}", f"{visitor.bytes}", f"{usual:.0f}"
                rows.append((*cells, f"{ratios[-1]:.1f}"))
    return rows, {"median_ms": median(times), "bytes": max(sizes), "speedup": median(ratios)}


def _usual_way(article: Run, weights: NDArray[np.float32]) -> Callable[[NDArray[np.uint8]], float]:
    """What looks at an image with Keras and Matplotlib, and returns the milliseconds it took."""
    matplotlib.use("Agg")
    height, width, channels = shipped().images.shape[1:]
    unrolled = plan(article.job.network, (height, width, channels), len(shipped().classes))
    model = build(unrolled, seed=0)
    set_flat_weights(model, unrolled, weights)
    every_layer = keras.Model(model.inputs, [layer.output for layer in model.layers])

    def look(image: NDArray[np.uint8]) -> float:
        began = time.perf_counter()
        outputs = every_layer.predict(image[np.newaxis].astype("float32") / 255, verbose=0)
        for layer, values in zip(model.layers, outputs, strict=True):
            _figure(layer.name, values[0])
        return 1000 * (time.perf_counter() - began)

    return look


def _figure(title: str, values: NDArray[np.float32]) -> bytes:
    """The maps of one layer side by side as a PNG; a layer without maps is one row of cells."""
    maps = np.moveaxis(values, -1, 0) if values.ndim == 3 else values[np.newaxis, np.newaxis]
    figure, places = pyplot.subplots(1, len(maps), squeeze=False)
    figure.suptitle(title)
    for place, one in zip(places[0], maps, strict=True):
        place.imshow(one, aspect="equal" if values.ndim == 3 else "auto")
        place.axis("off")
    file = io.BytesIO()
    figure.savefig(file, format="png")
    pyplot.close(figure)
    return file.getvalue()
