"""One step of gradient descent on one kernel: the first topic of the lesson on training."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection import worker_tasks
from cnn.lessons.gradient_step import RATES, Descent, filter_weights, stepped
from cnn.training.job import Phase, Settings
from cnn.ui.common import formatting
from cnn.ui.common.waiting import when_there
from cnn.ui.components.kernel_pairs import kernel_step
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.formula import tex
from cnn.ui.learn.lessons.training_chart import MOVED, loss_by_rate
from cnn.ui.learn.next_steps import to_train
from cnn.ui.learn.question import Answer, question
from cnn.ui.state import services
from cnn.ui.state.session import Session

_LAYER = "convolution_1"
_EPOCHS = (0, 1, 3, 10, 30)
_USUAL_RATE = 0.1


@dataclass(frozen=True, eq=False)
class _Step:
    """What is set: the network's weights before it, which of them are the filter's, the rate."""

    weights: NDArray[np.float32]
    filter: NDArray[np.bool_]
    rate: float
    batch: int
    found: Descent

    @property
    def after(self) -> NDArray[np.float32]:
        return stepped(self.weights, self.found.gradient, self.rate)

    @property
    def place(self) -> int:
        """Where the rate stands among those that were tried."""
        return RATES.index(self.rate)


def show(session: Session, setup: Setup) -> None:
    """The kernel before and after a step, the loss before and after, and the loss by step size."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    plan, data = services.run_plan(run), services.chosen(run.job.data)
    batch = data.train[: run.job.settings.batch_size]
    text, picture = st.columns([1, 2], gap="large")
    with picture:
        epochs = {str(one): str(one) if one else "0, untrained" for one in _EPOCHS}
        filters = {str(one + 1): str(one + 1) for one in range(plan.layer(_LAYER).output_shape[2])}
        rates = {f"{one:g}": f"{one:g}" for one in RATES}
        with st.container(horizontal=True):
            epoch = int(setup.choice("epoch", "After epoch", epochs, "1"))
            filter = int(setup.choice("filter", "Filter of Convolution 1", filters, "3")) - 1
        rate = float(setup.choice("rate", "Learning rate", rates, f"{_USUAL_RATE:g}", slider=True))
        weights = services.weights(run.id, epoch)
        part = filter_weights(plan, _LAYER, filter)
        answer = services.ask(
            "learn-step",
            (run.id, epoch, filter),
            worker_tasks.descent,
            plan,
            weights,
            data.dataset.images[batch],
            data.labels[batch],
            part,
        )
        pictures = st.container()
    with text:
        _words(len(batch), plan.parameters)
        written_out = st.container()
        st.code(f"keras.optimizers.SGD(\n    learning_rate={rate:g}\n)", language="python")
        answered = _ask(setup)
        to_train(
            session,
            "Train with such steps",
            run.job.network,
            run.job.data,
            Settings((Phase(run.job.settings.epochs, rate),), len(batch), "sgd"),
        )

    def draw(found: Descent) -> None:
        step = _Step(weights, part, rate, len(batch), found)
        with written_out:
            _formula(step)
        _losses(step)
        kernel_step(
            weights[part], found.gradient[part], step.after[part], rate, setup.key("kernels")
        )
        _curve(step, answered)

    with pictures:
        when_there(answer, "Asking Keras for the gradient", draw)


def _words(images: int, parameters: int) -> None:
    st.markdown(
        f"The **loss** $L$ says how wrong the network is, on average over a batch: here {images}"
        " training images. For every weight $w$ Keras works out the slope of the loss: how fast $L$"
        f" grows as $w$ grows. The slopes of all {formatting.thousands(parameters)} weights together are"
        " the **gradient**."
    )
    st.markdown(
        "A **step of gradient descent** moves every weight downhill, against its slope. The"
        " **learning rate** $\\eta$ says how far. For the weight with the steepest slope in this"
        " kernel:"
    )


def _formula(step: _Step) -> None:
    kernels = (one[step.filter][:-1] for one in (step.weights, step.found.gradient, step.after))
    weights, slopes, moved = kernels
    at = int(np.abs(slopes).argmax())
    before, slope, after = (_exactly(float(one[at])) for one in (weights, slopes, moved))
    st.latex(
        rf"""\small \begin{{aligned}}
        w' &= w - \eta \cdot \frac{{\partial L}}{{\partial w}} \\
        &= {before} - {step.rate:g} \cdot {slope if slopes[at] >= 0 else f"({slope})"} \\
        &= {after}
        \end{{aligned}}"""
    )
    st.caption(
        r"$\partial L / \partial w$ is the slope of the loss by this weight, $w'$ the weight after"
        " the step."
    )


def _exactly(value: float) -> str:
    """In LaTeX, with more digits than elsewhere: a step may be small."""
    return tex(value) if abs(value) < 0.001 else f"{value:.4f}"


def _losses(step: _Step) -> None:
    found = step.found
    everything, alone = float(found.losses[step.place]), float(found.alone[step.place])
    columns = st.columns(3)
    columns[0].metric("Loss before", f"{found.loss:.4f}")
    for column, label, loss in (
        (columns[1], f"All {formatting.thousands(len(step.weights))} weights moved", everything),
        (columns[2], "This filter alone moved", alone),
    ):
        change = f"{loss - found.loss:+.4f}"
        column.metric(label, f"{loss:.4f}", change, delta_color="inverse")


def _curve(step: _Step, answered: bool) -> None:
    if not answered:
        st.caption("Answer the question to see the loss after steps of every size.")
        return
    found = step.found
    lines = zip(MOVED, (found.losses, found.alone), strict=True)
    rows = [
        {"rate": rate, "loss": float(loss), "moved": moved}
        for moved, losses in lines
        for rate, loss in zip(RATES, losses, strict=True)
    ]
    best = int(found.losses.argmin())
    lowest, last = float(found.losses[best]), float(found.losses[-1])
    fall = max(found.loss - lowest, 0.001 * found.loss)
    chart = loss_by_rate(pd.DataFrame(rows), found.loss, step.rate, found.loss + 2 * fall)
    told = (
        f"Of these steps of all weights the one with rate {RATES[best]:g} brings the loss down"
        f" furthest, to {lowest:.4f}. With rate {RATES[-1]:g} it is {last:.2f}, against"
        f" {found.loss:.2f} before."
    )
    st.altair_chart(chart, key="learn-step-curve", alt=f"The loss by learning rate. {told}")
    st.caption(
        f"{told} The slope holds only where the weights are now: near by it leads down, further on"
        " the ground rises again. What lies above the picture is cut off."
    )


def _ask(setup: Setup) -> bool:
    return question(
        setup,
        f"A step with rate {_USUAL_RATE:g} brings the loss of these images down. What does a step of"
        " all weights in the same direction do that is 100 times as long?",
        (
            Answer(
                "It brings the loss down about 100 times as much",
                "That would be so on an even slope that never ends. But the slope was measured where"
                " the weights are now, and a loss cannot fall below 0.",
            ),
            Answer(
                "It makes the loss larger than before",
                "The slope holds only near by. A step that is too long runs past the valley and up"
                " the other side. The curve shows it.",
                right=True,
            ),
            Answer(
                "Nothing more: once the valley is reached, the weights stay there",
                "Nothing stops them there: the step is taken in one go, as far as the learning rate"
                " says, whatever lies between.",
            ),
        ),
    )
