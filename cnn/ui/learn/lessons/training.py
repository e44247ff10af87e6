"""Lesson: Training. One step of gradient descent, and small networks trained side by side."""

from collections.abc import Callable, Sequence
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
from cnn.lessons.trial_request import EPOCHS, IMAGES, TrialRequest, overfitting_request
from cnn.network.plan import plan
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
from cnn.ui.learn.figure import example
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
_DEFAULT_RATES = {
    "sgd": {"small": 0.01, "middle": 0.3, "large": 3.0},
    "adam": {"small": 0.0001, "middle": 0.01, "large": 0.3},
}

_FEW_IMAGES = (100, 200, 500, IMAGES)
_DROPOUTS = (0.0, 0.3, 0.5)

_BATCH_SIZES = (8, 32, 128, 512)
_BATCH_RATES = (0.03, 0.1, 0.3)


def show(page: LessonPage) -> None:
    """Draw the chosen topic."""
    topics = {
        "step": _show_step,
        "rates": _show_rates,
        "overfitting": _show_overfitting,
        "batches": _show_batches,
    }
    topics[page.part("topic")](page)


def _show_step(page: LessonPage) -> None:
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
            _formula(*kernel, rate)
        _losses(measured, rate, len(weights))
        kernel_step(*kernel, rate, page.key("kernels"))
        if answered:
            _loss_curve(measured, rate)
        else:
            PROSE.caption("curve locked")

    with figure:
        when_there(answer, "Computing the gradient with Keras", draw)


def _formula(weights: Array, slopes: Array, moved: Array, rate: float) -> None:
    """Show the step of the kernel's weight with the steepest slope; the last number is the bias."""
    steepest = int(np.abs(slopes[:-1]).argmax())
    before, slope, after = (
        _four_decimals(float(values[steepest])) for values in (weights, slopes, moved)
    )
    slope = slope if slopes[steepest] >= 0 else f"({slope})"
    PROSE.show("step formula", before=before, rate=rate, slope=slope, after=after)
    PROSE.caption("step symbols")


def _four_decimals(value: float) -> str:
    """Return a number in LaTeX with four decimals, so that even a small step adds up."""
    return tex(value) if abs(value) < 0.001 else f"{value:.4f}"


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
    names, before = ["all weights", "this filter only"], measured.loss
    losses = (measured.losses, measured.losses_filter_only)
    table = pd.DataFrame({"rate": LEARNING_RATES} | dict(zip(names, losses, strict=True)))
    low = min(before, *map(float, np.concatenate(losses)))
    top = before + 2 * max(before - float(measured.losses.min()), 0.001 * before)
    scale = alt.Scale(domain=[low - 0.05 * (top - low), top], nice=False)
    logarithmic, plain = alt.Scale(type="log"), alt.Axis(format="~g")
    y = alt.Y("loss:Q", title="loss after the step", scale=scale)
    lines = (
        alt.Chart(table.melt("rate", var_name="moved", value_name="loss"))
        .mark_line(clip=True, point=alt.OverlayMarkDef(filled=True, size=30, clip=True))
        .encode(
            alt.X("rate:Q", title="learning rate", scale=logarithmic, axis=plain),
            y,
            *charts.color_and_dash(
                "moved", names, [POSITIVE, QUIET], [charts.SOLID, charts.DASHED]
            ),
            tooltip=["rate", "moved", *charts.tooltips(".4f", "loss")],
        )
    )
    level = alt.Chart(pd.DataFrame({"loss": [before], "text": ["before the step"]})).encode(y)
    rule = level.mark_rule(color=QUIET, strokeDash=[2, 2])
    text = level.mark_text(align="left", x=4, dy=-7, color=QUIET).encode(text="text:N")
    chart = alt.layer(rule, text, charts.rule("rate", rate), lines)
    best = int(measured.losses.argmin())
    best_step = PROSE.text(
        "best step",
        best_rate=LEARNING_RATES[best],
        lowest=measured.losses[best],
        last_rate=LEARNING_RATES[-1],
        last=measured.losses[-1],
        before=before,
    )
    st.altair_chart(
        chart.properties(height=260, padding=CHART_PADDING),
        key="learn-step-curve",
        alt=f"The loss by learning rate. {best_step}",
    )
    st.caption(f"{best_step} {PROSE.text('curve')}")


def _finished(request: TrialRequest) -> Trial | None:
    """Return the trial if it has finished without an error."""
    answer = services.asked(request.job, trial)
    if answer is None or not answer.done() or answer.cancelled() or answer.exception():
        return None
    return answer.result()


