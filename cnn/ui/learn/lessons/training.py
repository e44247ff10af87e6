"""Lesson: Training. One step of gradient descent, and small networks trained side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil, log

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.data.example import EXAMPLE_DATASET
from cnn.data.split import DataChoice
from cnn.lessons import worker_tasks
from cnn.lessons.gradient_step import LEARNING_RATES, GradientStep, filter_weights, stepped
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.training.job import OptimizerName, Phase, Settings
from cnn.training.trial import VALIDATED, Trial, trial
from cnn.ui.common import charts, formatting
from cnn.ui.common.glossary import definition
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.prose import read_prose, significant, tex
from cnn.ui.common.theme import POSITIVE, QUIET
from cnn.ui.common.waiting import when_there
from cnn.ui.components.kernel_pairs import kernel_step
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.figure import text_and_figure
from cnn.ui.learn.next_steps import to_train
from cnn.ui.learn.question import ask
from cnn.ui.state import services
from cnn.ui.state.session import Session
from cnn.ui.state.url import DEFAULT_DATA

PROSE = read_prose("training")

_TOPICS = {
    "step": "One step",
    "rates": "Learning rate",
    "overfitting": "Overfitting",
    "batches": "Batch size",
}
_LAYER = "convolution_1"
_STEP_EPOCHS = (0, 1, 3, 10, 30)
_RATE = 0.1
_MOVED = ("all weights", "this filter only")

IMAGES, EPOCHS, BATCH = 1000, 10, 32
"""The defaults of a trial."""

TENTH = DataChoice(EXAMPLE_DATASET, train_share=0.1)
"""The choice of data that trains on the same 1,000 images; the Train page takes no fewer."""

_HIGHEST_LOSS = 3.0
"""The end of the loss axis: above the loss of guessing among ten classes, ln 10 = 2.30."""

_SECONDS_TO_START = 1.0
_PRESSED = "learn-trials-pressed"

_RATE_NAMES = ("Small", "Medium", "Large")
_RATE_KEYS = ("small", "middle", "large")
_RATES = (0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_DEFAULT_RATES: dict[OptimizerName, tuple[float, float, float]] = {
    "sgd": (0.01, 0.3, 3.0),
    "adam": (0.0001, 0.01, 0.3),
}
_OPTIMIZERS = {"sgd": "Gradient descent (SGD)", "adam": "Adam"}

_FEW_IMAGES = (100, 200, 500, IMAGES)
_DROPOUTS = (0.0, 0.3, 0.5)
_MANY_EPOCHS = 40

_BATCH_SIZES = (8, 32, 128, 512)
_BATCH_RATES = (0.03, 0.1, 0.3)


def show(session: Session, controls: Controls) -> None:
    """Draw the chosen topic."""
    topic = controls.part("topic", _TOPICS, "step")
    topics = {
        "step": show_step,
        "rates": show_rates,
        "overfitting": show_overfitting,
        "batches": show_batches,
    }
    topics[topic](session, controls)


@dataclass(frozen=True, eq=False)
class _Step:
    """A step: the network's weights before it, which of them are the filter's, the learning rate."""

    weights: NDArray[np.float32]
    filter: NDArray[np.bool_]
    rate: float
    measured: GradientStep

    @property
    def after(self) -> NDArray[np.float32]:
        """The weights after the step."""
        return stepped(self.weights, self.measured.gradient, self.rate)

    @property
    def place(self) -> int:
        """The position of the learning rate in `LEARNING_RATES`."""
        return LEARNING_RATES.index(self.rate)


def show_step(session: Session, controls: Controls) -> None:
    """Show a kernel and the loss before and after one step, and the loss by learning rate."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    plan, data = services.run_plan(run), services.chosen(run.job.data)
    batch = data.train[: run.job.settings.batch_size]
    text, figure = text_and_figure()
    with figure:
        epochs = {str(epoch): str(epoch) if epoch else "0, untrained" for epoch in _STEP_EPOCHS}
        count = plan.layer(_LAYER).output_shape[2]
        with st.container(horizontal=True):
            epoch = int(controls.choice("epoch", "After epoch", epochs, "1"))
            number = controls.one_of("filter", "Filter of Convolution 1", range(1, count + 1), 3)
        rate = controls.one_of("rate", "Learning rate", LEARNING_RATES, _RATE, slider=True)
        weights = services.weights(run.id, epoch)
        filter_only = filter_weights(plan, _LAYER, number - 1)
        answer = services.ask(
            "learn-step",
            (run.id, epoch, number),
            worker_tasks.gradient_step,
            plan,
            weights,
            data.dataset.images[batch],
            data.labels[batch],
            filter_only,
        )
        charts = st.container()
    with text:
        PROSE.show("step", images=len(batch), parameters=formatting.thousands(plan.parameters))
        formula = st.container()
        st.code(f"keras.optimizers.SGD(\n    learning_rate={rate:g}\n)", wrap_lines=True)
        PROSE.show("after training")
        answered = ask(controls, PROSE, rate=f"{_RATE:g}")
        settings = Settings((Phase(run.job.settings.epochs, rate),), len(batch), "sgd")
        to_train(
            session,
            "Train with this learning rate",
            run.job.network,
            run.job.data,
            settings,
        )

    def draw(measured: GradientStep) -> None:
        step = _Step(weights, filter_only, rate, measured)
        with formula:
            _formula(step)
        _losses(step)
        kernel_step(
            weights[filter_only],
            measured.gradient[filter_only],
            step.after[filter_only],
            rate,
            controls.key("kernels"),
        )
        _loss_curve(step, answered)

    with charts:
        when_there(answer, "Computing the gradient with Keras", draw)


