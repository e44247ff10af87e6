"""A network at work on one image, as the network view of a report."""

from cnn.inspection.forward import forward
from cnn.training.run import Run
from cnn.ui.components.epoch_weights import film, timeline
from cnn.ui.components.network_message import Picture, Reach, message
from cnn.ui.inspect.selection import telling
from cnn.ui.report.document import Live
from cnn.ui.state import services


def at_work(
    run: Run,
    epoch: int,
    number: int,
    share: int = 1,
    reach: Reach | None = None,
    together: str = "",
) -> Live:
    """A run after `epoch` with image `number`, and as many other epochs as one in `share` views has room for.

    `reach` and `together` are those of `Picture`.
    """
    data, plan = services.chosen(run.job.data), services.run_plan(run)
    weights, image = services.weights(run.id, epoch), data.dataset.images[number]
    epochs = film(run, share)
    filmed = len(epochs) > 1  # with one alone there is nothing to move through
    picture = Picture(
        plan,
        weights,
        image,
        data.classes,
        int(data.labels[number]),
        selected=telling(plan, forward(plan, weights, image[None])),
        timeline=timeline(run, epoch) if filmed else None,
        film=epochs if filmed else {},
        reach=reach or {},
        together=together,
    )
    return Live("network_view", message(picture)[0])
