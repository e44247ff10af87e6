"""The Data page's parts: where the images come from, which are used, how they are split."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from cnn.data.dataset import DataError, Dataset
from cnn.data.sources import SOURCES, Source, load
from cnn.data.split import LARGEST_SEED, ChosenData, DataChoice, choose
from cnn.data.table import MAX_CSV_BYTES, read_csv, to_csv
from cnn.network.spec import Range
from cnn.training.run import RunError
from cnn.ui.common import charts, formatting
from cnn.ui.common.choices import choice
from cnn.ui.common.form import Form
from cnn.ui.common.layout import page_of
from cnn.ui.common.notices import show_error
from cnn.ui.common.prose import read_sections
from cnn.ui.components.image_grid import image_grid, pixel_view
from cnn.ui.state import services, workshop
from cnn.ui.state.browser_echo import while_shown, widget
from cnn.ui.state.session import Session
from cnn.workshop.rules import Part

_TEXT = read_sections(__file__)
_PAGE = 48
_SAMPLE = 200
_SHARE = Range(0.1, 0.95)
_SPLIT = "Classes used", "The authors' own split", "Training share", "Shuffle seed"
_PARTS: dict[str, Part] = dict.fromkeys(_SPLIT, "data")
"""What of the rules of a workshop each control is about."""
_SOURCE_ERROR, _CSV_ERROR = "source-error", "csv-error"


def source_controls(session: Session) -> None:
    """Choose where the images come from, or bring a CSV; a failure leaves the data in use."""
    present = session.data.dataset
    sources = {source.key: source for source in SOURCES}
    labels = {key: source.title for key, source in sources.items()}
    if present not in labels:
        labels[present] = services.chosen(session.data).dataset.name
    box = widget("source", present)
    why_locked = workshop.locked(session, {"Images": "data"}).get("Images")
    picked = st.selectbox(
        "Images",
        list(labels),
        list(labels).index(present),
        labels.__getitem__,
        key=box.key,
        disabled=bool(why_locked),
        help=why_locked,
    )
    source = sources.get(picked)
    if source:
        st.caption(source.description)
    if picked != present and source:
        _use(session, _SOURCE_ERROR, lambda: _from(source))
        box.reset()  # where the images could not be had it shows those in use again
        st.rerun()
    _error(_SOURCE_ERROR, "cloud_off")
    with st.expander("Bring your own images as CSV", icon=":material/upload_file:"):
        _TEXT.show("csv")
        st.file_uploader(
            "CSV file",
            type="csv",
            key="csv",
            max_upload_size=MAX_CSV_BYTES // 2**20,
            on_change=while_shown("csv", "csv", lambda: _read_upload(session)),
            disabled=bool(why_locked),
            help=why_locked,
        )
        _error(_CSV_ERROR, "error")
        dataset = services.chosen(session.data).dataset
        some = partial(to_csv, dataset, np.arange(min(_SAMPLE, len(dataset.images))))
        label, icon = f"A CSV to try: {_SAMPLE} of these images", ":material/download:"
        st.download_button(label, some, "images.csv", "text/csv", on_click="ignore", icon=icon)


def _error(place: str, icon: str) -> None:
    if sentence := st.session_state.get(place):
        show_error(sentence, icon)


def _from(source: Source) -> Dataset:
    """The images of a source: a download runs on a worker, the rest is read here."""
    if source.kind != "download":
        return load(source.key)
    with suppress(DataError):  # not kept on this server yet
        return services.data_store().get(source.key)
    with st.spinner(f"Fetching {source.title} …", show_time=True):
        coming = services.engine().call(load, source.key, key=f"load-{source.key}")
        try:
            dataset: Dataset = coming.result(timeout=900)
        except TimeoutError:
            raise DataError(f"{source.title} took longer than 15 minutes to come.") from None
        return dataset


def _read_upload(session: Session) -> None:
    st.session_state.pop(_CSV_ERROR, None)
    file = st.session_state["csv"]
    if file is not None:
        _use(session, _CSV_ERROR, lambda: read_csv(file, file.name))


def _use(session: Session, place: str, bring: Callable[[], Dataset]) -> None:
    """Use other images; if they cannot be had, the error at `place` says why."""
    for error in (_SOURCE_ERROR, _CSV_ERROR):
        st.session_state.pop(error, None)
    try:
        dataset = bring()
        services.data_store().add(dataset)
    except (DataError, RunError, OSError) as error:
        st.session_state[place] = f"{error} The data in use stay in use."
        return
    share = None if dataset.official_test else 0.8
    session.data = DataChoice(dataset.identity, train_share=share)
    session.viewed.image = None


def split_controls(session: Session) -> None:
    """Choose the classes kept, the share to train on and the seed of the shuffle."""
    dataset = services.chosen(session.data).dataset
    data = session.data
    form = Form(f"split-{data.dataset}", _TEXT, workshop.locked(session, _PARTS))
    names = dict(enumerate(map(formatting.escaped, dataset.classes)))
    used = list(names if data.classes is None else data.classes)
    kept = form.several_of("Classes used", names, used)
    share, seed = data.train_share, data.seed
    if dataset.official_test is not None and form.toggle("The authors' own split", share is None):
        share = None
    else:
        share = form.slider("Training share", share or 0.8, _SHARE, 0.05)
        seed = form.number("Shuffle seed", seed, Range(0, LARGEST_SEED))
    classes = None if len(kept) == len(names) else tuple(sorted(kept))
    wanted = DataChoice(data.dataset, classes, share, seed)
    if wanted == data:
        return
    try:
        choose(dataset, wanted)
    except DataError as error:
        show_error(f"{error} The split in use stays in use.")
    else:
        session.data = wanted
        st.rerun()


def counts(data: ChosenData) -> None:
    """How many images of each class train and test."""
    count = partial(np.bincount, minlength=len(data.classes))
    parts = {"training": count(data.labels[data.train]), "test": count(data.labels[data.test])}
    images = pd.DataFrame(parts, pd.Index(data.classes, name="class"))
    table = images.reset_index().melt("class", var_name="part", value_name="images")
    text = "; ".join(f"{name} {total}" for name, total in images.sum(axis=1).items())
    st.altair_chart(charts.class_counts(table), key="class-counts", alt=f"Images per class: {text}")


def credit(dataset: Dataset) -> None:
    """Say where the images come from; only what we say of our own sources can hold links."""
    ours = dataset.identity in {source.key for source in SOURCES}
    st.caption(dataset.credit if ours else formatting.escaped(dataset.credit))


def gallery(session: Session, data: ChosenData) -> None:
    """All images, by part and class, a page at a time; a click chooses one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        part = choice("Part", ("all", "training", "test"), "gallery-part")
        names = st.multiselect(
            "Show classes", data.classes, key=f"gallery-{data.choice.dataset}", placeholder="all"
        )
    in_order = np.flatnonzero(data.labels >= 0)
    numbers = {"all": in_order, "training": data.train, "test": data.test}[part]
    if names:
        wanted = [data.classes.index(name) for name in names]
        numbers = numbers[np.isin(data.labels[numbers], wanted)]
    if not len(numbers):
        st.info("No image has these classes in this part. Choose another part or class.")
        return
    numbers = numbers[page_of(len(numbers), _PAGE, f"gallery-page-{part}-{len(numbers)}")]
    image_grid(
        data.dataset.images[numbers],
        numbers.tolist(),
        [data.classes[label] for label in data.labels[numbers]],
        session.viewed.image,
        session.choose_image,
        key="gallery",
        zoom=max(1, round(56 / data.image_shape[0])),
    )


def enlarged(session: Session, data: ChosenData) -> None:
    """The chosen image, enlarged, its numbers, its label and its one-hot row."""
    number = services.image_number(session.viewed.image, data)
    label = int(data.labels[number])
    part = "test" if number in data.test else "training"
    image = data.dataset.images[number]
    names = list(map(formatting.escaped, data.classes))
    st.header(f"Image {number}: {names[label]}", anchor=False)
    _TEXT.caption("image", part=part, shape=formatting.shape(image.shape))
    numbers = st.toggle("Show its numbers", key="show-numbers", persist_state="session")
    pixel_view(image, f"Image {number}, {data.classes[label]}", key="enlarged", numbers=numbers)
    _TEXT.show("one-hot label", name=names[label], position=label)
    names[label] += " **1**"
    st.markdown(" · ".join(name if at == label else f"{name} 0" for at, name in enumerate(names)))
