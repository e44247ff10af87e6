"""Overfitting made on purpose: a topic of the lesson on training."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.training.trial import VALIDATED, Trial
from cnn.ui.common import charts, formatting
from cnn.ui.learn.controls import Setup
from cnn.ui.learn.lessons.training_trials import (
    CONDITIONS,
    IMAGES,
    TENTH,
    Wanted,
    settings,
    train_button,
    trained,
    when_trained,
)
from cnn.ui.learn.next_steps import to_train
from cnn.ui.state.session import Session

_IMAGES = (100, 200, 500, IMAGES)
_DROPOUTS = (0.0, 0.3, 0.5)
_EPOCHS = 40


def show(session: Session, setup: Setup) -> None:
    """A network that learns a few images by heart."""
    text, picture = st.columns([1, 2], gap="large")
    with picture:
        with st.container(horizontal=True):
            counts = {str(one): formatting.thousands(one) for one in _IMAGES}
            rates = {f"{one:g}": formatting.percent(one, 0) if one else "none" for one in _DROPOUTS}
            images = int(setup.choice("images", "Images to learn from", counts, "200"))
            dropout = float(setup.choice("dropout", "Dropout after Dense 1", rates, "0"))
        wanted = _wanted(images, dropout)
        train_button([wanted])
        when_trained("learn-overfitting", wanted, lambda found: _show(wanted, found))
        _all_so_far()
    with text:
        _words(dropout)
        to_train(session, "The same on the Train page", wanted.network, TENTH, wanted.settings)
        if images < IMAGES:
            st.caption(
                f"The Train page takes a tenth of the images at least: {formatting.thousands(IMAGES)} instead"
                f" of {images}."
            )


def _wanted(images: int, dropout: float) -> Wanted:
    title = f"{formatting.thousands(images)} images, {_in_words(dropout)}"
    return Wanted(title, settings("adam", 0.01, epochs=_EPOCHS), _with_dropout(dropout), images)


def _with_dropout(rate: float) -> Network:
    [dense] = ARTICLE.dense
    return replace(ARTICLE, dense=(replace(dense, dropout=rate),))


def _in_words(dropout: float) -> str:
    return f"dropout {formatting.percent(dropout, 0)}" if dropout else "no dropout"


def _words(dropout: float) -> None:
    st.markdown(
        "A network with thousands of weights can learn a few images **by heart**. Then it gets better"
        " and better on them, and no better, or worse, on images it has not seen: it **overfits**. The"
        " validation images, which it never learns from, tell."
    )
    st.latex(r"\text{gap} = \text{validation loss} - \text{training loss}")
    st.markdown(
        "What helps: **more images**; **stopping** where the validation loss was smallest; **dropout**,"
        " which while learning sets a random share of the units to 0, so that no unit can rely on"
        " another."
    )
    lines = [f"keras.layers.Dropout({dropout:g})"] if dropout else []
    lines.append("keras.callbacks.EarlyStopping(\n    patience=3\n)")
    st.code("\n".join(lines), language="python")


def _show(wanted: Wanted, found: Trial) -> None:
    best, last = found.best, found.epochs[-1]
    table = charts.history_table(found)
    for column, measure in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        values = table[table["kind"] == "epoch"].groupby("set")[measure].last()
        told = ", ".join(f"{name} {value:.3f}" for name, value in values.items())
        with column:
            st.altair_chart(
                charts.history(table, measure, wanted.settings.epochs, best.epoch),
                alt=f"{wanted.title}: {measure} by epoch; at the end {told}",
            )
    gap = last.validation_loss - last.loss
    later = "" if best is last else f" By epoch {last.epoch} it is {last.validation_loss:.2f}."
    st.markdown(
        f"The validation loss was smallest after **epoch {best.epoch}** (dotted line):"
        f" {best.validation_loss:.2f}.{later} The training loss is {last.loss:.2f} by then, so the gap is"
        f" **{gap:.2f}**. Right are {formatting.percent(last.accuracy)} of the training images and"
        f" {formatting.accuracy(last.validation_accuracy, VALIDATED)} of the validation images."
    )
    dropped = (
        " With dropout the training values are those with units missing, so they look worse."
        if wanted.network != ARTICLE
        else ""
    )
    st.caption(f"{CONDITIONS} Trained with Adam in {found.seconds:.1f} s.{dropped}")


def _all_so_far() -> None:
    """The settings that anybody here has had trained, to compare them."""
    rows = []
    for images in _IMAGES:
        for dropout in _DROPOUTS:
            found = trained(_wanted(images, dropout))
            if found is not None:
                last = found.epochs[-1]
                rows.append(
                    {
                        "images": images,
                        "dropout": dropout,
                        "smallest validation loss": found.best.validation_loss,
                        "after epoch": found.best.epoch,
                        "gap at the end": last.validation_loss - last.loss,
                        "validation accuracy": last.validation_accuracy,
                    }
                )
    if len(rows) < 2:
        return
    percent = st.column_config.NumberColumn(format="percent")
    two = st.column_config.NumberColumn(format="%.2f")
    st.markdown("**All that has been trained here so far**")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt=f"{len(rows)} settings with the gap of each",
        column_config={
            "dropout": percent,
            "smallest validation loss": two,
            "gap at the end": two,
            "validation accuracy": percent,
        },
    )
