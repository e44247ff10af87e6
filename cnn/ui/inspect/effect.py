"""What changes to the network do, in all and filter by filter; `effect.md` has the text."""

import time
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import altair as alt
import pandas as pd
import streamlit as st

from cnn.arrays import Array, Mask
from cnn.evaluation.predictions import of_test_images
from cnn.inspection.edits import Edits
from cnn.inspection.features.ablation import Ranking, images_per_call, rank
from cnn.statistics import ALPHA, mcnemar_p_value
from cnn.ui.common import formatting
from cnn.ui.common.layout import CHART_PADDING
from cnn.ui.common.prose import read_sections
from cnn.ui.common.theme import POSITIVE, QUIET
from cnn.ui.common.waiting import POLL, polled, when_there
from cnn.ui.inspect.view import InspectionView
from cnn.ui.state import services
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)


def effect(view: InspectionView) -> None:
    """Decision and test accuracy, as trained and as changed."""
    images = len(view.data.test)
    doing = f"Running {formatting.thousands(images)} test images through it"
    trained = services.test_answers("effect, trained", view.run, view.epoch, Edits())

    def correct(found: Array) -> Mask:
        return of_test_images(found, view.data).correct

    def unchanged(found: Array) -> None:
        _TEXT.caption("unchanged", accuracy=_accuracy(correct(found)), images=images)

    def compare(before: Array, now: Array) -> None:
        st.markdown(accuracies(correct(before), correct(now)))

    if not view.edits:
        when_there(trained, doing, unchanged)
        return
    _TEXT.show(
        "decision",
        edits=_edits(view.edits),
        image=formatting.escaped(view.subject.name),
        trained=_decision(view, trained=True),
        changed=_decision(view),
    )
    changed = services.test_answers("effect, changed", view.run, view.epoch, view.edits)
    when_there(trained, doing, lambda before: when_there(changed, doing, partial(compare, before)))


def accuracies(before: Mask, now: Mask) -> str:
    """Test accuracy as trained and as changed, from whether each image is right, in sentences."""
    lost, gained = int((before & ~now).sum()), int((now & ~before).sum())
    return _TEXT.text(
        "accuracy",
        trained=_accuracy(before),
        changed=_accuracy(now),
        images=len(before),
        lost=lost,
        gained=gained,
        verdict=verdict(lost, gained),
    )


def _accuracy(correct: Mask) -> str:
    return formatting.accuracy(float(correct.mean()), len(correct))


def verdict(lost: int, gained: int) -> str:
    """Whether images lost and gained differ by more than luck alone explains, in a few words."""
    if not lost + gained:
        return "no difference"
    if mcnemar_p_value(lost, gained) >= ALPHA:
        return "within chance"
    return "worse, beyond chance" if lost > gained else "better, beyond chance"


def _edits(edits: Edits) -> str:
    kernels, off = len(edits.kernels), len(edits.off)
    changed = f"{formatting.counted(kernels, 'kernel')} changed" if kernels else ""
    switched = f"{formatting.counted(off, 'filter')} off" if off else ""
    return ", ".join(filter(None, (changed, switched)))


def _decision(view: InspectionView, trained: bool = False) -> str:
    prediction = view.prediction(trained)
    if prediction is None:
        return _TEXT.text("decision/none")
    name = formatting.escaped(view.data.classes[prediction[0]])
    return _TEXT.text("decision/predicted", name=name, probability=prediction[1])


_MOST_BARS = 30


@dataclass
class _Work:
    """A ranking begun at `begun`, in seconds: what is known so far, and the answer to come."""

    edits: Edits
    begun: float
    ranking: Ranking | None = None
    asked: Future[Ranking] | None = None
    fault: str = ""

    @property
    def done(self) -> int:
        """Test images ranked so far."""
        return self.ranking.images if self.ranking else 0


def filter_ranking(session: Session, view: InspectionView) -> None:
    """Rank the filters at the press of a button; one click switches a ranked filter off."""
    _TEXT.show("ranking/about")
    place = f"filter-ranking-{view.run.id}-{view.epoch}"
    work: _Work | None = st.session_state.get(place)
    if work is not None and work.asked is not None:
        if work.edits == view.edits:
            polled(_under_way, POLL, view, work)
            return
        work.asked = None  # the network was changed meanwhile
    label = "Rank the filters" if work is None else "Rank again"
    if st.button(label, icon=":material/leaderboard:"):
        work = st.session_state[place] = _Work(view.edits, time.monotonic())
        _ask(view, work)
        st.rerun()
    if work is None:
        return
    if work.fault:
        st.error(work.fault, icon=":material/error:")
    if work.ranking is not None:
        if work.edits != view.edits:
            st.info(_TEXT.text("ranking/outdated"))
        _show(session, view, work.ranking)


