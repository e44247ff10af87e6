"""The lesson on pooling: its numbers, against NumPy on the very images."""

import numpy as np
import pytest

from cnn.inspection.forward import forward, probabilities
from cnn.lessons.pooling_winners import windows_won
from cnn.network.keras_code import keras_code
from cnn.network.layers.pooling import POOLINGS
from cnn.network.plan import plan
from cnn.network.spec import Pooling, PoolingKind
from cnn.ui.common import formatting
from cnn.ui.learn.figure import example, starter_network_with
from cnn.ui.learn.lessons.pooling import (
    LARGEST_WINDOW,
    PROSE,
    SAMPLE,
)
from tests.pages.conftest import Open


@pytest.mark.parametrize("kind", POOLINGS)
def test_every_pooling_offered_fits_into_the_starter_network(kind: PoolingKind) -> None:
    sizes = range(1, LARGEST_WINDOW + 1)
    for pooling in (Pooling(kind, size, stride) for size in sizes for stride in sizes):
        code = keras_code(plan(starter_network_with(pooling=pooling), (28, 28, 1), 10))
        assert code.count(f"    {pooling.keras_code},\n") == 2


def test_the_effect_of_a_shift_is_shown_once_the_question_was_answered(open_page: Open) -> None:
    app = open_page("Learn", lesson="pooling", set="kind-average_size-3_stride-2_shift-up")
    assert not app.header
    app.radio("learn-question-pooling").set_value(2).run()
    assert app.success
    assert len(app.header) == 1 and app.header[0].value.endswith("up")
    item = example()
    network, weights, data = item.plan, item.weights, item.data
    images, labels = data.dataset.images[data.test], data.labels[data.test]
    shifted = np.zeros_like(images)
    shifted[:, :-1] = images[:, 1:]
    maps, maps_shifted = (
        forward(network, weights, pixels[:SAMPLE])["activation_1"].astype(float)
        for pixels in (images, shifted)
    )

    def pooled(x: np.ndarray) -> np.ndarray:
        cells = [
            x[:, row : row + 23 : 2, column : column + 23 : 2]
            for row in range(3)
            for column in range(3)
        ]
        return np.mean(cells, axis=0)

    def change(x: np.ndarray, y: np.ndarray) -> str:
        norms = (np.sqrt((values**2).sum((1, 2, 3))) for values in (y - x, x))
        return formatting.percent(float(np.divide(*norms).mean()), 0)

    text = "\n".join(one.value for one in app.markdown)
    before, behind = change(maps, maps_shifted), change(pooled(maps), pooled(maps_shifted))
    assert PROSE.text("change", before=before, after=behind) in text
    predicted, predicted_shifted = (
        probabilities(network, weights, pixels).argmax(1) for pixels in (images, shifted)
    )
    changed = int((predicted != predicted_shifted).sum())
    count = len(images)
    sentence = PROSE.text(
        "predictions",
        run="The example run",
        network=formatting.network(network.network),
        changed=changed,
        count=formatting.thousands(count),
        share=formatting.accuracy(changed / count, count),
        correct=formatting.percent(float((predicted == labels).mean())),
        correct_shifted=formatting.percent(float((predicted_shifted == labels).mean())),
    )
    assert sentence in text


def test_the_largest_cells_are_counted_and_the_pooling_goes_to_build(open_page: Open) -> None:
    app = open_page("Learn", lesson="pooling", set="size-3_stride-1")
    layers, weights = example().one_filter(0, pooling=Pooling("max", 3, 1))
    won = windows_won(forward(layers, weights, example().image[None])["activation_1"], 3, 1)
    winners, decided = int((won > 0).sum()), int(won.sum())
    assert winners < decided <= 24 * 24  # windows overlap: a cell can be the largest in several
    sentence = PROSE.text(
        "largest cells",
        winners=winners,
        won=won,
        share=formatting.percent(winners / 26**2, 0),
        decided=decided,
        windows=24 * 24,
    )
    assert any(one.value.startswith(sentence) for one in app.caption)
    build = next(one for one in app.button if str(one.key).startswith("to-build-"))
    build.click().run()
    network = app.session_state["session"].network
    assert {block.pooling for block in network.blocks} == {Pooling("max", 3, 1)}
