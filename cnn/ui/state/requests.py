"""What visitors have trained: the only way from the pages to the engine.

Each function asks the visitor's workshop first, whatever the page has let them choose, and raises
RuleError with the host's sentence; otherwise it raises as the method of the engine that it calls.
"""

from dataclasses import replace

from cnn.arrays import Array
from cnn.training.experiments.experiment import Experiment, expand
from cnn.training.experiments.runner import ExperimentStatus
from cnn.training.experiments.store import Record
from cnn.training.job import Job, Phase
from cnn.training.run import Run, continued
from cnn.ui.state import services, workshop
from cnn.ui.state.session import Session


def train(session: Session, job: Job) -> Run:
    """Train a network; see `Engine.submit`."""
    workshop.check(session, job)
    run = services.engine().submit(
        job.network, job.settings, services.chosen(job.data), session.person
    )
    return _noted(session, run)


def train_on(session: Session, run: Run, phase: Phase | None = None) -> Run:
    """Continue a run that has ended; see `Engine.continue_run`."""
    workshop.check(session, replace(run.job, settings=continued(run, phase)))
    data = services.chosen(run.job.data)
    return _noted(session, services.engine().continue_run(run.id, data, session.person, phase))


def train_edited(session: Session, run: Run, epoch: int, weights: Array, phase: Phase) -> Run:
    """Train a network that was changed by hand; see `Engine.train_edited`.

    The epochs that it was trained for before count as well: it begins with what they taught it.
    """
    before = (Phase(epoch, run.job.settings.learning_rate(1)),) if epoch else ()
    settings = replace(run.job.settings, phases=(*before, phase))
    workshop.check(session, replace(run.job, settings=settings))
    data = services.chosen(run.job.data)
    edited = services.engine().train_edited(run.id, epoch, weights, data, session.person, phase)
    return _noted(session, edited)


def begin_experiment(session: Session, title: str, experiment: Experiment) -> Record:
    """Have an experiment done; see `ExperimentRunner.begin`."""
    planned, _ = expand(experiment, services.chosen)
    workshop.check(session, *(one.job for one in planned))
    return services.experiment_runner().begin(title, session.token, experiment)


def train_for_judge(session: Session, title: str, experiment: Experiment) -> Record:
    """Have the run that is the base of an experiment trained again with the seeds of the experiment.

    A workshop's rules are for what the visitor has trained; the other seeds are the judge's.
    """
    workshop.check(session, experiment.base)
    return services.experiment_runner().begin(title, session.token, experiment)


def go_on_with_experiment(session: Session, status: ExperimentStatus) -> None:
    """Have done what is missing of an experiment; see `ExperimentRunner.start`."""
    workshop.check(session, *(one.job for one in status.missing))
    services.experiment_runner().start(status.record.id)


def _noted(session: Session, run: Run) -> Run:
    workshop.note_run(session, run)
    return run
