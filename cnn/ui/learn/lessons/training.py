"""Lesson: Training. One step of gradient descent on one kernel; the other topics train networks."""

from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.lessons import worker_tasks
from cnn.lessons.gradient_step import LEARNING_RATES, GradientStep, filter_weights, stepped
from cnn.training.job import Phase, Settings
from cnn.ui.common import formatting
from cnn.ui.common.prose import read_prose
from cnn.ui.common.theme import POSITIVE, QUIET
from cnn.ui.common.waiting import when_there
from cnn.ui.components.kernel_pairs import kernel_step
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.formula import significant, tex
from cnn.ui.learn.lesson import Lesson, text_and_figure
from cnn.ui.learn.lessons import training_trials
from cnn.ui.learn.next_steps import to_train
from cnn.ui.learn.question import ask
from cnn.ui.state import services
from cnn.ui.state.session import Session

PROSE = read_prose("training")

_TOPICS = {
    "step": "One step",
    "rates": "Learning rate",
    "overfitting": "Overfitting",
    "batches": "Batch size",
}
_LAYER = "convolution_1"
_EPOCHS = (0, 1, 3, 10, 30)
_RATE = 0.1
_MOVED = ("all weights", "this filter only")


def show(session: Session, controls: Controls) -> None:
    """Draw the chosen topic."""
    topic = controls.part("topic", _TOPICS, "step")
    topics = {
        "step": show_step,
        "rates": training_trials.show_rates,
        "overfitting": training_trials.show_overfitting,
        "batches": training_trials.show_batches,
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
        epochs = {str(epoch): str(epoch) if epoch else "0, untrained" for epoch in _EPOCHS}
        count = plan.layer(_LAYER).output_shape[2]
        filters = {str(number): str(number) for number in range(1, count + 1)}
        rates = {f"{rate:g}": f"{rate:g}" for rate in LEARNING_RATES}
        with st.container(horizontal=True):
            epoch = int(controls.choice("epoch", "After epoch", epochs, "1"))
            number = int(controls.choice("filter", "Filter of Convolution 1", filters, "3"))
        rate = float(controls.choice("rate", "Learning rate", rates, f"{_RATE:g}", slider=True))
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
        st.markdown(
            PROSE.text("step", images=len(batch), parameters=formatting.thousands(plan.parameters))
        )
        formula = st.container()
        st.code(f"keras.optimizers.SGD(\n    learning_rate={rate:g}\n)", language="python")
        st.markdown(PROSE.text("after training"))
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
    st.latex(
        rf"""\small \begin{{aligned}}
        w' &= w - \eta \cdot \frac{{\partial L}}{{\partial w}} \\
        &= {before} - {step.rate:g} \cdot {slope if slopes[steepest] >= 0 else f"({slope})"} \\
        &= {after}
        \end{{aligned}}"""
    )
    st.caption(PROSE.text("step symbols"))


def _four_decimals(value: float) -> str:
    """Return a number in LaTeX with four decimals, so that even a small step adds up."""
    return tex(value) if abs(value) < 0.001 else f"{value:.4f}"


def _losses(step: _Step) -> None:
    measured = step.measured
    all_moved = float(measured.losses[step.place])
    filter_moved = float(measured.losses_filter_only[step.place])
    columns = st.columns(3)
    columns[0].metric("Loss before", f"{measured.loss:.4f}")
    for column, label, loss in (
        (columns[1], f"All {formatting.thousands(len(step.weights))} weights moved", all_moved),
        (columns[2], "Only this filter moved", filter_moved),
    ):
        change = f"{loss - measured.loss:+.4f}"
        column.metric(label, f"{loss:.4f}", change, delta_color="inverse")


def _loss_curve(step: _Step, answered: bool) -> None:
    if not answered:
        st.caption(PROSE.text("curve locked"))
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
    lines = (
        alt.Chart(table)
        .mark_line(clip=True, point=alt.OverlayMarkDef(filled=True, size=30, clip=True))
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "moved:N",
                title=None,
                scale=alt.Scale(domain=_MOVED, range=[POSITIVE, QUIET]),
                legend=legend,
            ),
            strokeDash=alt.StrokeDash(
                "moved:N",
                title=None,
                scale=alt.Scale(domain=_MOVED, range=[[1, 0], [6, 4]]),
                legend=legend,
            ),
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
    ).properties(height=260)


LESSON = Lesson("training", PROSE, show)
