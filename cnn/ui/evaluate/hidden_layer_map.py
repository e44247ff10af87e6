"""The two-dimensional map of the last hidden layer: PCA at once, t-SNE as a worker gets on with it."""

from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.evaluation.projection import (
    EXAGGERATED,
    FEWEST,
    ITERATIONS,
    MOST_COMPONENTS,
    PERPLEXITY,
    Embedding,
    Principal,
    ProjectionError,
    begin,
    hidden_layer,
    move,
    principal_or_why,
)
from cnn.ui.common import formatting
from cnn.ui.common.waiting import POLL, polled, when_there
from cnn.ui.components.scatter_map import Points, scatter_map
from cnn.ui.evaluate.evaluated_run import EvaluatedRun
from cnn.ui.evaluate.gallery import gallery
from cnn.ui.state import services
from cnn.ui.state.session import Session

_WORK, _CHOSEN = "map-work", "map-chosen"
_WAYS = {"pca": "PCA", "tsne": "t-SNE"}


@dataclass
class _Work:
    """t-SNE of the network that `network` names: how far it is, and the next portion to come."""

    network: str
    asked: Future[Embedding] | None
    found: Embedding | None = None
    fault: str = ""


def hidden_map(session: Session, seen: EvaluatedRun) -> None:
    """The test images where the last hidden layer puts them; a group of them is shown below."""
    plan = services.run_plan(seen.run)
    layer = hidden_layer(plan)
    st.markdown(
        f"Every test image as a point, by the {formatting.thousands(layer.outputs)} numbers of"
        f" **{formatting.layer_title(layer)}**, all that the logits read of it. Images near each other"
        " look alike to the network."
    )
    way = st.segmented_control(
        "Laid out by",
        list(_WAYS),
        default="pca",
        required=True,
        format_func=_WAYS.__getitem__,
        key="map-way",
        persist_state="session",
    )
    points = Points(
        seen.data.test,
        seen.metrics.truth,
        seen.metrics.said,
        seen.data.dataset.images[seen.data.test],
        tuple(seen.data.classes),
    )
    when_there(
        _principal(seen),
        "Finding the principal components",
        lambda found: (_by_pca if way == "pca" else _by_tsne)(session, seen, points, found),
    )


def _by_pca(session: Session, seen: EvaluatedRun, points: Points, found: Principal | str) -> None:
    if isinstance(found, str):
        st.warning(found, icon=":material/warning:")
        return
    first, second = found.shares
    st.caption(
        "PCA turns the cloud of points so that two axes show as much of its spread as two axes can:"
        f" {formatting.percent(first)} and {formatting.percent(second)} of the variance here. What lies apart"
        " is apart; what lies together may be apart in the directions that are not seen."
    )
    _map(session, seen, points, found.places, "pca")


def _by_tsne(session: Session, seen: EvaluatedRun, points: Points, found: Principal | str) -> None:
    if isinstance(found, str):
        st.warning(found, icon=":material/warning:")
        return
    if len(points.numbers) < FEWEST:
        st.info(f"t-SNE needs at least {FEWEST} test images; there are {len(points.numbers)}.")
        return
    larger = hidden_layer(services.run_plan(seen.run)).outputs > MOST_COMPONENTS
    inner = f" (in its first {MOST_COMPONENTS} principal components)" if larger else ""
    st.caption(
        "t-SNE moves the points until those that are neighbors in the layer"
        f"{inner} are neighbors here (perplexity {PERPLEXITY}). Groups and neighbors mean something;"
        " distances between groups and their sizes do not."
    )
    work: _Work | None = st.session_state.get(_WORK)
    if work is None or work.network != seen.key:
        asked = services.engine().call(begin, *_asked_of(seen), later=True)
        work = st.session_state[_WORK] = _Work(seen.key, asked)
    if work.fault:
        st.error(work.fault, icon=":material/error:")
        if st.button("Try again", icon=":material/refresh:"):
            del st.session_state[_WORK]
            st.rerun()
    elif work.found is not None and (work.asked is None or work.found.done):
        if not work.found.done:
            st.info(f"Stopped after {work.found.iteration} of {ITERATIONS} iterations.")
        _map(session, seen, points, work.found.places, f"tsne-{work.found.iteration}")
    else:
        polled(_under_way, POLL, points, work)