def _formula(step: _Step) -> None:
    """Show the step of the weight with the steepest slope; the filter's last weight is its bias."""
    weights, slopes, moved = (
        values[step.filter][:-1] for values in (step.weights, step.measured.gradient, step.after)
    )
    steepest = int(np.abs(slopes).argmax())
    before, slope, after = (
        _four_decimals(float(values[steepest])) for values in (weights, slopes, moved)
    )
    slope = slope if slopes[steepest] >= 0 else f"({slope})"
    PROSE.show("step formula", before=before, rate=f"{step.rate:g}", slope=slope, after=after)
    PROSE.caption("step symbols")


def _four_decimals(value: float) -> str:
    """Return a number in LaTeX with four decimals, so that even a small step adds up."""
    return tex(value) if abs(value) < 0.001 else f"{value:.4f}"


def _losses(step: _Step) -> None:
    measured = step.measured
    before, all_moved, filter_moved = st.columns(3)
    before.metric("Loss before", f"{measured.loss:.4f}")
    count = formatting.thousands(len(step.weights))
    for column, label, losses in (
        (all_moved, f"All {count} weights moved", measured.losses),
        (filter_moved, "Only this filter moved", measured.losses_filter_only),
    ):
        loss = float(losses[step.place])
        change = f"{loss - measured.loss:+.4f}"
        column.metric(label, f"{loss:.4f}", change, delta_color="inverse")


def _loss_curve(step: _Step, answered: bool) -> None:
    if not answered:
        PROSE.caption("curve locked")
        return
    measured = step.measured
    lines = zip(_MOVED, (measured.losses, measured.losses_filter_only), strict=True)
    table = pd.DataFrame(
        {"rate": rate, "loss": float(loss), "moved": moved}
        for moved, losses in lines
        for rate, loss in zip(LEARNING_RATES, losses, strict=True)
    )
    best = int(measured.losses.argmin())
    lowest, last = float(measured.losses[best]), float(measured.losses[-1])
    fall = max(measured.loss - lowest, 0.001 * measured.loss)
    chart = _loss_by_rate(table, measured.loss, step.rate, measured.loss + 2 * fall)
    best_step = PROSE.text(
        "best step",
        best_rate=f"{LEARNING_RATES[best]:g}",
        lowest=significant(lowest),
        last_rate=f"{LEARNING_RATES[-1]:g}",
        last=significant(last),
        before=significant(measured.loss),
    )
    st.altair_chart(chart, key="learn-step-curve", alt=f"The loss by learning rate. {best_step}")
    st.caption(f"{best_step} {PROSE.text('curve')}")