def _asked(request: TrialRequest) -> bool:
    """Whether this visitor, or anybody else on this server, has asked for it."""
    answer = services.asked(request.job, trial)
    return request.job in st.session_state.get(_PRESSED, ()) or (
        answer is not None and not answer.cancelled()
    )


def _show_rates(page: LessonPage) -> None:
    """Train three networks that differ only in their learning rate."""
    with page.figure:
        optimizers, help = PROSE.options("optimizers"), definition("optimizer")
        chosen = page.choice("optimizer", "Optimizer", optimizers, help=help)
        optimizer: OptimizerName = "adam" if chosen == "adam" else "sgd"
        requests = []
        defaults, names = _DEFAULT_RATES[optimizer], PROSE.options("sizes of a rate")
        for (key, default), at in zip(defaults.items(), st.columns(3), strict=True):
            label = f"{names[key]} rate"
            rate = page.one_of(f"{key}{optimizer}", label, _RATES, default, slider=True, at=at)
            requests.append(TrialRequest(f"{names[key]}: {rate:g}", optimizer, rate))
        _train_button(requests)
        _side_by_side("learn-rates", requests, columns=3)
        _best_rate(requests)
    with page.text:
        PROSE.show("rates", images=IMAGES, epochs=EPOCHS, guessing=log(10))
        if optimizer == "adam":
            PROSE.show("adam")
        name = "SGD" if optimizer == "sgd" else "Adam"
        PROSE.code("code/optimizer", name=name, rate=requests[1].rate)
        for rate, request in {request.rate: request for request in requests}.items():
            label = f"Use learning rate {rate:g} on the Train page"
            page.to_train(label, ARTICLE, TENTH, request.settings)


def _best_rate(requests: list[TrialRequest]) -> None:
    """Name the learning rate with the smallest validation loss, once all are trained."""
    trials = {request.rate: _finished(request) for request in requests}
    if not all(trials.values()):
        return
    losses = {
        rate: found.epochs[-1].validation_loss
        for rate, found in trials.items()
        if found and found.outcome.ending == "done"
    }
    if losses:
        best = min(losses, key=losses.__getitem__)
        PROSE.show("best rate", epochs=EPOCHS, loss=losses[best], rate=best)
    PROSE.caption("conditions", images=VALIDATED)


def _show_overfitting(page: LessonPage) -> None:
    """Train a network that memorizes a few images."""
    with page.figure:
        with st.container(horizontal=True):
            counts = {str(count): formatting.thousands(count) for count in _FEW_IMAGES}
            dropouts = {f"{share:g}": f"{share:.0%}" if share else "None" for share in _DROPOUTS}
            images = int(page.choice("images", "Training images", counts, "200"))
            dropout = float(page.choice("dropout", "Dropout after Dense 1", dropouts))
        request = overfitting_request(images, dropout)
        _train_button([request])
        _when_trained("learn-overfitting", request, partial(_show_gap, request))
        _all_overfitting_trials()
    with page.text:
        PROSE.show("overfitting")
        layer = f"keras.layers.Dropout({dropout:g})\n" if dropout else ""
        PROSE.code("code/early stopping", layer=layer)
        PROSE.show("two measures")
        page.to_train("Open this on the Train page", request.network, TENTH, request.settings)
        if images < IMAGES:
            PROSE.caption("fewest images", fewest=IMAGES, images=images)


def _show_gap(request: TrialRequest, result: Trial) -> None:
    best, last = result.best, result.epochs[-1]
    loss_and_accuracy(result, request.epochs, best.epoch)
    sentences = [
        PROSE.text("stopping point", best_epoch=best.epoch, best_loss=best.validation_loss)
    ]
    if best is not last:
        sentences.append(PROSE.text("later", epoch=last.epoch, loss=last.validation_loss))
    gap = PROSE.text(
        "gap",
        loss=last.loss,
        gap=last.validation_loss - last.loss,
        training=last.accuracy,
        validation=formatting.accuracy(last.validation_accuracy, VALIDATED),
    )
    st.markdown(" ".join([*sentences, gap]))
    conditions = PROSE.text("conditions", images=VALIDATED)
    caption = PROSE.text("overfitting conditions", conditions=conditions, seconds=result.seconds)
    if request.network != ARTICLE:
        caption += " " + PROSE.text("dropout values")
    st.caption(caption)


