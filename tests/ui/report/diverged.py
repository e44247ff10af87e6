"""A run whose training has diverged: its weights are no numbers."""

from dataclasses import replace

import numpy as np

from cnn.training.events import EpochEnd
from cnn.training.run import Run
from cnn.ui.state import services


def keep_diverged(like: Run, name: str) -> Run:
    """Keep such a run of another one's network and images, called `name`, with epoch 0 alone."""
    store = services.run_store()
    run = replace(like, id=name, epochs=(), kept=(), points=())
    store.save(run)
    weights = np.full_like(services.weights(like.id, 0), np.nan)
    nothing = float("nan")
    return store.save_epoch(
        run, EpochEnd(0, nothing, 0.1, nothing, 0.1, 0.001, 1, weights=weights, resume=b"")
    )
