"""The Home page: a garment on its way through the shipped network, and the ways on.

It is a function, not a file in `pages/`: as the app's default page it has no address of its own,
and a file would get one.
"""

import streamlit as st

from cnn.ui.common import formatting
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.page import (
    APP,
    BUILD,
    COMPARE,
    DATA,
    EVALUATE,
    EXPERIMENTS,
    INSPECT,
    LEARN,
    TRAIN,
    page,
)
from cnn.ui.components.image_grid import one_of_each
from cnn.ui.components.network_message import Picture
from cnn.ui.components.network_view import network_view
from cnn.ui.state import services
from cnn.ui.state.session import Session

_WAYS = (
    {
        LEARN: ("Lessons", "Ten short interactive lessons."),
        DATA: ("Data", "See the images as numbers, choose classes, bring your own."),
        BUILD: ("Network", "Change any layer; see size, cost and code update."),
        TRAIN: ("Train", "Watch loss, accuracy, kernels and maps as the network learns."),
    },
    {
        INSPECT: ("Inspect", "Every number of every layer, for any image, at any epoch."),
        EVALUATE: ("Evaluate", "How good it is, where it fails, and what may be wrong with it."),
        COMPARE: ("Runs", "Compare your runs: what each choice changed."),
        EXPERIMENTS: ("Experiments", "Real improvement or luck? Repeat the training and see."),
    },
)


def home() -> None:
    """The page."""
    with page(
        APP,
        "Build a convolutional neural network, train it, and see where every number comes from.",
    ) as session:
        for row in _WAYS:
            columns = responsive_columns(*[1] * len(row), narrowest=165, gap="small")
            ways = zip(columns, row.items(), strict=True)
            for column, (target, (label, sentence)) in ways:
                with column.container(border=True, height="stretch"):
                    st.page_link(target, label=f"**{label}**", icon=":material/arrow_forward:")
                    st.caption(sentence)
        _garment(session)


def _garment(session: Session) -> None:
    """One test image of every class to choose from, and what the network makes of the chosen one."""
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    learned = formatting.thousands(len(data.train))
    st.subheader(f"A network that has learned from {learned} garments", anchor=False)
    st.markdown(
        "The starter network: two convolutions, each followed by pooling, then two fully connected "
        "layers, and one probability per class. **Pick an item and follow it through.**"
    )

    number = one_of_each(session, data, key="garments")
    picture = Picture(
        services.run_plan(run),
        services.weights(run.id, run.kept[-1]),
        data.dataset.images[number],
        data.classes,
        int(data.labels[number]),
    )
    network_view(picture, key="home")
