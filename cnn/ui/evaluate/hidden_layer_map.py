"""The two-dimensional map of the last hidden layer: PCA at once, t-SNE step by step on a worker."""

from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.evaluation import projection
from cnn.evaluation.projection import Embedding, Principal, ProjectionError, hidden_layer
from cnn.inspection.edits import Edits
from cnn.training.run import RunError
from cnn.ui.common import formatting
from cnn.ui.common.choices import choice
from cnn.ui.common.notices import show_error, show_warning
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import POLL, polled, when_there
from cnn.ui.components.scatter_map import Points, scatter_map
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.evaluate.gallery import ANY, are, class_choice, gallery
from cnn.ui.state import services
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)
_WORK, _CHOSEN = "map-work", "map-chosen"
_WAYS = {"pca": "PCA", "tsne": "t-SNE"}
_ANY_WRONG = -2


@dataclass
class _Work:
    """t-SNE of the network that `network` names: its state, and the portion being computed.

    Nothing is `asked` any more once t-SNE is done or stopped.
    """

    network: str
    asked: Future[Embedding] | None
    found: Embedding | None = None


def hidden_map(session: Session, seen: EvaluatedRun) -> None:
    """The test images where the last hidden layer puts them, and the chosen group below."""
    layer = hidden_layer(services.run_plan(seen.run))
    _TEXT.show("points", outputs=layer.outputs, layer=formatting.layer_title(layer))
    way = choice("Method", _WAYS, "map-way")

    def show(found: Principal | str) -> None:
        if isinstance(found, str):
            show_warning(found)
        elif way == "pca":
            first, second = found.shares
            _TEXT.caption("pca", first=first, second=second)
            _map(session, seen, found.places, "pca")
        else:
            _by_tsne(session, seen)

    key, plan, weights, images = services.test_inputs(seen.run, seen.epoch, Edits())
    cost, find = projection.cost(plan, len(images)), projection.principal_or_why
    asked = services.compute_or_ask("map", key, cost, find, plan, weights, images)
    when_there(asked, "Finding the principal components", show)


def _by_tsne(session: Session, seen: EvaluatedRun) -> None:
    outputs = "the layer"
    if hidden_layer(services.run_plan(seen.run)).outputs > projection.MOST_COMPONENTS:
        outputs = f"the layer's first {projection.MOST_COMPONENTS} principal components"
    _TEXT.caption("tsne", outputs=outputs, perplexity=projection.PERPLEXITY)
    work: _Work | None = st.session_state.get(_WORK)
    if work is None or work.network != seen.key:
        _, *inputs = services.test_inputs(seen.run, seen.epoch, Edits())
        asked = services.engine().call(projection.begin, *inputs, later=True)
        work = st.session_state[_WORK] = _Work(seen.key, asked)
    if work.asked is None:
        assert work.found is not None
        if not work.found.done:
            st.info(f"Stopped after {work.found.iteration} of {projection.ITERATIONS} iterations.")
        _map(session, seen, work.found.places, f"tsne-{work.found.iteration}")
    elif work.asked.done() and (error := work.asked.exception()):
        known = isinstance(error, ProjectionError | RunError)
        show_error(error if known else f"t-SNE stopped: {error}.")
        if st.button("Try again", icon=":material/refresh:"):
            del st.session_state[_WORK]
            st.rerun()
    else:
        polled(_under_way, POLL, seen, work)


def _under_way(seen: EvaluatedRun, work: _Work) -> None:
    """The points as they move; asks for the next portion as soon as one is done."""
    if work.asked and work.asked.done() and not work.asked.exception():
        work.found = work.asked.result()
        more = not work.found.done
        call = services.engine().call
        work.asked = call(projection.move, work.found, later=True) if more else None
    if work.asked is None or work.asked.done():
        st.rerun()
    done = work.found.iteration if work.found else 0
    early = " (first, neighbors are pulled together)" if 0 < done <= projection.EXAGGERATED else ""
    last = projection.ITERATIONS
    progress = f"{done} of {last} iterations{early}" if done else "Finding neighbors"
    st.progress(done / last, progress)
    if work.found is not None:
        if done and st.button("Stop here", icon=":material/stop:"):
            work.asked.cancel()
            work.asked = None
            st.rerun()
        label = f"{len(seen.data.test)} moving points"
        places = work.found.places
        scatter_map(places, _points(seen), (), label, lambda _: None, "map-moving", moving=True)


def _map(session: Session, seen: EvaluatedRun, places: NDArray[np.floating], name: str) -> None:
    """The points, and the chosen group; it is the same on every map."""
    network, chosen = st.session_state.get(_CHOSEN, ("", ()))
    if network != seen.key:
        chosen = ()

    def choose(found: tuple[int, ...]) -> None:
        st.session_state[_CHOSEN] = (seen.key, found)

    wrong = (~seen.predictions.correct).sum()
    label = _TEXT.text("label", images=len(places), classes=len(seen.data.classes), wrong=wrong)
    scatter_map(places, _points(seen), chosen, label, choose, key=f"map-{seen.key}-{name}")
    _by_class(seen)
    if chosen:
        _group(session, seen, chosen)


def _by_class(seen: EvaluatedRun) -> None:
    """Choose a group without a pointer."""
    found = seen.predictions
    others = {ANY: "any prediction", _ANY_WRONG: "any wrong prediction"}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        actual = class_choice(seen, "Or choose by actual class", "map-actual")
        predicted = class_choice(seen, "and by prediction", "map-predicted", others)
        if st.button("Select", icon=":material/select_all:"):
            wrong = predicted == _ANY_WRONG
            wanted = ~found.correct if wrong else are(found.predicted, predicted)
            wanted = wanted & are(found.true_labels, actual)
            st.session_state[_CHOSEN] = (seen.key, tuple(np.flatnonzero(wanted).tolist()))
            if not wanted.any():
                st.toast("No test image matches.")
            st.rerun()


def _group(session: Session, seen: EvaluatedRun, chosen: tuple[int, ...]) -> None:
    places, found = np.array(chosen), seen.predictions
    with st.container(horizontal=True, vertical_alignment="center"):
        wrong = (~found.correct[places]).sum()
        st.markdown(_TEXT.text("selected", images=len(chosen), wrong=wrong), width="content")
        if st.button("Clear selection", icon=":material/deselect:"):
            del st.session_state[_CHOSEN]
            st.rerun()
    sides = {"actual": found.true_labels[places], "predicted": found.predicted[places]}
    counts = pd.DataFrame(sides).apply(pd.Series.value_counts).fillna(0).astype(int)
    counts.insert(0, "class", [seen.data.classes[label] for label in counts.index])
    st.dataframe(
        counts.sort_values([*sides], ascending=False),
        hide_index=True,
        width="content",
        alt="Actual and predicted classes of the selection",
    )
    gallery(session, seen, places, f"map-group-{hash(chosen)}")


def _points(seen: EvaluatedRun) -> Points:
    return Points(
        seen.data.test,
        seen.predictions.true_labels,
        seen.predictions.predicted,
        seen.data.dataset.images[seen.data.test],
        tuple(seen.data.classes),
    )
