"""The Data page's parts: where the images come from, which are used, how they are split."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from cnn.data.dataset import DataError, Dataset, one_hot
from cnn.data.sources import SOURCES, Source, load
from cnn.data.split import LARGEST_SEED, ChosenData, DataChoice, choose
from cnn.data.table import MAX_CSV_BYTES, read_csv, to_csv
from cnn.training.run import RunError
from cnn.ui.common import charts, formatting
from cnn.ui.components.image_grid import image_grid, pixel_view
from cnn.ui.state import services
from cnn.ui.state.browser_echo import heard, widget
from cnn.ui.state.session import Session

_PAGE = 48
_SAMPLE = 200
_SOURCE_ERROR = "source-error"


def source_controls(session: Session) -> None:
    """Choose where the images come from, or bring a CSV; a failure leaves the data in use."""
    labels = {source.key: source.title for source in SOURCES}
    if session.data.dataset not in labels:
        labels[session.data.dataset] = services.chosen(session.data).dataset.name
    keys = list(labels)
    box = widget("source", session.data.dataset)
    picked = st.selectbox(
        "Images",
        keys,
        keys.index(session.data.dataset),
        format_func=labels.__getitem__,
        key=box.key,
    )
    source = next((source for source in SOURCES if source.key == picked), None)
    if source:
        st.caption(source.description)
    if picked != session.data.dataset and source:
        _fetch(session, source)
        box.reset()  # where the images could not be had it shows those in use again
        st.rerun()
    if sentence := st.session_state.get(_SOURCE_ERROR):
        st.error(sentence, icon=":material/cloud_off:")
    with st.expander("Bring your own images as CSV", icon=":material/upload_file:"):
        st.markdown(
            "One row per image: `label,pixel1,…,pixelN`, gray values from 0 to 255, any square size "
            "from 4 × 4 to 64 × 64. This is the form the article's data came in."
        )
        st.file_uploader(
            "CSV file",
            type="csv",
            key="csv",
            max_upload_size=MAX_CSV_BYTES // 2**20,
            on_change=heard("csv", "csv", lambda: _read_upload(session)),
        )
        if sentence := st.session_state.get("csv-error"):
            st.error(sentence, icon=":material/error:")
        st.download_button(
            f"A CSV to try: {_SAMPLE} of these images",
            data=lambda: _sample(services.chosen(session.data).dataset),
            file_name="images.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
        )


def _sample(dataset: Dataset) -> bytes:
    return to_csv(dataset, np.arange(min(_SAMPLE, len(dataset.images))))


def _fetch(session: Session, source: Source) -> None:
    """Use another source: a download runs on a worker, the rest is read here."""
    st.session_state.pop(_SOURCE_ERROR, None)
    try:
        if source.kind == "download":
            with st.spinner(f"Fetching {source.title} …", show_time=True):
                dataset = _downloaded(source)
        else:
            dataset = load(source.key)
    except (DataError, RunError, OSError) as error:
        why = str(error) or f"{source.title} took longer than 15 minutes to come."
        st.session_state[_SOURCE_ERROR] = f"{why} The data in use stay in use."
        return
    _use(session, dataset)


def _downloaded(source: Source) -> Dataset:
    try:
        return services.data_store().get(source.key)
    except DataError:  # not kept on this server yet
        dataset: Dataset = (
            services.engine().call(load, source.key, key=f"load-{source.key}").result(timeout=900)
        )
        return dataset


def _read_upload(session: Session) -> None:
    st.session_state.pop("csv-error", None)
    file = st.session_state["csv"]
    if file is None:
        return
    try:
        _use(session, read_csv(file, file.name))
    except DataError as error:
        st.session_state["csv-error"] = f"{error} The data in use stay in use."


def _use(session: Session, dataset: Dataset) -> None:
    services.data_store().add(dataset)
    for key in (_SOURCE_ERROR, "csv-error"):
        st.session_state.pop(key, None)
    share = None if dataset.official_test else 0.8
    session.data = DataChoice(dataset.identity, train_share=share)
    session.viewed.image = None


def split_controls(session: Session) -> None:
    """Choose the classes kept, the share to train on and the seed of the shuffle."""
    dataset = services.chosen(session.data).dataset
    data = session.data

    def key(name: str, value: object) -> str:
        return widget(f"{name}-{data.dataset}", value).key

    names = dict(enumerate(dataset.classes))
    used = list(data.classes if data.classes is not None else names)
    kept = st.pills(
        "Classes used",
        list(names),
        selection_mode="multi",
        default=used,
        format_func=names.__getitem__,
        key=key("classes", used),
        wrap=True,
        help="Keep two classes to try a sigmoid output, or the hard ones: shirt and T-shirt.",
    )
    share, official = data.train_share, dataset.official_test is not None
    if official and st.toggle(
        "The authors' own split", share is None, key=key("official", share is None)
    ):
        share = None
    else:
        share = st.slider(
            "Training share",
            0.1,
            0.95,
            share or 0.8,
            0.05,
            key=key("share", share or 0.8),
        )
    seed = data.seed
    if share is not None:
        seed = int(st.number_input("Shuffle seed", 0, LARGEST_SEED, seed, key=key("seed", seed)))
    everything = len(kept) == len(names)
    wanted = DataChoice(
        data.dataset, None if everything else tuple(sorted(kept)), share and round(share, 2), seed
    )
    if wanted != data:
        _choose(session, dataset, wanted)


def _choose(session: Session, dataset: Dataset, wanted: DataChoice) -> None:
    try:
        choose(dataset, wanted)
    except DataError as error:
        st.error(f"{error} The split in use stays in use.", icon=":material/error:")
        return
    session.data = wanted
    st.rerun()


def counts(data: ChosenData) -> None:
    """How many images of each class train and test."""
    rows = []
    for part, numbers in (("training", data.train), ("test", data.test)):
        counted = np.bincount(data.labels[numbers], minlength=len(data.classes))
        rows += [
            {"class": name, "part": part, "images": int(count)}
            for name, count in zip(data.classes, counted, strict=True)
        ]
    table = pd.DataFrame(rows)
    text = "; ".join(
        f"{name} {group['images'].sum()}" for name, group in table.groupby("class", sort=False)
    )
    st.altair_chart(charts.class_counts(table), key="class-counts", alt=f"Images a class: {text}")


def gallery(session: Session, data: ChosenData) -> None:
    """All images, by part and class, a page at a time; a click chooses one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        part = st.segmented_control(
            "Part", ["all", "training", "test"], default="all", required=True, key="gallery-part"
        )
        names = st.multiselect(
            "Show classes", data.classes, key=f"gallery-{data.choice.dataset}", placeholder="all"
        )
    numbers = {"all": _in_order(data), "training": data.train, "test": data.test}[part or "all"]
    if names:
        wanted = [data.classes.index(name) for name in names]
        numbers = numbers[np.isin(data.labels[numbers], wanted)]
    if not len(numbers):
        st.info("No image has these classes in this part. Choose another part or class.")
        return
    pages = -(-len(numbers) // _PAGE)
    shown = st.pagination(pages, key=f"gallery-page-{part}-{len(numbers)}") if pages > 1 else 1
    numbers = numbers[(shown - 1) * _PAGE : shown * _PAGE]

    image_grid(
        data.dataset.images[numbers],
        numbers.tolist(),
        [data.classes[label] for label in data.labels[numbers]],
        session.viewed.image,
        session.choose_image,
        key="gallery",
        zoom=max(1, round(56 / data.image_shape[0])),
    )


def _in_order(data: ChosenData) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.flatnonzero(data.labels >= 0)


def enlarged(session: Session, data: ChosenData) -> None:
    """The chosen image, enlarged, its numbers, its label and its one-hot row."""
    number = services.image_number(session.viewed.image, data)
    label = int(data.labels[number])
    part = "test" if number in data.test else "training"
    image = data.dataset.images[number]
    st.subheader(f"Image {number}: {formatting.escaped(data.classes[label])}", anchor=False)
    st.caption(
        f"A {part} image of {formatting.shape(image.shape)} values from 0 (black) to 255 (white)."
    )
    numbers = st.toggle("Show its numbers", key="show-numbers", persist_state="session")
    pixel_view(image, f"Image {number}, {data.classes[label]}", key="enlarged", numbers=numbers)
    st.markdown(
        f"**One-hot label.** The network is not told “{formatting.escaped(data.classes[label])}” but one number"
        f" per class: a 1 in position {label} (counting from 0), 0 elsewhere. The softmax output is compared with this row."
    )
    row = one_hot(np.array([label]), len(data.classes))[0].astype(int)
    st.markdown(
        " · ".join(
            f"{formatting.escaped(name)} {f'**{one}**' if one else one}"
            for name, one in zip(data.classes, row, strict=True)
        )
    )