def _under_way(points: Points, work: _Work) -> None:
    """The points as they move, and the next portion asked for as soon as one is there."""
    if work.asked is not None and work.asked.done():
        error = work.asked.exception()
        if error is None:
            work.found = work.asked.result()
            work.asked = services.engine().call(move, work.found, later=True)
        else:
            work.fault = (
                str(error) if isinstance(error, ProjectionError) else f"t-SNE broke off: {error}."
            )
        if work.fault or (work.found is not None and work.found.done):
            if work.asked is not None:
                work.asked.cancel()
            work.asked = None
            st.rerun()
    done = work.found.iteration if work.found else 0
    early = "; neighbors are drawn together first" if 0 < done <= EXAGGERATED else ""
    told = f"{done} of {ITERATIONS} iterations{early}" if done else "Looking for neighbors"
    st.progress(done / ITERATIONS, told)
    if work.found is not None:
        if done and st.button("Stop here", icon=":material/stop:"):
            if work.asked is not None:
                work.asked.cancel()
            work.asked = None
            st.rerun()
        label = f"{len(points.numbers)} points on the move"
        scatter_map(work.found.places, points, (), label, lambda _: None, "map-moving", moving=True)


def _map(
    session: Session, seen: EvaluatedRun, points: Points, places: NDArray[np.floating], name: str
) -> None:
    chosen = _chosen(seen)

    def choose(found: tuple[int, ...]) -> None:
        st.session_state[_CHOSEN] = (seen.key, found)

    label = (
        f"Map of {len(places)} test images in {len(points.classes)} classes;"
        f" {int((points.truth != points.said).sum())} are answered wrongly. Groups can also be"
        " chosen by the boxes below."
    )
    scatter_map(places, points, chosen, label, choose, key=f"map-{seen.key}-{name}")
    _by_class(seen, points)
    if chosen:
        _group(session, seen, points, chosen)


def _chosen(seen: EvaluatedRun) -> tuple[int, ...]:
    """The group that is chosen, as places in the test set; it is the same on every map."""
    key, chosen = st.session_state.get(_CHOSEN, ("", ()))
    return chosen if key == seen.key else ()


def _by_class(seen: EvaluatedRun, points: Points) -> None:
    """A group chosen without a pointer."""
    classes = list(range(len(points.classes)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        true = st.selectbox(
            "Or choose by class",
            classes,
            format_func=points.classes.__getitem__,
            key=f"map-true-{seen.data.choice}",
            width=220,
        )
        said = st.selectbox(
            "and by answer",
            [-2, -1, *classes],
            format_func=lambda one: {-2: "any answer", -1: "any wrong answer"}.get(
                one, points.classes[one]
            ),
            key=f"map-said-{seen.data.choice}",
            width=220,
        )
        if st.button("Choose these", icon=":material/select_all:"):
            wanted = points.truth == true
            if said != -2:
                wanted &= (points.said != points.truth) if said == -1 else (points.said == said)
            st.session_state[_CHOSEN] = (seen.key, tuple(np.flatnonzero(wanted).tolist()))
            if not wanted.any():
                st.toast("No test image is like this.")
            st.rerun()


def _group(session: Session, seen: EvaluatedRun, points: Points, chosen: tuple[int, ...]) -> None:
    places = np.array(chosen)
    wrong = int((points.truth[places] != points.said[places]).sum())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{formatting.thousands(len(chosen))} chosen**, {formatting.thousands(wrong)} of them answered"
            " wrongly.",
            width="content",
        )
        if st.button("Let go", icon=":material/deselect:"):
            del st.session_state[_CHOSEN]
            st.rerun()
    true, said = (Counter(one[places].tolist()) for one in (points.truth, points.said))
    rows = pd.DataFrame(
        {
            "class": [points.classes[kind] for kind, _ in (true + said).most_common()],
            "are": [true[kind] for kind, _ in (true + said).most_common()],
            "answered so": [said[kind] for kind, _ in (true + said).most_common()],
        }
    )
    st.dataframe(rows, hide_index=True, width="content", alt="The group's classes and answers")
    gallery(session, seen, places, f"map-group-{hash(chosen)}")


def _asked_of(seen: EvaluatedRun) -> tuple[object, ...]:
    return (
        services.run_plan(seen.run),
        services.weights(seen.run.id, seen.epoch),
        seen.data.dataset.images[seen.data.test],
    )


def _principal(seen: EvaluatedRun) -> "Future[Principal | str]":
    """The principal components, or a sentence that says why there are none."""
    plan, images = services.run_plan(seen.run), len(seen.data.test)
    numbers = hidden_layer(plan).outputs
    least = min(images, numbers)
    if plan.multiply_accumulates * images + images * numbers * least + least**3 < services.HEAVY:
        answer: Future[Principal | str] = Future()
        answer.set_result(_found(seen.run.id, seen.epoch))
        return answer
    key = (seen.run.id, seen.epoch)
    return services.ask("map", key, principal_or_why, *_asked_of(seen))


@st.cache_resource(show_spinner=False, max_entries=32)
def _found(run_id: str, epoch: int) -> Principal | str:
    run = services.run_store().run(run_id)
    data = services.chosen(run.job.data)
    plan = services.run_plan(run)
    return principal_or_why(plan, services.weights(run_id, epoch), data.dataset.images[data.test])
