"""The lesson on pooling: what it tells, against NumPy on the very images."""

import numpy as np
import pytest

from cnn.inspection.forward import forward, probabilities
from cnn.network.keras_code import keras_code
from cnn.network.plan import plan
from cnn.network.spec import POOLINGS, Pooling, PoolingKind
from cnn.ui.learn.lessons.pooling import LARGEST, everywhere, keras_line
from cnn.ui.learn.lessons.pooling_shift import SAMPLE
from cnn.ui.state import services
from tests.e2e.reading import numbers_in
from tests.pages.conftest import Open


@pytest.mark.parametrize("kind", POOLINGS)
def test_all_that_is_offered_fits_into_the_articles_network(kind: PoolingKind) -> None:
    sizes = range(1, LARGEST + 1)
    for pooling in (Pooling(kind, size, stride) for size in sizes for stride in sizes):
        code = keras_code(plan(everywhere(pooling), (28, 28, 1), 10))
        assert code.count(f"    {keras_line(pooling).removeprefix('keras.')},\n") == 2


def test_what_a_shift_changes_is_measured_once_the_question_was_answered(open_page: Open) -> None:
    app = open_page("Learn", lesson="pooling", set="kind-average_size-3_stride-2_shift-up")
    assert not app.subheader
    app.radio("learn-question-pooling").set_value(2).run()
    assert app.success
    assert app.subheader[0].value == "Measured: test images one pixel up"
    run = services.run_store().run(services.EXAMPLE_RUN)
    network, weights = services.run_plan(run), services.weights(run.id, run.last_epoch)
    data = services.chosen(run.job.data)
    images = data.dataset.images[data.test]
    moved = np.zeros_like(images)
    moved[:, :-1] = images[:, 1:]
    maps, maps_moved = (
        forward(network, weights, one[:SAMPLE])["activation_1"].astype(float)
        for one in (images, moved)
    )

    def pooled(x: np.ndarray) -> np.ndarray:
        cells = [
            x[:, row : row + 23 : 2, column : column + 23 : 2]
            for row in range(3)
            for column in range(3)
        ]
        return np.mean(cells, axis=0)

    def share(x: np.ndarray, y: np.ndarray) -> float:
        sides = (np.sqrt((one**2).sum((1, 2, 3))) for one in (y - x, x))
        return 100 * float(np.divide(*sides).mean())

    told = next(one.value for one in app.markdown if one.value.startswith("The maps change"))
    expected = share(maps, maps_moved), share(pooled(maps), pooled(maps_moved))
    assert numbers_in(told)[:2] == [round(one) for one in expected]
    said, said_moved = (probabilities(network, weights, one).argmax(1) for one in (images, moved))
    changed = int((said != said_moved).sum())
    answered = next(
        one.value for one in app.markdown if one.value.startswith("**The shipped run**")
    )
    assert f"gives {changed} of" in answered
    assert f"{changed / len(images):.1%}".rstrip("%") in answered


def test_the_winners_are_counted_and_the_pooling_goes_to_build(open_page: Open) -> None:
    app = open_page("Learn", lesson="pooling", set="size-3_stride-1")
    told = next(one.value for one in app.caption if one.value.startswith("Dots mark"))
    winners, cells, _, decided, windows, *rest = numbers_in(told)
    assert (cells, windows) == (26 * 26, 24 * 24)
    assert 0 < winners < decided <= windows  # windows overlap: some cells win several
    assert rest == ([windows - decided] if decided < windows else [])
    app.button("to-build-Build with this pooling").click().run()
    network = app.session_state["session"].network
    assert {block.pooling for block in network.blocks} == {Pooling("max", 3, 1)}