def _ask(view: InspectionView, work: _Work) -> None:
    """Ask for the next images; there is nothing more to ask after the last."""
    numbers = view.data.test[work.done : work.done + images_per_call(view.plan)]
    work.asked = None
    if len(numbers):
        images, labels = view.data.dataset.images[numbers], view.data.labels[numbers]
        work.asked = services.engine().call(rank, view.plan, view.weights, images, labels)


def _under_way(view: InspectionView, work: _Work) -> None:
    if work.asked is not None and work.asked.done():
        if error := work.asked.exception():
            work.asked, work.fault = None, _TEXT.text("ranking/stopped", error=error)
        else:
            part = work.asked.result()
            work.ranking = work.ranking + part if work.ranking else part
            _ask(view, work)
    if work.asked is None:
        st.rerun()
    done, total = work.done, len(view.data.test)
    progress = f"{formatting.thousands(done)} of {formatting.thousands(total)} test images"
    if done:
        left = (time.monotonic() - work.begun) / done * (total - done)
        progress += f", {formatting.seconds(left)} left"
    st.progress(done / total, progress)
    if st.button("Stop (keeps results)", icon=":material/stop:"):
        work.asked = None
        st.rerun()
    if work.ranking is not None:
        _chart(_rows(view, work.ranking))


def _rows(view: InspectionView, ranking: Ranking) -> pd.DataFrame:
    """A row per filter, those that are missed most first."""
    ranked = ranking.by_loss
    lost, gained = ranked["lost"], ranked["gained"]
    results = [verdict(*images) for images in zip(lost, gained, strict=True)]
    return pd.DataFrame(
        {
            "filter": [
                f"{formatting.layer_title(view.plan.layer(layer))}, filter {filter + 1}"
                for layer, filter in zip(ranked["layer"], ranked["filter"], strict=True)
            ],
            "points": 100 * (lost - gained) / ranking.images,
            "accuracy without it": ranked["accuracy"],
            "lost": lost,
            "gained": gained,
            "without it": results,
            "difference": ["beyond chance" if "beyond" in r else "within chance" for r in results],
        }
    )


def _show(session: Session, view: InspectionView, ranking: Ranking) -> None:
    rows, total = _rows(view, ranking), formatting.thousands(len(view.data.test))
    part = f"the first {formatting.thousands(ranking.images)} of {total}"
    _TEXT.show(
        "ranking/result",
        accuracy=formatting.accuracy(ranking.correct / ranking.images, ranking.images),
        images=total if ranking.images == len(view.data.test) else part,
        even=int((rows["difference"] == "within chance").sum()),
        filters=len(rows),
    )
    _chart(rows)
    _table(session, ranking, rows)


def _chart(rows: pd.DataFrame) -> None:
    colors = alt.Scale(domain=["beyond chance", "within chance"], range=[POSITIVE, QUIET])
    chart = (
        alt.Chart(rows.head(_MOST_BARS), padding=CHART_PADDING, height=alt.Step(20))
        .mark_bar()
        .encode(
            alt.X("points:Q", title="test accuracy lost without it, percentage points"),
            alt.Y("filter:N", sort=None, title=None, axis=alt.Axis(labelLimit=180)),
            alt.Color("difference:N", scale=colors, title=None).legend(orient="top"),
            tooltip=["filter", alt.Tooltip("points:Q", format=".2f"), "lost", "gained"],
        )
    )
    if len(rows) > _MOST_BARS:
        st.caption(f"The {formatting.counted(_MOST_BARS, 'filter')} missed most.")
    worst = rows.iloc[0]
    images = f"{formatting.counted(worst['lost'], 'image')} lost, {worst['gained']} gained"
    words = f"Accuracy lost without each filter; most without {worst['filter']}: {images}"
    st.altair_chart(chart, key="filter-ranking-chart", alt=words)


def _table(session: Session, ranking: Ranking, rows: pd.DataFrame) -> None:
    """The rows, in which each filter can be switched off and on."""
    before, ranked = session.viewed.edits, ranking.by_loss
    filters = [*zip(ranked["layer"], ranked["filter"], strict=True)]
    rows = rows.drop(columns=["points", "difference"])
    rows.insert(0, "on", [one not in before.off for one in filters])
    shown = st.data_editor(
        rows,
        # Made anew with every switch, or what was clicked before would be clicked again.
        key=f"filter-ranking-{ranking.images}-{hash(before.off)}",
        hide_index=True,
        disabled=list(rows.columns[1:]),
        alt=f"{len(rows)} filters, those that are missed most first",
        column_config={
            "on": st.column_config.CheckboxColumn(help="Click to switch the filter off or on."),
            "accuracy without it": st.column_config.NumberColumn(format="percent"),
            "lost": "right → wrong",
            "gained": "wrong → right",
        },
    )
    edits = before
    for (layer, filter), stays in zip(filters, shown["on"], strict=True):
        edits = edits.switched(layer, filter, off=not stays)
    if edits != before:
        session.viewed.edits = edits
        st.rerun()
