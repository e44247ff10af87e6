"""A drawing of one's own, which the browser and Python both hold, and how they agree on it."""

import base64
from dataclasses import dataclass

import numpy as np

from cnn.arrays import Pixels


class DrawingError(ValueError):
    """What the browser sent is no drawing; the message is a sentence."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """What is on the drawing pad: pixels uint8 (height, width, channels).

    The pad in the browser and Python each hold the drawing. Only the pad changes it, and counts its
    changes in `version`; only Python puts other pixels in its place, and counts that in `start`,
    after which versions are counted from 0 again. Of two drawings the one with the larger
    `(start, version)` is the newer, and each side takes over what is newer than its own and nothing
    else: a message that comes late, or comes back, changes nothing.
    """

    pixels: Pixels
    start: int = 0
    version: int = 0

    def begun_from(self, image: Pixels) -> "Drawing":
        """A pad with the image on it, uint8 (height, width, channels), to draw on."""
        return Drawing(image, self.start + 1)

    def updated(self, message: object) -> "Drawing":
        """The drawing after what the browser sent: start, version, and the pixels in base64.

        What is not newer changes nothing. A newer start comes from a browser that has outlived the
        server. Raises DrawingError for anything that is no drawing of this shape.
        """
        match message:
            case {"start": int(start), "version": int(version), "pixels": str(pixels)}:
                if (start, version) <= (self.start, self.version):
                    return self
                return Drawing(self._decoded(pixels), start, version)
        raise DrawingError("The drawing did not arrive as pixels and was left out; draw it again.")

    def _decoded(self, pixels: str) -> Pixels:
        try:
            content = base64.b64decode(pixels, validate=True)
        except ValueError as error:
            raise DrawingError(
                "The pixels of the drawing could not be read and were left out; draw it again."
            ) from error
        if len(content) != self.pixels.size:
            raise DrawingError(
                f"The drawing has {len(content)} values where the network reads {self.pixels.size}; it was left out. Draw it again."
            )
        return np.frombuffer(content, np.uint8).reshape(self.pixels.shape)


def empty(shape: tuple[int, int, int]) -> Drawing:
    """A pad for images (height, width, channels) on which nothing was drawn yet."""
    return Drawing(np.zeros(shape, np.uint8))
