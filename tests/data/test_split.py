from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.data.dataset import DataError, Dataset
from cnn.data.split import LARGEST_SEED, DataChoice, choose, training_data
from tests.data.numbered import numbered


@settings(deadline=None)
@given(
    share=st.floats(0.3, 0.7),
    seed=st.integers(0, LARGEST_SEED),
    classes=st.sampled_from([None, (0, 1), (0, 2), (1, 2), (0, 1, 2)]),
)
def test_a_shared_split_uses_each_kept_image_once(
    share: float, seed: int, classes: tuple[int, ...] | None
) -> None:
    dataset = numbered(200)
    chosen = choose(dataset, DataChoice("numbers", classes, share, seed))
    kept = np.flatnonzero(np.isin(dataset.labels, classes or (0, 1, 2)))
    assert sorted([*chosen.train, *chosen.test]) == list(kept)
    assert abs(len(chosen.train) - share * len(kept)) <= 0.5


def test_the_article_split_is_8000_and_2000_of_10000() -> None:
    images = np.zeros((10_000, 4, 4, 1), np.uint8)
    dataset = Dataset("n", "n", images, np.arange(10_000) % 10, tuple("0123456789"), "")
    chosen = choose(dataset, DataChoice("n"))
    assert (len(chosen.train), len(chosen.test)) == (8000, 2000)


def test_the_seed_alone_decides_the_order() -> None:
    dataset = numbered(200)
    first, again, other = (choose(dataset, DataChoice("numbers", seed=s)) for s in (1, 1, 2))
    assert np.array_equal(first.train, again.train)
    assert not np.array_equal(first.train, other.train)
    assert not np.array_equal(first.train, np.sort(first.train))


def test_the_official_split_keeps_the_authors_order() -> None:
    chosen = choose(numbered(12, official_test=4), DataChoice("numbers", (0, 2), None))
    assert chosen.train.tolist() == [0, 2, 3, 5, 6]
    assert chosen.test.tolist() == [8, 9, 11]


def test_labels_count_within_the_kept_classes() -> None:
    chosen = choose(numbered(30), DataChoice("numbers", (0, 2)))
    assert chosen.classes == ("red", "blue")
    assert chosen.labels[:6].tolist() == [0, -1, 1, 0, -1, 1]
    assert chosen.image_shape == (4, 4, 1)


def test_training_data_follow_the_numbers_of_the_images() -> None:
    chosen = choose(numbered(30), DataChoice("numbers", (1, 2)))
    arrays = training_data(chosen)
    assert np.array_equal(arrays.train_images[:, 0, 0, 0], chosen.train)
    assert np.array_equal(arrays.test_images[:, 3, 3, 0], chosen.test)
    assert np.array_equal(arrays.train_labels, chosen.train % 3 - 1)
    assert np.array_equal(arrays.test_labels, chosen.test % 3 - 1)


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        (DataChoice("letters"), "for the data set “letters” but was applied to “numbers”"),
        (DataChoice("numbers", (0,)), "at least 2 classes"),
        (DataChoice("numbers", ()), "at least 2 classes"),
        (DataChoice("numbers", (0, 3)), "no class number 3; its classes are numbered 0 to 2"),
        (DataChoice("numbers", (-1, 0)), "no class number -1"),
        (DataChoice("numbers", (2, 0)), "ascending order"),
        (DataChoice("numbers", (0, 0)), "each named once"),
        (DataChoice("numbers", None, 0.05), "between 0.1 and 0.95; it was 0.05"),
        (DataChoice("numbers", None, float("nan")), "between 0.1 and 0.95; it was nan"),
        (DataChoice("numbers", None, 0.5, -1), "seed of the split must be between 0 .*; it was -1"),
        (
            DataChoice("numbers", None, 0.5, 10**9),
            "seed of the split must be between 0 and 999999999",
        ),
        (DataChoice("numbers", None, None), "no official split"),
    ],
)
def test_an_impossible_choice_is_explained(choice: DataChoice, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        choose(numbered(60), choice)


def test_every_kept_class_is_trained_on_and_tested_on() -> None:
    choice = DataChoice("numbers", (0, 1), None)
    first_missing = replace(numbered(12, official_test=4), labels=np.array([1] * 8 + [0, 1] * 2))
    with pytest.raises(DataError, match="leaves the class “red” no image to train on"):
        choose(first_missing, choice)
    last_missing = replace(numbered(12, official_test=4), labels=np.array([0, 1] * 4 + [0] * 4))
    with pytest.raises(DataError, match="leaves the class “green” no image to test on"):
        choose(last_missing, choice)
    single = replace(numbered(60), labels=np.array([0, 1] * 29 + [0, 2]))
    with pytest.raises(DataError, match="leaves the class “blue” no image to"):
        choose(single, DataChoice("numbers"))
