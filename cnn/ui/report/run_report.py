"""The report of one run: its settings, how it learned, what it gets wrong, and the network at work."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from cnn.data.split import ChosenData
from cnn.evaluation.metrics import MetricsError
from cnn.inspection.forward import forward
from cnn.inspection.units import telling_unit
from cnn.statistics import mean_interval
from cnn.training.run import Run
from cnn.training.script import script
from cnn.ui.common import charts, formatting
from cnn.ui.common.epoch_marks import marks_of
from cnn.ui.common.formatting import counted, thousands
from cnn.ui.common.prose import read_sections
from cnn.ui.components import confusion_matrix, patches
from cnn.ui.components.network_message import Limits, Picture, message
from cnn.ui.components.network_view import film, timeline
from cnn.ui.evaluate.evaluated_run import EvaluatedRun, evaluate
from cnn.ui.evaluate.gallery import shown_prediction
from cnn.ui.evaluate.overview import SCORES, class_table, notes
from cnn.ui.report.document import Chart, Code, Live, Part, Section, Table, render
from cnn.ui.state import services

_TEXT = read_sections(__file__)
_MOST_MISTAKES = 36


def run_report(run: Run, name: str, epoch: int, number: int) -> bytes:
    """A run as an HTML page, its predictions those after `epoch`, one of the kept ones.

    `name` is what the run is called; `number` that of the image that the network is shown with.
    """
    data = services.chosen(run.job.data)
    evaluated = evaluate(run, epoch, services.answers_now(run, epoch))
    if isinstance(evaluated, MetricsError):
        predictions = [Section("Predictions", [formatting.escaped(str(evaluated))])]
    else:
        predictions = [
            Section("How good it is", _result(evaluated)),
            Section("Confusion matrix", _confusion(evaluated)),
            Section("Its most confident mistakes", _mistakes(evaluated)),
        ]
    sections = [
        *predictions,
        Section("Settings", [Table(_settings(run, data)), _layers(run)]),
        Section("How it learned", _curves(run)),
        Section("Inside the network", _inside(run, epoch, number, data)),
        Section("Train it again", [_code(run, data)]),
    ]
    return render(f"Report: {name}", _lead(run, epoch), sections)


def _result(evaluated: EvaluatedRun) -> list[Part]:
    """Accuracy and loss with their intervals, and the classes one by one."""
    images, accuracy = len(evaluated.predictions), evaluated.metrics.accuracy
    loss, least, most = mean_interval(evaluated.metrics.losses.tolist())
    result = _TEXT.text(
        "result",
        accuracy=accuracy,
        images=images,
        interval=formatting.interval(*evaluated.interval),
        loss=loss,
        losses=f" (95% interval {least:.3f} to {most:.3f})" if images > 1 else "",
    )
    table = class_table(evaluated)
    table[SCORES] = table[SCORES].map(lambda share: "–" if np.isnan(share) else f"{share:.1f}%")
    table["Test images"] = table["Test images"].map(thousands)
    return [result, Table(table), *notes(evaluated)]


def _confusion(evaluated: EvaluatedRun) -> list[Part]:
    matrix = confusion_matrix.message(
        evaluated.metrics.confusion, evaluated.data.classes, choosable=False
    )
    return [_TEXT.text("confusion"), Live("confusion_matrix", matrix)]


def _mistakes(evaluated: EvaluatedRun) -> list[Part]:
    wrong = evaluated.predictions.most_confident_first(~evaluated.predictions.correct)
    if not len(wrong):
        return [_TEXT.text("no_mistake")]
    shown = [shown_prediction(evaluated, place) for place in wrong[:_MOST_MISTAKES]]
    which = f"The first {len(shown)} of {len(wrong)}" if len(wrong) > len(shown) else "All"
    message = patches.message(shown, choosable=False)
    return [_TEXT.text("mistakes", which=which), Live("patches", message)]


def _settings(run: Run, data: ChosenData) -> pd.DataFrame:
    """Everything that decides the numbers of a run, in words."""
    settings, choice = run.job.settings, data.choice
    rates = ", then ".join(
        f"{phase.learning_rate:g} for {counted(phase.epochs, 'epoch')}" for phase in settings.phases
    )
    momentum = f", momentum {settings.momentum:g}" if settings.momentum else ""
    patience, official = settings.patience, choice.train_share is None
    split = _TEXT.text_from("split/official" if official else "split/shuffled", **vars(choice))
    stopping = _TEXT.text("stopping", patience=patience) if patience else "none"
    rows = {
        "Network": formatting.network(run.job.network),
        "Parameters": thousands(services.run_plan(run).parameters),
        "Data set": f"{data.dataset.name} ({data.dataset.identity})",
        "Source": data.dataset.credit,
        "Classes": ", ".join(data.classes),
        "Split": split,
        "Images": f"{thousands(len(data.train))} for training, {thousands(len(data.test))} for testing",
        "Optimizer": f"{settings.optimizer}{momentum}",
        "Learning rate": rates,
        "Batch size": str(settings.batch_size),
        "Early stopping": stopping,
        "Seed": str(settings.seed),
        "Training": f"{counted(run.last_epoch, 'epoch')} in {run.seconds:.1f} s",
    }
    return pd.DataFrame({"setting": rows.keys(), "value": rows.values()})


def _layers(run: Run) -> Part:
    rows = [
        {
            "layer": formatting.layer_title(layer),
            "what it does": layer.operation.setting,
            "output": formatting.shape(layer.output_shape),
            "parameters": thousands(layer.parameters),
            "multiply-adds": thousands(layer.multiply_accumulates),
        }
        for layer in services.run_plan(run).layers
    ]
    return Table(pd.DataFrame(rows), folded="Layer by layer")


def _curves(run: Run) -> list[Part]:
    """Loss and accuracy over the epochs, as charts and in numbers."""
    table = charts.history_table(run)
    drawn: list[Part] = [
        Chart(
            charts.history(table, measure, run.planned_epochs, None, marks=marks_of(run, "chart")),
            f"{measure.capitalize()} over {counted(run.last_epoch, 'epoch')}; the numbers are below.",
        )
        for measure in ("loss", "accuracy")
    ]
    epochs = charts.epoch_table(run)
    for name, form in charts.EPOCH_COLUMNS.items():
        epochs[name] = epochs[name].map(form.format)
    return [*drawn, _TEXT.text("curves"), Table(epochs, folded="Epoch table")]


def _inside(run: Run, epoch: int, number: int, data: ChosenData) -> list[Part]:
    name = formatting.escaped(data.classes[data.labels[number]])
    sentence = _TEXT.text("inside", number=number, name=name)
    return [sentence, network_figure(run, epoch, number)]


def _code(run: Run, data: ChosenData) -> Part:
    if run.parent and run.parent.edits:
        return _TEXT.text("no_script")
    return Code("A Keras script of the same images, network and settings", script(run.job, data))


def _lead(run: Run, epoch: int) -> str:
    """The network, when it was trained, and what its numbers do not say."""
    requested = datetime.fromtimestamp(run.created, UTC).strftime("%Y-%m-%d %H:%M UTC")
    network = formatting.network(run.job.network)
    sentences = [_TEXT.text("lead", network=network, epoch=epoch, requested=requested)]
    if run.live:
        sentences.append(_TEXT.text("lead/live", last=run.last_epoch, planned=run.planned_epochs))
    elif run.message:
        sentences.append(formatting.escaped(run.message))
    if run.parent and run.parent.edits:
        sentences.append(_TEXT.text("lead/changed"))
    if run.imported:
        sentences.append(_TEXT.text("lead/imported"))
    return " ".join(sentences)


def network_figure(
    run: Run,
    epoch: int,
    number: int,
    share: int = 1,
    limits: Limits | None = None,
    together: str = "",
) -> Live:
    """A run after `epoch` with image `number`, and as many other epochs as one in `share` views has room for.

    `limits` and `together` are those of `Picture`.
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
        limits=limits or {},
        together=together,
    )
    return Live("network_view", message(picture)[0])
