"""The report of one run: what it was given, how it went, what it gets wrong, and the network at work."""

from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from cnn.data.split import ChosenData
from cnn.evaluation.metrics import MetricsError
from cnn.inspection.forward import forward
from cnn.inspection.telling_unit import telling_unit
from cnn.network.layers import Layer
from cnn.statistics import mean_interval, wilson
from cnn.training.run import Run
from cnn.training.script import script
from cnn.ui.common import charts, formatting
from cnn.ui.components import confusion_matrix, patches
from cnn.ui.components.network_message import Picture, Reach, message
from cnn.ui.components.network_view import film, timeline
from cnn.ui.evaluate.evaluated_run import EvaluatedRun, seen
from cnn.ui.evaluate.gallery import shown_answer, sure
from cnn.ui.evaluate.overview import notes
from cnn.ui.report.document import Chart, Code, Live, Part, Section, Table, Text, render
from cnn.ui.state import services

_MOST_MISTAKES = 36


def run_report(run: Run, name: str, epoch: int, number: int) -> bytes:
    """A run as an HTML page, its answers those after `epoch`, one of the kept ones.

    `name` is what the run is called; `number` that of the image that the network is shown with.
    """
    data = services.chosen(run.job.data)
    evaluated = seen(run, epoch, services.answers_now(run, epoch))
    answers = (
        [Section("What it answers", [Text(str(evaluated))])]
        if isinstance(evaluated, MetricsError)
        else [
            Section("How good it is", _result(evaluated)),
            Section("What is taken for what", _confusion(evaluated)),
            Section("Its most confident mistakes", _mistakes(evaluated)),
        ]
    )
    return render(
        f"Report: {name}",
        f"{formatting.network(run.job.network)}, after epoch {epoch}. {_history(run)}",
        [
            *answers,
            Section("What it was given", [Table(_given(run, data)), *_layers(run)]),
            Section("How it learned", _curves(run)),
            Section("Inside the network", _inside(run, epoch, number, data)),
            Section("Train it again", [_code(run, data)]),
        ],
    )


def _result(evaluated: EvaluatedRun) -> list[Part]:
    """Accuracy and loss with their intervals, and the classes one by one."""
    images = len(evaluated.predictions)
    low, high = wilson(evaluated.metrics.accuracy, images)
    loss, least, most = mean_interval(evaluated.metrics.losses.tolist())
    sentence = (
        f"**{formatting.percent(evaluated.metrics.accuracy)}** of {formatting.thousands(images)} test images are"
        f" answered rightly (95% interval {100 * low:.1f} to {100 * high:.1f}, Wilson 1927). The"
        f" mean cross-entropy is **{loss:.3f}**"
    )
    sentence += f" (95% interval {least:.3f} to {most:.3f})." if images > 1 else "."
    scores = evaluated.metrics.classes
    table = pd.DataFrame(
        {
            "class": evaluated.data.classes,
            "precision": _shares(scores.precision),
            "recall": _shares(scores.recall),
            "F1": _shares(scores.f1),
            "test images": [formatting.thousands(count) for count in scores.support],
        }
    )
    return [Text(sentence), Table(table), *(Text(note) for note in notes(evaluated))]


def _shares(values: Iterable[float]) -> list[str]:
    return ["–" if np.isnan(value) else formatting.percent(float(value)) for value in values]


def _confusion(evaluated: EvaluatedRun) -> list[Part]:
    matrix = confusion_matrix.message(
        evaluated.metrics.confusion, evaluated.data.classes, choosable=False
    )
    return [
        Text("A row is a class, a column an answer; the numbers are test images."),
        Live("confusion_matrix", matrix),
    ]


def _mistakes(evaluated: EvaluatedRun) -> list[Part]:
    predictions = evaluated.predictions
    wrong = np.flatnonzero(~predictions.correct)
    if not len(wrong):
        return [Text("It makes no mistake on the test images.")]
    places = wrong[np.argsort(-predictions.confidence[wrong], kind="stable")][:_MOST_MISTAKES]
    shown = [shown_answer(evaluated, place, sure(evaluated, place)) for place in places]
    several = f"The first {len(places)} of {len(wrong)}" if len(wrong) > len(places) else "All"
    return [
        Text(f"{several}: the probability of the answer, the answer, the truth."),
        Live("patches", patches.message(shown, choosable=False)),
    ]


