"""What changes to the network do: to its decision, to the test accuracy, and filter by filter."""

import time
from concurrent.futures import Future
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from cnn.evaluation.predictions import Predictions, of_test_images
from cnn.inspection.edits import Edits
from cnn.inspection.features.ablation import Ranking, Without, images_per_call, rank
from cnn.statistics import ALPHA, mcnemar_p_value
from cnn.ui.common import formatting
from cnn.ui.common.glossary import term
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.theme import POSITIVE, QUIET
from cnn.ui.common.waiting import POLL, polled, when_there
from cnn.ui.inspect.view import InspectionView, Outputs
from cnn.ui.state import services
from cnn.ui.state.session import Session


def effect(view: InspectionView) -> None:
    """Decision and test accuracy, as trained and as changed."""
    doing = f"Running {formatting.thousands(len(view.data.test))} test images through it"
    trained = services.test_answers("effect, trained", view.run, view.epoch, Edits())
    if not view.edits:
        when_there(trained, doing, lambda shares: _as_trained(of_test_images(shares, view.data)))
        return
    st.markdown(
        f"**{_edits(view)}.** {formatting.escaped(view.subject.name)}:"
        f" {_decision(view, view.trained_outputs)} as trained,"
        f" {_decision(view, view.outputs)} as changed."
    )
    changed = services.test_answers("effect, changed", view.run, view.epoch, view.edits)

    def show(before: Predictions, now: Predictions) -> None:
        st.markdown(accuracies(before.correct, now.correct))

    when_there(
        trained,
        doing,
        lambda before: when_there(
            changed,
            doing,
            lambda now: show(of_test_images(before, view.data), of_test_images(now, view.data)),
        ),
    )


def _as_trained(predictions: Predictions) -> None:
    images = len(predictions)
    st.caption(
        f"Nothing is changed yet. As trained, {formatting.accuracy(predictions.accuracy, images)} of"
        f" {formatting.thousands(images)} test images are predicted correctly"
        f" (95% {term('confidence interval')} in parentheses)."
    )


def accuracies(before: NDArray[np.bool_], now: NDArray[np.bool_]) -> str:
    """Test accuracy as trained and as changed, from whether each image is right, in sentences."""
    images = len(before)
    lost, gained = int((before & ~now).sum()), int((now & ~before).sum())
    return (
        f"Test accuracy: **{formatting.accuracy(float(before.mean()), images)}** as trained,"
        f" **{formatting.accuracy(float(now.mean()), images)}** as changed (95% confidence"
        f" interval in parentheses). Of {formatting.thousands(images)} test images {formatting.thousands(lost)} went from"
        f" right to wrong and {formatting.thousands(gained)} from wrong to right: {verdict(lost, gained)}."
    )


def verdict(lost: int, gained: int) -> str:
    """Whether images lost and gained differ by more than luck alone explains, in a few words."""
    if not lost + gained:
        return "no difference"
    if mcnemar_p_value(lost, gained) >= ALPHA:
        return "within chance"
    return "worse, beyond chance" if lost > gained else "better, beyond chance"


def _edits(view: InspectionView) -> str:
    kernels, off = len(view.edits.kernels), len(view.edits.off)
    parts = []
    if kernels:
        parts.append(f"{kernels} kernel{'s' if kernels > 1 else ''} changed")
    if off:
        parts.append(f"{off} filter{'s' if off > 1 else ''} off")
    return ", ".join(parts)


def _decision(view: InspectionView, outputs: Outputs) -> str:
    shares = view.probabilities(outputs)
    if not np.isfinite(shares).all():
        return "**no decision** (its probabilities are not finite numbers)"
    winner = int(shares.argmax())
    return f"**{formatting.escaped(view.data.classes[winner])}** with {formatting.percent(shares[winner])}"


_WORK = "filter-ranking"
_MOST_BARS = 30


@dataclass
class _Work:
    """A ranking of the network that `network` names: what is known so far, and the answer to come.

    `seconds` is how long the answers took that are there, `since` when the next was asked for.
    """

    network: tuple[str, int, Edits]
    ranking: Ranking | None = None
    asked: Future[Ranking] | None = None
    seconds: float = 0.0
    since: float = 0.0
    fault: str = ""


def filter_ranking(session: Session, view: InspectionView) -> None:
    """Rank the filters at the press of a button; one click switches a ranked filter off."""
    st.markdown(
        "Each filter is switched off in turn while the others stay on. How many test images does"
        " the network then get wrong that it had right?"
    )
    work: _Work | None = st.session_state.get(_WORK)
    if work is not None and work.network[:2] != view.network_key[:2]:
        work = None  # of another run or epoch
    if work is not None and work.asked is not None:
        if work.network == view.network_key:
            polled(_under_way, POLL, view, work)
            return
        work.asked = None  # the network was changed meanwhile
    label = "Rank the filters" if work is None else "Rank again"
    if st.button(label, icon=":material/leaderboard:"):
        work = st.session_state[_WORK] = _Work(view.network_key)
        _ask(view, work)
        st.rerun()
    if work is None:
        return
    if work.fault:
        st.error(work.fault, icon=":material/error:")
    if work.ranking is not None:
        if work.network != view.network_key:
            st.info("This ranking is from before your last change. Rank again to update it.")
        _show(session, view, work.ranking)


def _ask(view: InspectionView, work: _Work) -> None:
    """Ask for the next images; there is nothing more to ask after the last."""
    done = work.ranking.images if work.ranking else 0
    numbers = view.data.test[done : done + images_per_call(view.plan)]
    if not len(numbers):
        work.asked = None
        return
    work.since = time.monotonic()
    images, labels = view.data.dataset.images[numbers], view.data.labels[numbers]
    work.asked = services.engine().call(rank, view.plan, view.weights, images, labels)