def _loss_by_rate(
    table: pd.DataFrame, before: float, rate: float, top: float
) -> alt.LayerChart | alt.FacetChart:
    """Draw a line for each of `_MOVED`; columns "rate", "loss" and "moved".

    A horizontal line marks the loss `before` the step, a vertical one the chosen `rate`. Values above
    `top` are cut off.
    """
    low = min(float(table["loss"].min()), before)
    scale = alt.Scale(domain=[low - 0.05 * (top - low), top], nice=False)
    x = alt.X(
        "rate:Q", title="learning rate", scale=alt.Scale(type="log"), axis=alt.Axis(format="~g")
    )
    y = alt.Y("loss:Q", title="loss after the step", scale=scale)
    legend = alt.Legend(
        orient="top", symbolType="stroke", symbolSize=500, symbolStrokeWidth=2, labelLimit=200
    )
    colors = alt.Scale(domain=_MOVED, range=[POSITIVE, QUIET])
    dashes = alt.Scale(domain=_MOVED, range=[[1, 0], [6, 4]])
    lines = (
        alt.Chart(table)
        .mark_line(clip=True, point=alt.OverlayMarkDef(filled=True, size=30, clip=True))
        .encode(
            x=x,
            y=y,
            color=alt.Color("moved:N", title=None, scale=colors, legend=legend),
            strokeDash=alt.StrokeDash("moved:N", title=None, scale=dashes, legend=legend),
            tooltip=["rate", "moved", alt.Tooltip("loss:Q", format=".4f")],
        )
    )
    level = alt.Chart(pd.DataFrame({"loss": [before], "text": ["before the step"]})).encode(y=y)
    vertical = alt.Chart(pd.DataFrame({"rate": [rate]})).mark_rule(color=QUIET, strokeDash=[2, 2])
    return alt.layer(
        level.mark_rule(color=QUIET, strokeDash=[2, 2]),
        level.mark_text(align="left", x=4, dy=-7, color=QUIET).encode(text="text:N"),
        vertical.encode(x="rate:Q"),
        lines,
    ).properties(height=260, padding=CHART_PADDING)


@dataclass(frozen=True)
class TrialRequest:
    """A small training that a lesson asks for; `title` tells it apart from those next to it."""

    title: str
    settings: Settings
    network: Network = ARTICLE
    images: int = IMAGES

    @property
    def job(self) -> tuple[Network, Settings, int]:
        """Everything that decides its numbers."""
        return self.network, self.settings, self.images

    @property
    def steps(self) -> int:
        """Steps per epoch."""
        return ceil(self.images / self.settings.batch_size)


def trial_settings(
    optimizer: OptimizerName, rate: float, batch: int = BATCH, epochs: int = EPOCHS
) -> Settings:
    """Return the settings of a trial."""
    return Settings((Phase(epochs, rate),), batch, optimizer)