def _given(run: Run, data: ChosenData) -> pd.DataFrame:
    """Everything that decides the numbers of a run, in words."""
    settings, choice = run.job.settings, data.choice
    rates = ", then ".join(
        f"{phase.learning_rate:g} for {formatting.counted(phase.epochs, 'epoch')}"
        for phase in settings.phases
    )
    momentum = f", momentum {settings.momentum:g}" if settings.momentum else ""
    split = (
        "as its authors split it"
        if choice.train_share is None
        else f"shuffled with seed {choice.seed}, {formatting.percent(choice.train_share, 0)} to learn from"
    )
    rows = {
        "Network": formatting.network(run.job.network),
        "Parameters": formatting.thousands(services.run_plan(run).parameters),
        "Data set": f"{data.dataset.name} ({data.dataset.identity})",
        "Source": data.dataset.credit,
        "Classes": ", ".join(data.classes),
        "Split": split,
        "Images": f"{formatting.thousands(len(data.train))} to learn from, {formatting.thousands(len(data.test))} to test",
        "Optimizer": f"{settings.optimizer}{momentum}",
        "Learning rate": rates,
        "Batch size": str(settings.batch_size),
        "Early stopping": f"after {formatting.counted(settings.patience, 'epoch')} without a smaller validation loss"
        if settings.patience
        else "none",
        "Seed": str(settings.seed),
        "Training": f"{formatting.counted(run.last_epoch, 'epoch')} in {run.seconds:.1f} s",
    }
    return pd.DataFrame({"setting": rows.keys(), "value": rows.values()})


def _layers(run: Run) -> list[Part]:
    rows = [_layer(layer) for layer in services.run_plan(run).layers]
    return [Table(pd.DataFrame(rows), folded="Layer by layer")]


def _layer(layer: Layer) -> dict[str, str]:
    return {
        "layer": formatting.layer_title(layer),
        "what it does": layer.operation.setting,
        "output": formatting.shape(layer.output_shape),
        "parameters": formatting.thousands(layer.parameters),
        "multiply-adds": formatting.thousands(layer.multiply_accumulates),
    }


def _curves(run: Run) -> list[Part]:
    """Loss and accuracy over the epochs, as charts and in numbers."""
    table = charts.history_table(run)
    drawn: list[Part] = [
        Chart(
            charts.history(table, measure, run.planned_epochs, None),
            f"{measure.capitalize()} over {formatting.counted(run.last_epoch, 'epoch')}; the numbers are below.",
        )
        for measure in ("loss", "accuracy")
    ]
    rows = [
        {
            "epoch": str(record.epoch),
            "training loss": f"{record.loss:.4f}",
            "training accuracy": formatting.percent(record.accuracy),
            "test loss": f"{record.validation_loss:.4f}",
            "test accuracy": formatting.percent(record.validation_accuracy),
            "learning rate": f"{record.learning_rate:g}",
            "seconds": f"{record.seconds:.2f}",
        }
        for record in run.epochs
    ]
    sentence = (
        "Training values are means while learning, validation is measured on the test images after"
        " each epoch. Epoch 0 is the network before it learns."
    )
    return [*drawn, Text(sentence), Table(pd.DataFrame(rows), folded="Every epoch in numbers")]


def _inside(run: Run, epoch: int, number: int, data: ChosenData) -> list[Part]:
    name = formatting.escaped(data.classes[data.labels[number]])
    sentence = (
        f"Image {number}, {name}. Point at any cell for its value; click it for the"
        " arithmetic that made it. Where there is a handle, it moves the network through its epochs."
    )
    return [Text(sentence), network_figure(run, epoch, number)]


def _code(run: Run, data: ChosenData) -> Part:
    if run.parent and run.parent.edits:
        return Text(
            "It began with a network that was changed by hand, so no script can train it again from"
            " the start."
        )
    return Code("A Keras script of the same images, network and settings", script(run.job, data))


def _history(run: Run) -> str:
    """When it was trained, and what its numbers do not say."""
    when = datetime.fromtimestamp(run.created, UTC).strftime("%Y-%m-%d %H:%M UTC")
    sentences = [f"Asked for at {when}."]
    if run.message:
        sentences.append(formatting.escaped(run.message))
    if run.parent and run.parent.edits:
        sentences.append("It began with a network that was changed by hand.")
    if run.imported:
        sentences.append("Imported from a file; its training was not observed here.")
    return " ".join(sentences)


def network_figure(
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
        selected=telling_unit(plan, forward(plan, weights, image[None])),
        timeline=timeline(run, epoch) if filmed else None,
        film=epochs if filmed else {},
        reach=reach or {},
        together=together,
    )
    return Live("network_view", message(picture)[0])