def _under_way(view: InspectionView, work: _Work) -> None:
    if work.asked is not None and work.asked.done():
        _take(view, work)
    if work.asked is None:
        st.rerun()
    total = len(view.data.test)
    done = work.ranking.images if work.ranking else 0
    left = ""
    if done:
        left = f", {formatting.seconds(work.seconds / done * (total - done))} left"
    st.progress(
        done / total,
        f"{formatting.thousands(done)} of {formatting.thousands(total)} test images{left}",
    )
    if st.button("Stop (keeps results)", icon=":material/stop:"):
        work.asked = None
        st.rerun()
    if work.ranking is not None:
        _chart(view, work.ranking)


def _take(view: InspectionView, work: _Work) -> None:
    assert work.asked is not None
    error = work.asked.exception()
    if error is not None:
        work.asked = None
        work.fault = f"The ranking stopped: {error} Rank again to start over."
        return
    work.seconds += time.monotonic() - work.since
    part = work.asked.result()
    work.ranking = part if work.ranking is None else work.ranking + part
    _ask(view, work)


def _show(session: Session, view: InspectionView, ranking: Ranking) -> None:
    total = len(view.data.test)
    share = formatting.accuracy(ranking.correct / ranking.images, ranking.images)
    counted = formatting.thousands(ranking.images)
    if ranking.images < total:
        counted = f"the first {counted} of {formatting.thousands(total)}"
    even = [ranked_filter for ranked_filter in ranking.filters if not _beyond_chance(ranked_filter)]
    st.markdown(
        f"Before anything else is switched off, **{share}** of {counted} test images are predicted"
        f" correctly. For {len(even)} of {len(ranking.filters)} filters the difference is within"
        " chance (a sign test at 5%). Of the filters that make no difference, at most one in twenty"
        " passes this test by luck."
    )
    _chart(view, ranking)
    _table(session, view, ranking)


def _chart(view: InspectionView, ranking: Ranking) -> None:
    ranked = ranking.by_loss[:_MOST_BARS]
    rows = pd.DataFrame(
        {
            "filter": [_name(view, ranked_filter) for ranked_filter in ranked],
            "points": [100 * ranked_filter.loss / ranking.images for ranked_filter in ranked],
            "lost": [ranked_filter.lost for ranked_filter in ranked],
            "gained": [ranked_filter.gained for ranked_filter in ranked],
            "difference": [
                "beyond chance" if _beyond_chance(ranked_filter) else "within chance"
                for ranked_filter in ranked
            ],
        }
    )
    colors = alt.Scale(domain=["beyond chance", "within chance"], range=[POSITIVE, QUIET])
    chart = (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            x=alt.X(
                "points:Q",
                title="test accuracy lost without it, percentage points",
                axis=alt.Axis(tickCount=8),
            ),
            y=alt.Y("filter:N", sort=None, title=None, axis=alt.Axis(labelLimit=180)),
            color=alt.Color(
                "difference:N", scale=colors, title=None, legend=alt.Legend(orient="top")
            ),
            tooltip=["filter", alt.Tooltip("points:Q", format=".2f"), "lost", "gained"],
        )
    )
    if len(ranking.filters) > len(ranked):
        st.caption(f"The {formatting.counted(len(ranked), 'filter')} missed most.")
    first = ranked[0]
    st.altair_chart(
        chart.properties(padding=CHART_PADDING, height=alt.Step(20)),
        key="filter-ranking-chart",
        alt=f"Accuracy lost without each filter; most without {_name(view, first)}: "
        f"{formatting.counted(first.lost, 'image')} lost, {first.gained} gained",
    )


def _table(session: Session, view: InspectionView, ranking: Ranking) -> None:
    ranked = ranking.by_loss
    on = [
        (ranked_filter.layer, ranked_filter.filter) not in session.viewed.edits.off
        for ranked_filter in ranked
    ]
    rows = pd.DataFrame(
        {
            "on": on,
            "filter": [_name(view, ranked_filter) for ranked_filter in ranked],
            "accuracy without it": [ranking.accuracy(ranked_filter) for ranked_filter in ranked],
            "right → wrong": [ranked_filter.lost for ranked_filter in ranked],
            "wrong → right": [ranked_filter.gained for ranked_filter in ranked],
            "without it": [
                verdict(ranked_filter.lost, ranked_filter.gained) for ranked_filter in ranked
            ],
        }
    )
    shown = st.data_editor(
        rows,
        # Made anew with every switch, or what was clicked before would be clicked again.
        key=f"filter-ranking-{ranking.images}-{hash(session.viewed.edits.off)}",
        hide_index=True,
        disabled=[name for name in rows.columns if name != "on"],
        alt=f"{len(ranked)} filters, those that are missed most first",
        column_config={
            "on": st.column_config.CheckboxColumn(help="Click to switch the filter off or on."),
            "accuracy without it": st.column_config.NumberColumn(format="percent"),
        },
    )
    before = session.viewed.edits
    for ranked_filter, stays in zip(ranked, shown["on"], strict=True):
        session.viewed.edits = session.viewed.edits.switched(
            ranked_filter.layer, ranked_filter.filter, off=not stays
        )
    if session.viewed.edits != before:
        st.rerun()


def _beyond_chance(without: Without) -> bool:
    return "beyond" in verdict(without.lost, without.gained)


def _name(view: InspectionView, without: Without) -> str:
    return f"{formatting.layer_title(view.plan.layer(without.layer))}, filter {without.filter + 1}"
