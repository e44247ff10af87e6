"""Which test image is looked at."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.data.dataset import ChosenData
from cnn.evaluation.predictions import Evaluation, judged
from cnn.inspection.edits import Edits
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.waiting import when_there
from cnn.ui.components.image_grid import image_grid
from cnn.ui.state import services
from cnn.ui.state.browser_echo import widget
from cnn.ui.state.session import Session

_PAGE = 6


def chooser(session: Session, run: Run, epoch: int, data: ChosenData) -> None:
    """Test images by class, by number, at random, only mistakes; a click chooses one."""
    names = st.multiselect(
        "Classes",
        data.classes,
        key=f"inspect-{data.choice}",
        placeholder="all",
        persist_state="session",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _number(session, data)
        mistakes = st.toggle("Only mistakes", key="mistakes", persist_state="session")
    if not mistakes:
        captions = [data.classes[label] for label in data.labels[data.test]]
        _choice(session, data, names, data.test, captions, "all")
        return

    def show(found: Evaluation) -> None:
        wrong = ~found.right
        captions = [
            f"{data.classes[truth]} → {data.classes[said]}"
            for truth, said in zip(found.truth[wrong], found.said[wrong], strict=True)
        ]
        _choice(session, data, names, data.test[wrong], captions, "mistakes")

    when_there(
        services.test_answers("mistakes", run, epoch, Edits()),
        "Reading the test images with this network",
        lambda shares: show(judged(shares, data)),
    )


def _choice(
    session: Session,
    data: ChosenData,
    names: list[str],
    numbers: NDArray[np.int64],
    captions: list[str],
    kind: str,
) -> None:
    """One of these images, of the classes named; of any class if none is."""
    if names:
        wanted = np.isin(data.labels[numbers], [data.classes.index(name) for name in names])
        captions = [text for text, keep in zip(captions, wanted, strict=True) if keep]
        numbers = numbers[wanted]
    if not len(numbers):
        st.info("No test image is like this: no mistake in these classes at this epoch.")
        return

    def pick_any() -> None:
        session.choose_image(int(np.random.default_rng().choice(numbers)))

    pages = -(-len(numbers) // _PAGE)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Any of these", icon=":material/casino:", on_click=pick_any)
        st.caption(f"{formatting.thousands(len(numbers))} test images", width="content")
    made = f"inspect-page-{len(numbers)}-{kind}-{'-'.join(names)}"
    shown = st.pagination(pages, key=made) if pages > 1 else 1
    here = slice((shown - 1) * _PAGE, shown * _PAGE)
    image_grid(
        data.dataset.images[numbers[here]],
        numbers[here].tolist(),
        captions[here],
        services.image_number(session.viewed.image, data),
        session.choose_image,
        key="inspect-grid",
        zoom=max(1, round(56 / data.image_shape[0])),
    )


def _number(session: Session, data: ChosenData) -> None:
    present = services.image_number(session.viewed.image, data)
    field = widget("image-number", present)

    def typed(number: int) -> None:
        if number == present:
            return  # the browser tells of a field that has just appeared, too, after a quick click
        if 0 <= number < len(data.labels) and data.labels[number] >= 0:
            session.choose_image(number)
        else:
            session.notices.append(
                f"Image {number} is of a class that was left out; choose another number."
            )

    st.number_input(
        "Image number",
        0,
        len(data.labels) - 1,
        present,
        key=field.key,
        on_change=field.then(typed),
        width=100,
    )
