"""A drawing of one's own, and how the browser tells of it."""

import base64
import binascii
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


class DrawingError(ValueError):
    """What the browser told is no drawing; the message is a sentence."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """What is on the drawing pad: pixels uint8 (height, width, channels).

    `start` counts how often the pad was given pixels from elsewhere: a pad that has begun from
    these keeps what was drawn since, another takes the pixels.
    """

    pixels: NDArray[np.uint8]
    start: int = 0

    def fitting(self, shape: tuple[int, int, int]) -> "Drawing":
        """This drawing if it has the shape (height, width, channels), else an empty pad that has."""
        if self.pixels.shape == shape:
            return self
        return Drawing(np.zeros(shape, np.uint8), self.start + 1)

    def begun_from(self, image: NDArray[np.uint8]) -> "Drawing":
        """A pad with the image on it, uint8 (height, width, channels), to draw on."""
        return Drawing(image, self.start + 1)

    def told(self, message: object) -> "Drawing":
        """The drawing after what the browser told: {"start": whole number, "pixels": base64}.

        A message about a pad that has since begun anew changes nothing. Raises DrawingError for
        anything that is no drawing of this shape.
        """
        if not isinstance(message, dict) or not isinstance(message.get("pixels"), str):
            raise DrawingError(
                "The drawing did not arrive as pixels and was left out; reload the page and draw again."
            )
        if message.get("start") != self.start:
            return self
        try:
            content = base64.b64decode(message["pixels"], validate=True)
        except (binascii.Error, ValueError) as error:
            raise DrawingError(
                "The pixels of the drawing could not be read and were left out; reload the page and"
                " draw again."
            ) from error
        if len(content) != self.pixels.size:
            raise DrawingError(
                f"The drawing has {len(content)} values where the network reads {self.pixels.size};"
                " it was left out. Reload the page and draw again."
            )
        pixels = np.frombuffer(content, np.uint8).reshape(self.pixels.shape)
        return Drawing(pixels, self.start)


NO_DRAWING = Drawing(np.zeros((0, 0, 1), np.uint8))
"""Before anything was drawn, whatever the size of the images."""
