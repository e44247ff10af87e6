"""Small trainings whose curves are looked at and not kept."""

from dataclasses import dataclass

from cnn.data.example import EXAMPLE_DATASET, example_dataset
from cnn.data.split import DataChoice, TrainingData, choose, training_data
from cnn.network.spec import Network
from cnn.training.events import EpochEnd, Outcome, Point
from cnn.training.job import Settings
from cnn.training.run import EpochRecord, epoch_record

VALIDATED = 1000
"""How many of the example data's test images a trial is validated on."""


@dataclass(frozen=True)
class Trial:
    """How a small training went: see `Run` for `points` and `epochs`."""

    points: tuple[Point, ...]
    epochs: tuple[EpochRecord, ...]
    outcome: Outcome

    @property
    def seconds(self) -> float:
        return sum(end.seconds for end in self.epochs)

    @property
    def best(self) -> EpochRecord:
        """The epoch with the smallest validation loss, the first of equals."""
        return min(self.epochs, key=lambda end: end.validation_loss)


def trial_data(images: int) -> TrainingData:
    """The first `images` training images of the example data, and its first test images.

    They are split as the article's 8,000 and 2,000 are, so no trial learns from a test image.
    """
    data = training_data(choose(example_dataset(), DataChoice(EXAMPLE_DATASET)))
    return data._replace(
        train_images=data.train_images[:images],
        train_labels=data.train_labels[:images],
        test_images=data.test_images[:VALIDATED],
        test_labels=data.test_labels[:VALIDATED],
    )


def trial(network: Network, settings: Settings, images: int) -> Trial:
    """Train `network` on so many images, on a worker, beside whatever else is trained there.

    The numbers are those of a run with the same settings on the same images.
    """
    from cnn.training.worker.learner import Learner
    from cnn.training.worker.task import learn

    reports: list[Point | EpochEnd] = []
    learner = Learner(network, settings, trial_data(images))
    outcome = learn(learner, None, reports.append, lambda: "go")
    points = tuple(event for event in reports if isinstance(event, Point))
    ends = (event for event in reports if isinstance(event, EpochEnd))
    return Trial(points, tuple(map(epoch_record, ends)), outcome)
