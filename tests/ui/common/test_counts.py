"""How counts are written: with the right noun, whatever the count."""

import pytest

from cnn.ui.common.formatting import counted


@pytest.mark.parametrize(
    ("count", "written"),
    [(0, "0 epochs"), (1, "1 epoch"), (2, "2 epochs"), (8000, "8,000 epochs")],
)
def test_one_of_a_thing_is_singular(count: int, written: str) -> None:
    assert counted(count, "epoch") == written


def test_a_noun_may_have_a_plural_of_its_own() -> None:
    assert [counted(count, "class", "classes") for count in (1, 10)] == ["1 class", "10 classes"]
