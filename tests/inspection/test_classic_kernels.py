"""The classic kernels by what they make of images."""

import numpy as np
import pytest
from scipy import ndimage, signal

from cnn import operations
from cnn.inspection.classic_kernels import CLASSIC_KERNELS, centered, mean, turned

BY_NAME = {kernel.name: kernel for kernel in CLASSIC_KERNELS}
SIZES = range(1, 12)


def through(name: str, image: np.ndarray, size: int = 3) -> np.ndarray:
    """An image (height, width) filtered with same padding."""
    kernel = BY_NAME[name].sized(size)[:, :, None, None]
    x = image.astype(np.float32)[None, :, :, None]
    return operations.convolution(x, kernel, np.zeros(1, np.float32), 1, "same")[0, :, :, 0]


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(0).random((15, 15), dtype=np.float32)


@pytest.mark.parametrize("size", SIZES)
def test_identity_changes_nothing_at_any_size(image, size):
    np.testing.assert_array_equal(through("Identity", image, size), image)


@pytest.mark.parametrize("kernel", CLASSIC_KERNELS, ids=lambda kernel: kernel.name)
def test_a_larger_kernel_gives_the_same_map(image, kernel):
    own = through(kernel.name, image, kernel.side)
    for size in range(kernel.side, 12):
        np.testing.assert_allclose(through(kernel.name, image, size), own, atol=1e-5)
        assert kernel.sized(size).shape == (size, size)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="Sharpen needs 3 x 3"):
        BY_NAME["Sharpen"].sized(2)


def test_edges_are_nothing_on_an_even_ground_and_blurs_keep_its_brightness():
    even = np.full((9, 9), 0.5, np.float32)
    inner = (slice(2, -2), slice(2, -2))
    for name in ("Diagonal edges", "Outline", "Sobel, vertical edges", "Sobel, horizontal edges"):
        np.testing.assert_allclose(through(name, even)[inner], 0, atol=1e-6)
    for name in ("Box blur", "Gaussian blur", "Sharpen", "Emboss"):
        np.testing.assert_allclose(through(name, even)[inner], 0.5, atol=1e-6)


def test_sobel_measures_the_slope_each_in_its_own_direction():
    # Sobel's kernels give eight times the brightness gained from one pixel to the next.
    rows, columns = np.mgrid[0:9, 0:9] / 10
    inner = (slice(1, -1), slice(1, -1))
    np.testing.assert_allclose(through("Sobel, vertical edges", columns)[inner], 0.8, atol=1e-5)
    np.testing.assert_allclose(through("Sobel, horizontal edges", columns)[inner], 0, atol=1e-5)
    np.testing.assert_allclose(through("Sobel, horizontal edges", rows)[inner], 0.8, atol=1e-5)
    np.testing.assert_allclose(through("Sobel, vertical edges", rows)[inner], 0, atol=1e-5)


def test_blurs_smooth_and_sharpening_roughens(image):
    inner = (slice(1, -1), slice(1, -1))
    rough = image[inner].std()
    assert through("Box blur", image)[inner].std() < rough
    assert through("Gaussian blur", image)[inner].std() < rough
    assert through("Sharpen", image)[inner].std() > rough
    mean = np.mean([image[r : r + 13, c : c + 13] for r in range(3) for c in range(3)], axis=0)
    np.testing.assert_allclose(through("Box blur", image)[inner], mean, atol=1e-6)


def test_names_are_all_different_and_every_kernel_says_what_it_does():
    assert len(BY_NAME) == len(CLASSIC_KERNELS)
    assert all(kernel.does.endswith(".") for kernel in CLASSIC_KERNELS)


@pytest.mark.parametrize("size", SIZES)
def test_the_mean_of_any_size_is_a_box_blur(image, size):
    inner = slice((size - 1) // 2, 15 - size // 2)
    blurred = ndimage.uniform_filter(image, size, origin=-((size - 1) % 2))[inner, inner]
    ours = signal.correlate(image, mean(size), "valid")
    np.testing.assert_allclose(ours, blurred, atol=1e-5)


def test_a_kernel_made_smaller_and_larger_keeps_its_middle():
    kernel = np.arange(1, 26, dtype=np.float32).reshape(5, 5)
    np.testing.assert_array_equal(centered(kernel, 3), kernel[1:4, 1:4])
    np.testing.assert_array_equal(centered(kernel, 4), kernel[1:, 1:])
    np.testing.assert_array_equal(centered(kernel, 1), [[13]])
    np.testing.assert_array_equal(centered(centered(kernel, 7), 5), kernel)
    for size in SIZES:
        assert centered(kernel, size).shape == (size, size)
        assert centered(kernel, size)[(size - 1) // 2, (size - 1) // 2] == 13


def test_correlation_with_a_turned_kernel_is_what_scipy_calls_convolution(image):
    kernel = np.random.default_rng(1).random((4, 4), dtype=np.float32)
    x, weights = image[None, :, :, None], turned(kernel)[:, :, None, None]
    ours = operations.convolution(x, weights, np.zeros(1, np.float32))[0, :, :, 0]
    np.testing.assert_allclose(ours, signal.convolve2d(image, kernel, "valid"), atol=1e-5)