def show_rates(session: Session, controls: Controls) -> None:
    """Train three networks that differ only in their learning rate."""
    text, figure = text_and_figure()
    with figure:
        chosen = controls.choice(
            "optimizer", "Optimizer", _OPTIMIZERS, "sgd", help=definition("optimizer")
        )
        optimizer: OptimizerName = "adam" if chosen == "adam" else "sgd"
        rates = _choose_rates(controls, optimizer)
        requests = [
            TrialRequest(f"{name}: {rate:g}", trial_settings(optimizer, rate))
            for name, rate in zip(_RATE_NAMES, rates, strict=True)
        ]
        _train_button(requests)
        _side_by_side("learn-rates", requests, columns=3)
        _best_rate(requests)
    with text:
        PROSE.show(
            "rates",
            images=formatting.thousands(IMAGES),
            epochs=EPOCHS,
            guessing=f"{log(10):.2f}",
        )
        if optimizer == "adam":
            PROSE.show("adam")
        name = "SGD" if optimizer == "sgd" else "Adam"
        st.code(f"keras.optimizers.{name}(\n    learning_rate={rates[1]:g}\n)", wrap_lines=True)
        for rate in dict.fromkeys(rates):
            label = f"Use learning rate {rate:g} on the Train page"
            to_train(session, label, ARTICLE, TENTH, trial_settings(optimizer, rate))


def _choose_rates(controls: Controls, optimizer: OptimizerName) -> list[float]:
    rates = []
    for column, name, key, default in zip(
        st.columns(3), _RATE_NAMES, _RATE_KEYS, _DEFAULT_RATES[optimizer], strict=True
    ):
        rates.append(
            controls.one_of(
                f"{key}{optimizer}", f"{name} rate", _RATES, default, slider=True, at=column
            )
        )
    return rates


def _best_rate(requests: list[TrialRequest]) -> None:
    """Name the learning rate with the smallest validation loss, once all are trained."""
    trials = [finished_trial(request) for request in requests]
    if not all(trials):
        return
    losses = {
        request.settings.learning_rate(1): trial.epochs[-1].validation_loss
        for request, trial in zip(requests, trials, strict=True)
        if trial is not None and trial.outcome.ending == "done"
    }
    if losses:
        best = min(losses, key=losses.__getitem__)
        PROSE.show("best rate", epochs=EPOCHS, loss=f"{losses[best]:.2f}", rate=f"{best:g}")
    st.caption(_conditions())


def show_overfitting(session: Session, controls: Controls) -> None:
    """Train a network that memorizes a few images."""
    text, figure = text_and_figure()
    with figure:
        with st.container(horizontal=True):
            counts = {str(count): formatting.thousands(count) for count in _FEW_IMAGES}
            rates = {
                f"{rate:g}": formatting.percent(rate, 0) if rate else "None" for rate in _DROPOUTS
            }
            images = int(controls.choice("images", "Training images", counts, "200"))
            dropout = float(controls.choice("dropout", "Dropout after Dense 1", rates, "0"))
        request = _overfitting_request(images, dropout)
        _train_button([request])
        _when_trained("learn-overfitting", request, partial(_show_overfitting, request))
        _all_overfitting_trials()
    with text:
        PROSE.show("overfitting")
        lines = [f"keras.layers.Dropout({dropout:g})"] if dropout else []
        lines.append(
            "keras.callbacks.EarlyStopping(\n    patience=3,\n    restore_best_weights=True,\n)"
        )
        st.code("\n".join(lines), wrap_lines=True)
        PROSE.show("two measures")
        to_train(session, "Open this on the Train page", request.network, TENTH, request.settings)
        if images < IMAGES:
            PROSE.caption("fewest images", fewest=formatting.thousands(IMAGES), images=images)


def _overfitting_request(images: int, dropout: float) -> TrialRequest:
    regularization = f"dropout {formatting.percent(dropout, 0)}" if dropout else "no dropout"
    [dense] = ARTICLE.dense
    return TrialRequest(
        f"{formatting.thousands(images)} images, {regularization}",
        trial_settings("adam", 0.01, epochs=_MANY_EPOCHS),
        replace(ARTICLE, dense=(replace(dense, dropout=dropout),)),
        images,
    )


