"""Two networks at work on one image, on one scale."""

from dataclasses import replace

import numpy as np

from cnn.inspection.forward import forward
from cnn.training.scheduling.engine import Engine
from cnn.ui.compare.run_library import Compared
from cnn.ui.compare.side_by_side import shared_limits
from cnn.ui.state import services

IMAGE = 31


def test_the_scale_of_both_holds_every_value_and_kernel_of_all_their_epochs(
    app_engine: Engine,
) -> None:
    run = services.run_store().run(services.EXAMPLE_RUN)
    plan, image = services.run_plan(run), services.chosen(run.job.data).dataset.images[[IMAGE]]
    early = services.run_store().save_copy(replace(run, kept=(0, 1)), replace(run, id="side-early"))
    late = services.run_store().save_copy(replace(run, kept=(20, 30)), replace(run, id="side-late"))
    found = shared_limits([Compared(early, "early"), Compared(late, "late")], IMAGE)
    vectors = [services.weights(run.id, epoch) for epoch in (0, 1, 20, 30)]
    for layer in plan.layers:
        values = [forward(plan, vector, image)[layer.name] for vector in vectors]
        kernels = [plan.split(vector).get(f"{layer.name}/kernel", [0]) for vector in vectors]
        assert found[layer.name] == (np.max(np.abs(values)), np.max(np.abs(kernels)))
