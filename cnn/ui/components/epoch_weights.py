"""A run's time line and film, for every view that moves a network through its epochs."""

import numpy as np
from numpy.typing import NDArray

from cnn.training.run import Run
from cnn.ui.components.network_message import Timeline, epochs_that_fit
from cnn.ui.state import services


def timeline(run: Run, epoch: int) -> Timeline:
    """The course of a run, with an epoch that is shown."""
    losses = tuple((one.epoch, one.loss, one.validation_loss) for one in run.epochs)
    return Timeline(run.id, run.kept, epoch, losses)


def filmed(run: Run, share: int = 1) -> tuple[int, ...]:
    """The epochs that the browser is given, evenly spread, the last among them.

    With a `share` of n, a report has n films, and each gets one part in n of the room.
    """
    most = max(1, epochs_that_fit(services.run_plan(run)) // share)
    places = np.linspace(len(run.kept) - 1, 0, min(len(run.kept), most))
    return tuple(sorted({run.kept[round(place)] for place in places}))


def film(run: Run, share: int = 1) -> dict[int, NDArray[np.float32]]:
    """The weights of the epochs that are `filmed`, flat."""
    return {epoch: services.weights(run.id, epoch) for epoch in filmed(run, share)}