def _show_overfitting(request: TrialRequest, result: Trial) -> None:
    best, last = result.best, result.epochs[-1]
    table = charts.history_table(result)
    for column, measure in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        values = table[table["kind"] == "epoch"].groupby("set")[measure].last()
        final = ", ".join(f"{name} {value:.3f}" for name, value in values.items())
        with column:
            st.altair_chart(
                charts.history(table, measure, request.settings.epochs, best.epoch),
                alt=f"{request.title}: {measure} by epoch. At the end: {final}.",
            )
    sentences = [
        PROSE.text("stopping point", best_epoch=best.epoch, best_loss=f"{best.validation_loss:.2f}")
    ]
    if best is not last:
        sentences.append(PROSE.text("later", epoch=last.epoch, loss=f"{last.validation_loss:.2f}"))
    sentences.append(
        PROSE.text(
            "gap",
            loss=f"{last.loss:.2f}",
            gap=f"{last.validation_loss - last.loss:.2f}",
            training=formatting.percent(last.accuracy),
            validation=formatting.accuracy(last.validation_accuracy, VALIDATED),
        )
    )
    st.markdown(" ".join(sentences))
    conditions = PROSE.text(
        "overfitting conditions", conditions=_conditions(), seconds=f"{result.seconds:.1f}"
    )
    if request.network != ARTICLE:
        conditions += " " + PROSE.text("dropout values")
    st.caption(conditions)


def _all_overfitting_trials() -> None:
    """Compare all settings that anybody has trained on this server."""
    rows = []
    for images in _FEW_IMAGES:
        for dropout in _DROPOUTS:
            result = finished_trial(_overfitting_request(images, dropout))
            if result is not None:
                last = result.epochs[-1]
                rows.append(
                    {
                        "images": images,
                        "dropout": dropout,
                        "smallest validation loss": result.best.validation_loss,
                        "after epoch": result.best.epoch,
                        "gap at the end": last.validation_loss - last.loss,
                        "validation accuracy": last.validation_accuracy,
                    }
                )
    if len(rows) < 2:
        return
    percent = st.column_config.NumberColumn(format="percent")
    two_decimals = st.column_config.NumberColumn(format="%.2f")
    st.markdown("**All settings trained here so far**")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt=f"{len(rows)} settings with the gap of each",
        column_config={
            "dropout": percent,
            "smallest validation loss": two_decimals,
            "gap at the end": two_decimals,
            "validation accuracy": percent,
        },
    )


def show_batches(session: Session, controls: Controls) -> None:
    """Train four networks that differ only in their batch size."""
    text, figure = text_and_figure()
    with figure:
        rate = controls.one_of("batchrate", "Learning rate of all four", _BATCH_RATES, 0.1)
        requests = [
            TrialRequest(f"Batches of {size}", trial_settings("sgd", rate, batch=size))
            for size in _BATCH_SIZES
        ]
        _train_button(requests)
        _side_by_side("learn-batches", requests, columns=2)
        _batch_table(requests)
    with text:
        PROSE.show("batches")
        PROSE.caption("rounded up")
        st.markdown(
            "  \n".join(
                PROSE.text(
                    "batch steps",
                    images=formatting.thousands(IMAGES),
                    size=request.settings.batch_size,
                    steps=request.steps,
                )
                for request in requests
            )
        )
        PROSE.show("batch question", epochs=EPOCHS)
        st.code(
            f"model.fit(\n    x, y,\n    epochs={EPOCHS},\n    batch_size=32,\n)", wrap_lines=True
        )
        for request in requests:
            label = f"Use batches of {request.settings.batch_size} on the Train page"
            to_train(session, label, ARTICLE, TENTH, request.settings)


def _batch_table(requests: list[TrialRequest]) -> None:
    trials = [trial for request in requests if (trial := finished_trial(request)) is not None]
    if len(trials) < len(requests):
        return
    rows = [
        f"| {request.settings.batch_size} | {formatting.thousands(request.steps * EPOCHS)} |"
        f" {trial.seconds / EPOCHS:.2f} s | {trial.epochs[-1].validation_loss:.2f} |"
        for request, trial in zip(requests, trials, strict=True)
    ]
    head = f"| Batch size | Steps in {EPOCHS} epochs | Time per epoch | Validation loss |"
    st.markdown("\n".join([head, "| ---: | ---: | ---: | ---: |", *rows]))
    st.caption(_conditions())


