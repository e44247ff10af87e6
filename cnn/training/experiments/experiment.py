"""An experiment: a training repeated with every combination of some settings and with several seeds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import isfinite, prod

from cnn.data.dataset import DataError
from cnn.data.split import ChosenData, DataChoice
from cnn.network.layers.settings import check_within
from cnn.network.plan import plan
from cnn.network.spec import NetworkError
from cnn.training.events import Ending
from cnn.training.experiments.factors import ExperimentError, Factor, with_value
from cnn.training.job import SEED, Job, JobError
from cnn.training.run import Run, RunError
from cnn.training.scheduling.limits import seconds_per_epoch

MOST_RUNS = 60
"""Runs that one experiment may have."""

MOST_FACTORS = 4
MOST_SEEDS = 20


@dataclass(frozen=True)
class Experiment:
    """A base job, the settings varied in it (fully crossed), and the seeds of each combination."""

    base: Job
    factors: tuple[Factor, ...]
    seeds: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.factors) > MOST_FACTORS:
            raise ExperimentError(
                f"At most {MOST_FACTORS} settings can be varied at once; these were {len(self.factors)}."
            )
        places = [(factor.setting, factor.block) for factor in self.factors]
        for setting, block in places:
            twice = places.count((setting, block)) > 1
            if twice or (block is not None and (setting, None) in places):
                raise ExperimentError(f"{setting} is varied twice in the same place.")
        if not 1 <= len(self.seeds) <= MOST_SEEDS or len(set(self.seeds)) < len(self.seeds):
            raise ExperimentError(
                f"An experiment needs 1 to {MOST_SEEDS} different seeds; it had {len(self.seeds)}."
            )
        for seed in self.seeds:
            check_within("seed", seed, SEED, ExperimentError)
        if self.runs > MOST_RUNS:
            raise ExperimentError(
                f"This experiment would have {self.runs} runs; at most {MOST_RUNS} are allowed here."
                " Vary fewer settings, or take fewer values or seeds."
            )

    @property
    def runs(self) -> int:
        """Combinations times seeds, impossible ones included."""
        return prod(len(factor.values) for factor in self.factors) * len(self.seeds)

    def reference(self, factor: int) -> str:
        """The value that the others are compared with: that of the base if it is there, or the first."""
        found = self.factors[factor]
        for value in found.values:
            try:
                if with_value(self.base, found, value) == self.base:
                    return value
            except (NetworkError, JobError):
                continue
        return found.values[0]


def with_seeds(base: Job, factors: Sequence[Factor], count: int) -> Experiment:
    """The experiment with so many seeds, from the base's own on."""
    span = int(SEED.high) + 1
    seeds = tuple((base.settings.seed + number) % span for number in range(count))
    return Experiment(base, tuple(factors), seeds)


@dataclass(frozen=True)
class Planned:
    """One run to do: a value for each factor, the seed, and the job; `seconds` as of the reference."""

    levels: tuple[str, ...]
    seed: int
    job: Job
    parameters: int
    seconds: float


@dataclass(frozen=True)
class Impossible:
    """A combination that cannot be trained, and the sentence that says why."""

    levels: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Result:
    """What came of one run: `accuracy` and `loss` are those on the test images after `epochs`.

    `run` is the run's id, empty where none was kept; `ending` and `message` are those of the run.
    """

    levels: tuple[str, ...]
    seed: int
    run: str
    ending: Ending
    message: str
    epochs: int
    accuracy: float
    loss: float
    parameters: int
    seconds: float

    def __post_init__(self) -> None:
        if not 0 <= self.accuracy <= 1 or not isfinite(self.loss) or not isfinite(self.seconds):
            raise ExperimentError("A result has a number that cannot be.")

    @property
    def counts(self) -> bool:
        """Whether it tells of the network: a training that came to its end."""
        return self.ending == "done"


def expand(
    experiment: Experiment, chosen: Callable[[DataChoice], ChosenData]
) -> tuple[list[Planned], list[Impossible]]:
    """The runs of an experiment, all combinations of one seed before the next, and what cannot be.

    `chosen` gives the images of a choice. So a result is there for every value as early as can be.
    """
    possible = []
    impossible: list[Impossible] = []
    for levels in product(*(factor.values for factor in experiment.factors)):
        try:
            job = experiment.base
            for factor, value in zip(experiment.factors, levels, strict=True):
                job = with_value(job, factor, value)
            data = chosen(job.data)
            seconds = seconds_per_epoch(job, data) * job.settings.epochs
            parameters = plan(job.network, data.image_shape, len(data.classes)).parameters
        except (NetworkError, JobError, DataError, RunError) as error:
            impossible.append(Impossible(levels, str(error)))
            continue
        possible.append((levels, job, parameters, seconds))
    planned = [
        Planned(
            levels,
            seed,
            replace(job, settings=replace(job.settings, seed=seed)),
            parameters,
            seconds,
        )
        for seed in experiment.seeds
        for levels, job, parameters, seconds in possible
    ]
    return planned, impossible


def result(planned: Planned, run: Run) -> Result:
    """What is kept of the run that did what was planned."""
    last = run.epochs[-1] if run.epochs else None
    return Result(
        planned.levels,
        planned.seed,
        run.id,
        run.status if not run.live else "interrupted",  # type: ignore[arg-type]
        run.message,
        run.last_epoch,
        last.validation_accuracy if last else 0.0,
        last.validation_loss if last else 0.0,
        planned.parameters,
        run.seconds,
    )
