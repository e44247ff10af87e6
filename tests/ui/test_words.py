"""Numbers and layers in words."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from cnn.network.plan import Plan
from cnn.ui import words
from tests.strategies import plans


@st.composite
def rights(draw: st.DrawFn) -> tuple[int, int]:
    """Right answers and the number of questions."""
    count = draw(st.integers(1, 70_000))
    return draw(st.integers(0, count) | st.sampled_from([0, count])), count


@given(rights())
@settings(deadline=None)
def test_the_interval_is_wilsons(seen: tuple[int, int]) -> None:
    right, count = seen
    expected = binomtest(right, count).proportion_ci(0.95, method="wilson")
    low, high = words.wilson(right / count, count)
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=2e-5)
    assert low >= 0 and high <= 1


@given(rights())
@settings(deadline=None)
def test_an_accuracy_tells_its_share_and_interval(seen: tuple[int, int]) -> None:
    right, count = seen
    text = words.accuracy(right / count, count)
    match = re.fullmatch(r"([\d.]+)\u202f% \(([\d.]+) to ([\d.]+)\)", text)
    assert match, text
    expected = binomtest(right, count).proportion_ci(0.95, method="wilson")
    told = [float(number) for number in match.groups()]
    share = 100 * right / count
    assert told == pytest.approx([share, 100 * expected.low, 100 * expected.high], abs=0.053)


@given(st.integers(0, 10**12))
@settings(deadline=None)
def test_thousands_are_groups_of_three(count: int) -> None:
    text = words.thousands(count)
    assert re.fullmatch(r"\d{1,3}(\u202f\d{3})*", text)
    assert int(text.replace("\u202f", "")) == count


@given(st.floats(0, 10**6))
@settings(deadline=None)
def test_a_duration_is_told_to_the_second(duration: float) -> None:
    text = words.seconds(duration)
    if text == "less than a second":
        assert duration < 1
        return
    match = re.fullmatch(r"about (?:(\d+) min )?(\d+) s", text)
    assert match, text
    minutes, rest = int(match[1] or 0), int(match[2])
    assert rest < 60
    assert abs(60 * minutes + rest - duration) <= 0.5


@given(plans())
@settings(deadline=None)
def test_every_layer_has_a_title_of_its_own_and_a_setting(plan: Plan) -> None:
    titles = [words.layer_title(layer) for layer in plan.layers]
    assert len(set(titles)) == len(titles)
    assert all(titles) and all(words.layer_setting(layer) for layer in plan.layers)


@given(plans())
@settings(deadline=None)
def test_a_network_in_words_names_its_parts_in_order(plan: Plan) -> None:
    network = plan.network
    parts = words.network(network).split(" → ")
    assert len(parts) == len(network.blocks) + 1 + len(network.dense) + 1
    for text, block in zip(parts, network.blocks, strict=False):
        assert text.startswith(f"{block.filters}@{block.kernel}×{block.kernel} ")
    assert parts[-1] == network.output
