"""A few images to choose from where any will do: one of each class."""

import numpy as np

from cnn.data.dataset import ChosenData
from cnn.ui.components.image_grid import image_grid
from cnn.ui.state import services
from cnn.ui.state.session import Session


def one_of_each(session: Session, data: ChosenData, key: str, zoom: int = 2) -> int:
    """The first test image of each class to click; returns the number of the one that is chosen.

    It is the session's image where that is among them, else the first.
    """
    labels = data.labels[data.test]
    _, first = np.unique(labels, return_index=True)
    numbers = data.test[first]
    number = services.image_number(session.viewed.image, data)
    if number not in numbers:
        number = int(numbers[0])
    image_grid(
        data.dataset.images[numbers],
        numbers.tolist(),
        [data.classes[data.labels[one]] for one in numbers],
        number,
        session.choose_image,
        key=key,
        zoom=zoom,
    )
    return number
