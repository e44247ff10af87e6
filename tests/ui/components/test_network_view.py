"""Which epochs of a run the browser is given."""

import numpy as np
import pytest

from cnn.inspection.edits import Edits, edited
from cnn.ui.components import network_view
from cnn.ui.components.network_view import film
from cnn.ui.state import services


@pytest.mark.parametrize("most", [1, 2, 7, 30, 31, 99])
def test_a_film_has_the_last_epoch_and_others_evenly_before_it(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    run = services.run_store().run(services.EXAMPLE_RUN)
    monkeypatch.setattr(network_view, "epochs_that_fit", lambda plan: most)
    epochs = list(film(run))
    assert len(epochs) == min(most, len(run.kept)) and epochs[-1] == run.kept[-1]
    if most > 1:
        assert epochs[0] == run.kept[0]
        assert np.ptp(np.diff(epochs)) <= 1
    # One of several films of a report has its share of the room.
    assert len(film(run, share=3)) == max(1, min(most // 3, len(run.kept)))


def test_the_epochs_of_a_changed_network_have_its_changes() -> None:
    run = services.run_store().run(services.EXAMPLE_RUN)
    edits = Edits().switched("convolution_1", 2, off=True)
    for epoch, weights in film(run, share=100, edits=edits).items():
        trained = services.weights(run.id, epoch)
        np.testing.assert_array_equal(weights, edited(services.run_plan(run), trained, edits))
