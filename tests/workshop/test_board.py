"""The board names every network once, and its front is the one found by comparing all pairs."""

from hypothesis import given
from hypothesis import strategies as st

from cnn.statistics import wilson
from cnn.workshop.board import board, pareto_front
from cnn.workshop.workshop import OwnRun
from tests.workshop.examples import trained

Networks = dict[str, tuple[int, float]]
networks = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=2),
    st.tuples(st.integers(1, 6), st.integers(0, 6).map(lambda sixths: sixths / 6)),
)


@given(networks)
def test_the_front_is_what_no_other_beats(found: Networks) -> None:
    def beaten(name: str) -> bool:
        size, accuracy = found[name]
        return any(
            other[0] <= size and other[1] >= accuracy and other != (size, accuracy)
            for other in found.values()
        )

    assert pareto_front(found) == {name for name in found if not beaten(name)}


def test_a_shared_run_is_there_once_with_all_its_people() -> None:
    one, other = trained("one", 100, 0.8), trained("other", 50, 0.7)
    entries = board([OwnRun(one, "ann"), OwnRun(other, "ann"), OwnRun(one, "bo")])
    assert [(entry.run.run, entry.people, entry.best) for entry in entries] == [
        ("one", ("ann", "bo"), True),
        ("other", ("ann",), True),
    ]
    assert entries[0].interval == wilson(0.8, 2000)


def test_what_is_kept_off_or_has_no_accuracy_is_not_there() -> None:
    hidden, none = trained("hidden"), trained("none", accuracy=None)
    assert board([OwnRun(hidden, "ann", False), OwnRun(none, "ann")]) == []
    assert board([OwnRun(hidden, "ann", False), OwnRun(hidden, "bo")])[0].people == ("bo",)


def test_other_images_are_compared_with_none() -> None:
    easy, real = trained("easy", 1, 1.0, comparable=False), trained("real", 9, 0.8)
    first, second = board([OwnRun(easy, "ann"), OwnRun(real, None)])
    assert (first.run.run, first.best) == ("easy", False)
    assert (second.people, second.best) == ((), True)