def _conditions() -> str:
    return PROSE.text("conditions", images=formatting.thousands(VALIDATED))


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
        _pressed().update(request.job for request in missing)
        st.rerun()


def _when_trained(place: str, request: TrialRequest, show: Callable[[Trial], None]) -> None:
    """Call `show` once it is trained; until then say what it waits for. `place`: see `services.ask`."""
    if _asked(request):
        answer = services.ask(place, request.job, trial, *request.job, later=True)
        when_there(answer, "Training", show)
    else:
        PROSE.caption("not trained")


def finished_trial(request: TrialRequest) -> Trial | None:
    """Return the trial if it has finished without an error."""
    answer = services.asked(request.job, trial)
    if answer is None or not answer.done() or answer.cancelled() or answer.exception():
        return None
    return answer.result()


def _side_by_side(place: str, requests: Sequence[TrialRequest], columns: int) -> None:
    """Show the losses in charts with the same axis, as they become ready."""
    for first in range(0, len(requests), columns):
        row = zip(st.columns(columns), requests[first : first + columns], strict=False)
        for number, (column, request) in enumerate(row, start=first):
            with column:
                st.markdown(f"**{request.title}**")
                _when_trained(f"{place}-{number}", request, partial(_show_trial, request))


def _show_trial(request: TrialRequest, result: Trial) -> None:
    chart = charts.history(
        charts.history_table(result), "loss", request.settings.epochs, None, top=_HIGHEST_LOSS
    )
    summary = _trial_in_words(request, result)
    # One name below the other: the column is too narrow for both side by side.
    st.altair_chart(chart.configure_legend(columns=1), alt=f"{request.title}. {summary}")
    st.caption(summary)
    if result.outcome.ending == "diverged":
        st.error(result.outcome.message, icon=":material/trending_up:")


def _trial_in_words(request: TrialRequest, result: Trial) -> str:
    first, last = result.epochs[0], result.epochs[-1]
    highest = max(max(epoch.loss, epoch.validation_loss) for epoch in result.epochs)
    sentences = [
        PROSE.text(
            "trial",
            first=f"{first.loss:.2f}",
            last=f"{last.loss:.2f}",
            validation=f"{last.validation_loss:.2f}",
        )
    ]
    if highest > _HIGHEST_LOSS:
        sentences.append(PROSE.text("off the chart", highest=f"{highest:.1f}"))
    sentences.append(
        PROSE.text(
            "trial accuracy",
            accuracy=formatting.accuracy(last.validation_accuracy, VALIDATED),
            steps=request.steps,
            seconds=f"{result.seconds:.1f}",
        )
    )
    return " ".join(sentences)


def _asked(request: TrialRequest) -> bool:
    """Whether this visitor, or anybody else on this server, has asked for it."""
    answer = services.asked(request.job, trial)
    return request.job in _pressed() or (answer is not None and not answer.cancelled())


def _pressed() -> set[tuple[Network, Settings, int]]:
    """Return the trials that this visitor has asked for."""
    jobs: set[tuple[Network, Settings, int]] = st.session_state.setdefault(_PRESSED, set())
    return jobs


def _duration(requests: Sequence[TrialRequest]) -> str:
    """Say roughly how long they take together; "" while the speed of this server is unknown."""
    data = services.chosen(DEFAULT_DATA)
    total = 0.0
    for request in requests:
        layers = plan(request.network, data.image_shape, len(data.classes))
        epoch = services.seconds_per_epoch(layers, request.images, request.settings.batch_size)
        if epoch is None:
            return ""
        total += epoch * request.settings.epochs + _SECONDS_TO_START
    return formatting.seconds(total)