def _all_overfitting_trials() -> None:
    """Compare all settings that anybody has trained on this server."""
    rows = [
        {
            "images": images,
            "dropout": dropout,
            "smallest validation loss": result.best.validation_loss,
            "after epoch": result.best.epoch,
            "gap at the end": result.epochs[-1].validation_loss - result.epochs[-1].loss,
            "validation accuracy": result.epochs[-1].validation_accuracy,
        }
        for images, dropout in product(_FEW_IMAGES, _DROPOUTS)
        if (result := _finished(overfitting_request(images, dropout)))
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


def _show_batches(page: LessonPage) -> None:
    """Train four networks that differ only in their batch size."""
    with page.figure:
        rate = page.one_of("batchrate", "Learning rate of all four", _BATCH_RATES, 0.1)
        requests = [
            TrialRequest(f"Batches of {size}", "sgd", rate, batch=size) for size in _BATCH_SIZES
        ]
        _train_button(requests)
        _side_by_side("learn-batches", requests, columns=2)
        _batch_table(requests)
    with page.text:
        PROSE.show("batches")
        PROSE.caption("rounded up")
        steps = [
            PROSE.text("batch steps", images=IMAGES, size=request.batch, steps=request.steps)
            for request in requests
        ]
        st.markdown("  \n".join(steps))
        PROSE.show("batch question", epochs=EPOCHS)
        PROSE.code("code/batches", epochs=EPOCHS)
        for request in requests:
            label = f"Use batches of {request.batch} on the Train page"
            page.to_train(label, ARTICLE, TENTH, request.settings)


def _batch_table(requests: list[TrialRequest]) -> None:
    rows = [
        f"| {request.batch} | {request.steps * EPOCHS:,} |"
        f" {found.seconds / EPOCHS:.2f} s | {found.epochs[-1].validation_loss:.2f} |"
        for request in requests
        if (found := _finished(request))
    ]
    if len(rows) < len(requests):
        return
    head = f"| Batch size | Steps in {EPOCHS} epochs | Time per epoch | Validation loss |"
    st.markdown("\n".join([head, "| ---: | ---: | ---: | ---: |", *rows]))
    PROSE.caption("conditions", images=VALIDATED)


def _train_button(requests: Sequence[TrialRequest]) -> None:
    """Show a button that trains those that nobody on this server has asked for yet, if any."""
    missing = list({request.job: request for request in requests if not _asked(request)}.values())
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
        jobs = {request.job for request in missing}
        st.session_state[_PRESSED] = jobs | st.session_state.get(_PRESSED, set())
        st.rerun()


def _when_trained(place: str, request: TrialRequest, show: Callable[[Trial], None]) -> None:
    """Call `show` once it is trained; until then say what it waits for. `place`: see `services.ask`."""
    if _asked(request):
        answer = services.ask(place, request.job, trial, *request.job, later=True)
        when_there(answer, "Training", show)
    else:
        PROSE.caption("not trained")


def _side_by_side(place: str, requests: Sequence[TrialRequest], columns: int) -> None:
    """Show the losses in charts with the same axis, as they become ready."""
    cells = [cell for _ in range(0, len(requests), columns) for cell in st.columns(columns)]
    for number, (cell, request) in enumerate(zip(cells, requests, strict=True)):
        with cell:
            st.markdown(f"**{request.title}**")
            _when_trained(f"{place}-{number}", request, partial(_show_trial, request))


def _show_trial(request: TrialRequest, result: Trial) -> None:
    table = charts.history_table(result)
    chart = charts.history(table, "loss", request.epochs, None, top=_HIGHEST_LOSS)
    first, last = result.epochs[0].loss, result.epochs[-1]
    sentences = [PROSE.text("trial", first=first, last=last.loss, validation=last.validation_loss)]
    highest = max(max(epoch.loss, epoch.validation_loss) for epoch in result.epochs)
    if highest > _HIGHEST_LOSS:
        sentences.append(PROSE.text("off the chart", highest=highest))
    accuracy = formatting.accuracy(last.validation_accuracy, VALIDATED)
    steps, seconds = request.steps, result.seconds
    sentences.append(PROSE.text("trial accuracy", accuracy=accuracy, steps=steps, seconds=seconds))
    summary = " ".join(sentences)
    # One name below the other: the column is too narrow for both side by side.
    st.altair_chart(chart.configure_legend(columns=1), alt=f"{request.title}. {summary}")
    st.caption(summary)
    if result.outcome.ending == "diverged":
        st.error(result.outcome.message, icon=":material/trending_up:")


def _duration(requests: Sequence[TrialRequest]) -> str:
    """Say roughly how long they take together; "" while the speed of this server is unknown."""
    data = example().data
    total = 0.0
    for request in requests:
        layers = plan(request.network, data.image_shape, len(data.classes))
        epoch = services.seconds_per_epoch(layers, request.images, request.batch)
        if epoch is None:
            return ""
        total += epoch * request.epochs + _SECONDS_TO_START
    return formatting.seconds(total)
