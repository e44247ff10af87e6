"""The colors of a picture in a browser, cell by cell."""

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator

READ = """async (picture) => {
  const whole = () => picture.decode().then(() => true, () => false);
  while (picture.decode && !(await whole())); // drawn anew meanwhile
  const height = picture.naturalHeight ?? picture.height;
  const width = picture.naturalWidth ?? picture.width;
  const canvas = Object.assign(document.createElement("canvas"), { height, width });
  const pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0);
  return [height, width, [...pen.getImageData(0, 0, width, height).data]];
}"""
"""For an image or a canvas: height, width, and red, green, blue, alpha of every cell."""


def colors(picture: Locator) -> NDArray[np.uint8]:
    """The colors of an image or a canvas: (height, width, 4)."""
    height, width, data = picture.evaluate(READ)
    return np.array(data, np.uint8).reshape(height, width, 4)
