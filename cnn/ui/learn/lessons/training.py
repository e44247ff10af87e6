"""Lesson: Training. One step of gradient descent, and small networks trained side by side."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import product
from math import log

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from cnn.arrays import Array
from cnn.data.example import EXAMPLE_DATASET
from cnn.data.split import DataChoice
from cnn.lessons.gradient_step import (
    LEARNING_RATES,
    GradientStep,
    filter_weights,
    gradient_step,
    stepped,
)
from cnn.lessons.trial_request import EPOCHS, IMAGES, TrialRequest, trial_request
from cnn.network.presets import ARTICLE
from cnn.training.job import OptimizerName, Phase, Settings
from cnn.training.trial import VALIDATED, Trial, trial
from cnn.ui.common import charts, formatting
from cnn.ui.common.glossary import definition
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.live_run import loss_and_accuracy
from cnn.ui.common.prose import read_prose, tex
from cnn.ui.common.theme import POSITIVE, QUIET
from cnn.ui.common.waiting import when_there
from cnn.ui.components.kernel_pairs import kernel_step
from cnn.ui.learn.figure import example, planned
from cnn.ui.learn.lesson_page import LessonPage
from cnn.ui.state import services

PROSE = read_prose("training")

_LAYER = "convolution_1"
_RATE = 0.1

TENTH = DataChoice(EXAMPLE_DATASET, train_share=0.1)
"""The choice of data that trains on the same 1,000 images; the Train page takes no fewer."""

_HIGHEST_LOSS = 3.0
"""The end of the loss axis: above the loss of guessing among ten classes, ln 10 = 2.30."""

_SECONDS_TO_START = 1.0

_PRESSED = "learn-trials-pressed"
"""What this visitor has asked to be trained, in the session state."""

_RATES = (0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_DEFAULT_RATES = {"sgd": (0.01, 0.3, 3.0), "adam": (0.0001, 0.01, 0.3)}

_BATCH_SIZES = (8, 32, 128, 512)
_BATCH_RATES = (0.03, 0.1, 0.3)


def show(page: LessonPage) -> None:
    topics = {"step": _step, "rates": _rates, "overfitting": _overfitting, "batches": _batches}
    topics[page.part("topic")](page)


def _step(page: LessonPage) -> None:
    """Show a kernel and the loss before and after one step, and the loss by learning rate."""
    item = example()
    run, plan, data = item.run, item.plan, item.data
    batch = data.train[: run.job.settings.batch_size]
    with page.figure:
        with st.container(horizontal=True):
            epoch = int(page.choice("epoch", "After epoch", PROSE.options("epochs"), "1"))
            filters = range(1, plan.layer(_LAYER).output_shape[2] + 1)
            number = page.one_of("filter", "Filter of Convolution 1", filters, 3)
        rate = page.one_of("rate", "Learning rate", LEARNING_RATES, _RATE, slider=True)
        weights = services.weights(run.id, epoch)
        filter = filter_weights(plan, _LAYER, number - 1)
        images, labels = data.dataset.images[batch], data.labels[batch]
        key, inputs = (run.id, epoch, number), (plan, weights, images, labels, filter)
        answer = services.ask("learn-step", key, gradient_step, *inputs)
        figure = st.container()
    with page.text:
        PROSE.show("step", images=len(batch), parameters=plan.parameters)
        formula = st.container()
        PROSE.code("code/optimizer", name="SGD", rate=rate)
        PROSE.show("after training")
        answered = page.ask(rate=_RATE)
        settings = Settings((Phase(run.job.settings.epochs, rate),), len(batch), "sgd")
        label = "Train with this learning rate"
        page.to_train(label, run.job.network, run.job.data, settings)

    def draw(measured: GradientStep) -> None:
        before, slopes = weights[filter], measured.gradient[filter]
        kernel = before, slopes, stepped(before, slopes, rate)
        with formula:
            _formula(kernel, rate)
        _losses(measured, rate, len(weights))
        kernel_step(*kernel, rate, page.key("kernels"))
        if answered:
            _loss_curve(measured, rate)
        else:
            PROSE.caption("curve locked")

    with figure:
        when_there(answer, "Computing the gradient with Keras", draw)


def _formula(kernel: tuple[Array, Array, Array], rate: float) -> None:
    """Show the step of the weight with the steepest slope.

    `kernel` has weights, slopes and moved weights; the last number of each is that of the bias.
    """
    steepest = np.abs(kernel[1][:-1]).argmax()
    numbers = [float(values[steepest]) for values in kernel]
    # Four decimals: so even a small step adds up.
    before, slope, after = (tex(one) if abs(one) < 0.001 else f"{one:.4f}" for one in numbers)
    slope = slope if numbers[1] >= 0 else f"({slope})"
    PROSE.show("step formula", before=before, rate=rate, slope=slope, after=after)
    PROSE.caption("step symbols")


def _losses(measured: GradientStep, rate: float, weights: int) -> None:
    before, *columns = st.columns(3)
    before.metric("Loss before", f"{measured.loss:.4f}")
    moved = {
        f"All {weights:,} weights moved": measured.losses,
        "Only this filter moved": measured.losses_filter_only,
    }
    for column, (label, losses) in zip(columns, moved.items(), strict=True):
        loss = losses[LEARNING_RATES.index(rate)]
        change = f"{loss - measured.loss:+.4f}"
        column.metric(label, f"{loss:.4f}", change, delta_color="inverse")


def _loss_curve(measured: GradientStep, rate: float) -> None:
    """Draw a line for steps of all weights and one for steps of the filter alone.

    A horizontal line marks the loss before the step, a vertical one the chosen `rate`. Values high
    above the loss before are cut off.
    """
    before, losses = measured.loss, measured.losses
    moved = {"all weights": losses, "this filter only": measured.losses_filter_only}
    table = pd.DataFrame(moved, pd.Index(LEARNING_RATES, name="rate"))
    low = min(before, *table.min().tolist())
    top = before + 2 * max(before - float(losses.min()), 0.001 * before)
    x = alt.X("rate:Q", title="learning rate").scale(type="log").axis(format="~g")
    y = alt.Y("loss:Q", title="loss after the step")
    y = y.scale(domain=[low - 0.05 * (top - low), top], nice=False)
    dashes = [charts.SOLID, charts.DASHED]
    color, dash = charts.color_and_dash("moved", [*moved], [POSITIVE, QUIET], dashes)
    tooltip = ["rate", "moved", *charts.tooltips(".4f", "loss")]
    long = table.reset_index().melt("rate", var_name="moved", value_name="loss")
    points = alt.OverlayMarkDef(filled=True, size=30, clip=True)
    lines = alt.Chart(long).mark_line(clip=True, point=points)
    lines = lines.encode(x, y, color, dash, tooltip=tooltip)
    level = alt.Chart(pd.DataFrame({"loss": [before], "text": ["before the step"]})).encode(y)
    rule = level.mark_rule(color=QUIET, strokeDash=[2, 2])
    text = level.mark_text(align="left", x=4, dy=-7, color=QUIET).encode(text="text:N")
    chart = alt.layer(rule, text, charts.rule("rate", rate), lines)
    chart = chart.properties(height=260, padding=CHART_PADDING)
    best, highest = LEARNING_RATES[losses.argmin()], LEARNING_RATES[-1]
    lowest, last = losses.min(), losses[-1]
    best_step = PROSE.text(
        "best step", best_rate=best, lowest=lowest, last_rate=highest, last=last, before=before
    )
    words = f"The loss by learning rate. {best_step}"
    st.altair_chart(chart, key="learn-step-curve", alt=words)
    st.caption(f"{best_step} {PROSE.text('curve')}")


def _finished(request: TrialRequest) -> Trial | None:
    """Return the trial if it has finished without an error."""
    answer = services.asked(request, trial)
    if answer is None or not answer.done() or answer.cancelled() or answer.exception():
        return None
    return answer.result()


def _asked(request: TrialRequest) -> bool:
    """Whether this visitor, or anybody else on this server, has asked for it."""
    answer, pressed = services.asked(request, trial), st.session_state.get(_PRESSED, ())
    return request in pressed or (answer is not None and not answer.cancelled())


def _rates(page: LessonPage) -> None:
    """Train three networks that differ only in their learning rate."""
    with page.figure:
        optimizers, help = PROSE.options("optimizers"), definition("optimizer")
        chosen = page.choice("optimizer", "Optimizer", optimizers, help=help)
        optimizer: OptimizerName = "adam" if chosen == "adam" else "sgd"
        sizes, defaults = PROSE.options("sizes of a rate"), _DEFAULT_RATES[optimizer]
        rates, requests = [], {}
        for (key, size), default, at in zip(sizes.items(), defaults, st.columns(3), strict=True):
            name, label = f"{key}{optimizer}", f"{size} rate"
            rates.append(page.one_of(name, label, _RATES, default, slider=True, at=at))
            requests[f"{size}: {rates[-1]:g}"] = trial_request(optimizer, rates[-1])
        if trials := _side_by_side("learn-rates", requests, columns=3):
            _best_rate(dict(zip(rates, trials, strict=True)))
            PROSE.caption("conditions", images=VALIDATED)
    with page.text:
        PROSE.show("rates", images=IMAGES, epochs=EPOCHS, guessing=log(10))
        if optimizer == "adam":
            PROSE.show("adam")
        name = formatting.OPTIMIZER_NAMES[optimizer]
        PROSE.code("code/optimizer", name=name, rate=rates[1])
        for rate in dict.fromkeys(rates):
            label = f"Use learning rate {rate:g} on the Train page"
            page.to_train(label, ARTICLE, TENTH, trial_request(optimizer, rate).settings)


def _best_rate(trials: dict[float, Trial]) -> None:
    """Name the learning rate with the smallest validation loss of those that did not diverge."""
    losses = {
        rate: found.epochs[-1].validation_loss
        for rate, found in trials.items()
        if found.outcome.ending == "done"
    }
    if losses:
        best = min(losses, key=losses.__getitem__)
        PROSE.show("best rate", epochs=EPOCHS, loss=losses[best], rate=best)


def _overfitting_request(images: str, dropout: str) -> TrialRequest:
    """Return a training that is long enough to memorize a few images."""
    return trial_request("adam", 0.01, epochs=40, images=int(images), dropout=float(dropout))


def _overfitting(page: LessonPage) -> None:
    """Train a network that memorizes a few images."""
    with page.figure:
        with st.container(horizontal=True):
            images = page.choice("images", "Training images", PROSE.options("images"), "200")
            dropout = page.choice("dropout", "Dropout after Dense 1", PROSE.options("dropouts"))
        request = _overfitting_request(images, dropout)
        _train_button([request])
        _when_trained("learn-overfitting", request, partial(_show_gap, request))
        _all_overfitting_trials()
    with page.text:
        PROSE.show("overfitting")
        layer = "" if request.network == ARTICLE else f"keras.layers.Dropout({dropout})\n"
        PROSE.code("code/early stopping", layer=layer)
        PROSE.show("two measures")
        page.to_train("Open this on the Train page", request.network, TENTH, request.settings)
        if request.images < IMAGES:
            PROSE.caption("fewest images", fewest=IMAGES, images=images)


def _show_gap(request: TrialRequest, result: Trial) -> None:
    best, last = result.best, result.epochs[-1]
    loss_and_accuracy(result, request.settings.epochs, best.epoch)
    accuracy = formatting.accuracy(last.validation_accuracy, VALIDATED)
    sentences = [PROSE.text("stopping point", best=best)]
    if best is not last:
        sentences.append(PROSE.text("later", last=last))
    gap = last.validation_loss - last.loss
    sentences.append(PROSE.text("gap", last=last, gap=gap, accuracy=accuracy))
    st.markdown(" ".join(sentences))
    conditions = PROSE.text("conditions", images=VALIDATED)
    caption = PROSE.text("overfitting conditions", conditions=conditions, seconds=result.seconds)
    if request.network != ARTICLE:
        caption += " " + PROSE.text("dropout values")
    st.caption(caption)


def _all_overfitting_trials() -> None:
    """Compare all settings that anybody has trained on this server."""
    rows = [
        {
            "images": int(images),
            "dropout": float(dropout),
            "smallest validation loss": result.best.validation_loss,
            "after epoch": result.best.epoch,
            "gap at the end": result.epochs[-1].validation_loss - result.epochs[-1].loss,
            "validation accuracy": result.epochs[-1].validation_accuracy,
        }
        for images, dropout in product(PROSE.options("images"), PROSE.options("dropouts"))
        if (result := _finished(_overfitting_request(images, dropout)))
    ]
    if len(rows) < 2:
        return
    percent = st.column_config.NumberColumn(format="percent")
    decimals = st.column_config.NumberColumn(format="%.2f")
    st.markdown("**All settings trained here so far**")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt=f"{len(rows)} settings with the gap of each",
        column_config=dict.fromkeys(("dropout", "validation accuracy"), percent)
        | dict.fromkeys(("smallest validation loss", "gap at the end"), decimals),
    )


def _batches(page: LessonPage) -> None:
    """Train four networks that differ only in their batch size."""
    with page.figure:
        rate = page.one_of("batchrate", "Learning rate of all four", _BATCH_RATES, 0.1)
        requests = {size: trial_request("sgd", rate, size) for size in _BATCH_SIZES}
        titled = {f"Batches of {size}": request for size, request in requests.items()}
        if trials := _side_by_side("learn-batches", titled, columns=2):
            _batch_table(requests, trials)
            PROSE.caption("conditions", images=VALIDATED)
    with page.text:
        PROSE.show("batches")
        PROSE.caption("rounded up")
        steps = [
            PROSE.text("batch steps", images=IMAGES, size=size, steps=request.steps)
            for size, request in requests.items()
        ]
        st.markdown("  \n".join(steps))
        PROSE.show("batch question", epochs=EPOCHS)
        PROSE.code("code/batches", epochs=EPOCHS)
        for size, request in requests.items():
            label = f"Use batches of {size} on the Train page"
            page.to_train(label, ARTICLE, TENTH, request.settings)


def _batch_table(requests: dict[int, TrialRequest], trials: list[Trial]) -> None:
    rows = [
        f"| {size} | {request.steps * EPOCHS:,} | {found.seconds / EPOCHS:.2f} s | {found.epochs[-1].validation_loss:.2f} |"
        for (size, request), found in zip(requests.items(), trials, strict=True)
    ]
    head = f"| Batch size | Steps in {EPOCHS} epochs | Time per epoch | Validation loss |"
    st.markdown("\n".join([head, "| ---: | ---: | ---: | ---: |", *rows]))


def _train_button(requests: Iterable[TrialRequest]) -> None:
    """Show a button that trains those that nobody on this server has asked for yet, if any."""
    missing = {request for request in requests if not _asked(request)}
    if not missing:
        return
    # Not part of the label: the time can become known while the button is shown, and a button with
    # another label is another button.
    with st.container(horizontal=True, vertical_alignment="center"):
        count = f"{len(missing)} networks" if len(missing) > 1 else "one network"
        pressed = st.button(f"Train {count}", type="primary", icon=":material/play_arrow:")
        if duration := _duration(missing):
            PROSE.caption("duration", time=duration)
    if pressed:
        st.session_state[_PRESSED] = missing | st.session_state.get(_PRESSED, set())
        st.rerun()


def _when_trained(place: str, request: TrialRequest, show: Callable[[Trial], None]) -> None:
    """Call `show` once it is trained; until then say what it waits for. `place`: see `services.ask`."""
    if _asked(request):
        when_there(services.ask(place, request, trial, *request, later=True), "Training", show)
    else:
        PROSE.caption("not trained")


def _side_by_side(place: str, requests: dict[str, TrialRequest], columns: int) -> list[Trial]:
    """Offer to train these, by their titles; show the losses in charts with the same axis.

    Returns all the trials once the last has finished, none before.
    """
    _train_button(requests.values())
    cells = [cell for _ in range(0, len(requests), columns) for cell in st.columns(columns)]
    for number, (title, request) in enumerate(requests.items()):
        with cells[number]:
            st.markdown(f"**{title}**")
            _when_trained(f"{place}-{number}", request, partial(_show_trial, title, request))
    trials = [found for request in requests.values() if (found := _finished(request))]
    return trials if len(trials) == len(requests) else []


def _show_trial(title: str, request: TrialRequest, result: Trial) -> None:
    table = charts.history_table(result)
    last = result.epochs[-1]
    sentences = [PROSE.text("trial", first=result.epochs[0], last=last)]
    highest = max(max(epoch.loss, epoch.validation_loss) for epoch in result.epochs)
    if highest > _HIGHEST_LOSS:
        sentences.append(PROSE.text("off the chart", highest=highest))
    accuracy = formatting.accuracy(last.validation_accuracy, VALIDATED)
    steps, seconds = request.steps, result.seconds
    sentences.append(PROSE.text("trial accuracy", accuracy=accuracy, steps=steps, seconds=seconds))
    summary = " ".join(sentences)
    charts.draw(_trial_curves, table, request.settings.epochs, alt=f"{title}. {summary}")
    st.caption(summary)
    if result.outcome.ending == "diverged":
        st.error(result.outcome.message, icon=":material/trending_up:")


def _trial_curves(table: pd.DataFrame, epochs: int) -> charts.Chart:
    """The curves of the loss, all on the same axis."""
    chart = charts.history(table, "loss", epochs, None, top=_HIGHEST_LOSS)
    # One name below the other: the column is too narrow for both side by side.
    return chart.configure_legend(columns=1)


def _duration(requests: Iterable[TrialRequest]) -> str:
    """Say roughly how long they take together; "" while the speed of this server is unknown."""
    total = 0.0
    for network, settings, images in requests:
        layers = planned(network)
        epoch = services.seconds_per_epoch(layers, images, settings.batch_size)
        if epoch is None:
            return ""
        total += epoch * settings.epochs + _SECONDS_TO_START
    return formatting.seconds(total)
