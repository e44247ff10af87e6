"""The memory of what is computed once for all."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from cnn.ui.state.cache import cached


def test_the_same_is_computed_once_and_is_the_same_object() -> None:
    asked: list[int] = []

    @cached(2)
    def doubled(number: int) -> list[int]:
        asked.append(number)
        return [2 * number]

    assert doubled(1) == [2]
    assert doubled(1) is doubled(1)
    assert doubled(2) == [4]
    assert asked == [1, 2]
    doubled.clear()
    doubled(1)
    assert asked == [1, 2, 1]


def test_what_was_asked_for_longest_ago_is_forgotten_first() -> None:
    asked: list[int] = []

    @cached(2)
    def same(number: int) -> int:
        asked.append(number)
        return number

    for number in (1, 2, 1, 3, 1, 2):
        same(number)
    assert asked == [1, 2, 3, 2]


def test_a_key_stands_for_arguments_that_have_no_hash() -> None:
    @cached(4, key=lambda name, _: name)
    def total(name: str, numbers: list[int]) -> int:
        return sum(numbers)

    assert total("a", [1, 2]) == 3
    assert total("a", [9, 9]) == 3
    assert total("b", [9, 9]) == 18


def test_an_error_is_raised_and_tried_again() -> None:
    tries: list[int] = []

    @cached(1)
    def third_time() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise ValueError("not yet")
        return "done"

    for _ in range(2):
        with pytest.raises(ValueError, match="not yet"):
            third_time()
    assert third_time() == third_time() == "done"


def test_who_asks_meanwhile_waits_for_the_same_answer() -> None:
    began, go_on, asked = Event(), Event(), []

    @cached(1)
    def slow() -> object:
        asked.append(1)
        began.set()
        go_on.wait(60)
        return object()

    with ThreadPoolExecutor(2) as people:
        first = people.submit(slow)
        began.wait(60)
        second = people.submit(slow)
        go_on.set()
        assert first.result() is second.result()
    assert asked == [1]
