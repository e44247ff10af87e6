"""An image shifted, turned, partly hidden or made noisy, to see when a network changes its mind."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnn.arrays import Numbers, Pixels

_ANGLE_STEP = 5
_NOISE_STEP = 0.02


@dataclass(frozen=True)
class Distortion:
    """What is done to an image, in this order: turned, shifted, partly hidden, noise added.

    `angle` turns by so many degrees about the image's center, counter-clockwise where positive;
    values between pixels are interpolated bilinearly, and what comes in from outside is black.
    `shift_right` and `shift_down` move by whole pixels (negative: left and up); what comes in is
    black. A square of `hidden_side` × `hidden_side` pixels is set to black (0: none); it begins at
    row `height // 2 + hidden_down - hidden_side // 2`, counted from 0, at the column likewise by
    `hidden_right`, and ends at the image's border at the latest. `noise` is the standard deviation,
    1 being the full range of brightness, of Gaussian noise of mean 0, drawn for each pixel and
    channel by `noise_seed`; results are rounded and clipped to 0..255. The seed fixes the pattern,
    `noise` only scales it.
    """

    shift_right: int = 0
    shift_down: int = 0
    angle: float = 0
    hidden_side: int = 0
    hidden_right: int = 0
    hidden_down: int = 0
    noise: float = 0
    noise_seed: int = 0

    @property
    def nothing(self) -> bool:
        """Whether images stay as they are."""
        return not any(
            (self.shift_right, self.shift_down, self.angle, self.hidden_side, self.noise)
        )

    def with_amount(self, field: str, amount: float) -> "Distortion":
        """The same but for one field."""
        changed: dict[str, Any] = {field: amount}
        return replace(self, **changed)


def distorted(image: Pixels, distortion: Distortion) -> Pixels:
    """`image`, uint8 (height, width, channels) with 1 or 3 channels, after `distortion`."""
    turned = _turned(image, distortion.angle)
    shifted = _shifted(turned, distortion.shift_down, distortion.shift_right)
    middle = len(image) // 2 + distortion.hidden_down, image.shape[1] // 2 + distortion.hidden_right
    hidden = _hidden(shifted, distortion.hidden_side, *middle)
    return _noisy(hidden, distortion.noise, distortion.noise_seed)


def amounts(field: str, side: int) -> tuple[float, ...]:
    """Every amount of one field of a Distortion that is worth trying on images of `side` pixels.

    "angle": -180 to 180 degrees; "noise": 0 to 1; "hidden_side": 0 to the whole image; the others:
    up to half the image either way. Raises KeyError for "noise_seed", of which there is no end.
    """
    half = tuple(range(-(side // 2), side // 2 + 1))
    return {
        "shift_right": half,
        "shift_down": half,
        "angle": tuple(range(-180, 181, _ANGLE_STEP)),
        "hidden_side": tuple(range(side + 1)),
        "hidden_right": half,
        "hidden_down": half,
        "noise": tuple(round(step * _NOISE_STEP, 2) for step in range(round(1 / _NOISE_STEP) + 1)),
    }[field]


def sweep(image: Pixels, distortion: Distortion, field: str) -> Pixels:
    """The image at each of the `amounts` of one field, all else as in `distortion`.

    `image` is uint8 (height, width, channels); the result (amounts, height, width, channels).
    """
    tried = (distortion.with_amount(field, amount) for amount in amounts(field, len(image)))
    return np.stack([distorted(image, one) for one in tried])


def _turned(image: Pixels, angle: float) -> Pixels:
    if not angle:
        return image
    gray = image.shape[2] == 1
    picture = Image.fromarray(image[..., 0] if gray else image)
    array = np.asarray(picture.rotate(angle, Image.Resampling.BILINEAR))
    return array[..., None] if gray else array


def _shifted(image: Pixels, down: int, right: int) -> Pixels:
    height, width, _ = image.shape
    frame = np.pad(image, ((abs(down),) * 2, (abs(right),) * 2, (0, 0)))
    top, left = abs(down) - down, abs(right) - right
    return frame[top : top + height, left : left + width]


def _hidden(image: Pixels, side: int, row: int, column: int) -> Pixels:
    top, left = row - side // 2, column - side // 2
    covered = image.copy()
    covered[max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)] = 0
    return covered


def _noisy(image: Pixels, noise: float, seed: int) -> Pixels:
    if not noise:
        return image
    pattern = np.random.default_rng(seed).standard_normal(image.shape)
    return np.clip(np.rint(image + 255 * noise * pattern), 0, 255).astype(np.uint8)


def nearest_flips(decisions: Numbers, present: int) -> tuple[int | None, int | None]:
    """The places nearest to `present`, before and after it, whose decision is another than there.

    `decisions` has the one at each place, (n,); None where there is no such place.
    """
    other = np.flatnonzero(decisions != decisions[present])
    before, after = other[other < present], other[other > present]
    return int(before[-1]) if len(before) else None, int(after[0]) if len(after) else None


def winning_classes(probabilities: NDArray[np.floating]) -> list[int]:
    """The classes that win at some place, for probabilities (n, classes); most often first.

    Where one class always wins, the class that comes nearest to it is the second.
    """
    classes = probabilities.shape[1]
    wins = np.bincount(probabilities.argmax(1), minlength=classes)
    order = sorted(range(classes), key=lambda one: (-wins[one], -probabilities[:, one].max()))
    return order[: max(2, int((wins > 0).sum()))]
