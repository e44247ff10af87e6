"""Numbers and layers in words."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from cnn.network.plan import Plan
from cnn.network.presets import ARTICLE, PRESETS
from cnn.network.spec import ConvolutionBlock, DenseLayer, Network
from cnn.ui.common import formatting
from tests.e2e.reading import check_number, read_number
from tests.strategies import networks, plans


@st.composite
def rights(draw: st.DrawFn) -> tuple[int, int]:
    """Right answers and the number of questions."""
    count = draw(st.integers(1, 70_000))
    return draw(st.integers(0, count) | st.sampled_from([0, count])), count


@given(rights())
@settings(deadline=None)
def test_an_accuracy_tells_its_share_and_interval(seen: tuple[int, int]) -> None:
    right, count = seen
    text = formatting.accuracy(right / count, count)
    match = re.fullmatch(r"([\d.]+)% \(([\d.]+) to ([\d.]+)\)", text)
    assert match, text
    expected = binomtest(right, count).proportion_ci(0.95, method="wilson")
    told = [float(number) for number in match.groups()]
    share = 100 * right / count
    assert told == pytest.approx([share, 100 * expected.low, 100 * expected.high], abs=0.053)


@given(st.floats(-1e6, 1e6, width=32))
@settings(deadline=None)
def test_a_number_is_told_to_its_own_last_digit(value: float) -> None:
    text = formatting.number(value)
    if value:
        check_number(text, value)
    assert len(re.sub(r"\D", "", text.partition("e")[0]).lstrip("0")) <= 7


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1234.5, "1235"),
        (-100, "−100"),
        (99.96, "100.0"),
        (-12.345, "−12.3"),
        (0.5, "0.50"),
        (0.125, "0.13"),
        (-0.0123, "−0.0123"),
        (0.00099, "9.9e−4"),
        (-1.2e-15, "−1.2e−15"),
        (-1.4e30, "−1.4e30"),
        (float("-inf"), "−∞"),
        (float("nan"), "not a number"),
    ],
)
def test_numbers_of_every_size(value: float, text: str) -> None:
    assert formatting.number(value) == text


@given(st.floats(0, 1), st.integers(0, 2))
@settings(deadline=None)
def test_percent_is_a_number_and_the_sign(share: float, digits: int) -> None:
    number, sign = re.fullmatch(r"(.*)(%)", formatting.percent(share, digits)).groups()
    assert sign == "%" and len(number.partition(".")[2]) == digits
    assert read_number(number) == pytest.approx(100 * share, abs=0.51 * 10.0**-digits)


@given(st.integers(0, 10**12))
@settings(deadline=None)
def test_thousands_are_groups_of_three(count: int) -> None:
    text = formatting.thousands(count)
    assert re.fullmatch(r"\d{1,3}(,\d{3})*", text)
    assert int(text.replace(",", "")) == count


@given(st.floats(0, 10**6))
@settings(deadline=None)
def test_a_duration_is_told_to_the_second(duration: float) -> None:
    text = formatting.seconds(duration)
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
    titles = [formatting.layer_title(layer) for layer in plan.layers]
    assert len(set(titles)) == len(titles)
    assert all(titles) and all(layer.operation.setting for layer in plan.layers)


@given(plans())
@settings(deadline=None)
def test_a_network_in_words_names_its_parts_in_order(plan: Plan) -> None:
    network = plan.network
    parts = formatting.network(network).split(" → ")
    assert len(parts) == len(network.blocks) + 1 + len(network.dense) + 1
    for text, block in zip(parts, network.blocks, strict=False):
        assert text.startswith(f"{block.filters}@{block.kernel}×{block.kernel} ")
    assert parts[-1] == network.output


@pytest.mark.parametrize(
    ("network", "name"),
    [
        (ARTICLE, "Starter network"),
        (PRESETS["average"].network, "2 conv layers (4, 8 filters), average pooling, dense 100"),
        (Network(), "Output layer only"),
        (Network(dense=(DenseLayer(50), DenseLayer(20))), "Dense 50, 20"),
        (
            Network((ConvolutionBlock(3, 3, batch_normalization=True, pooling=None),)),
            "1 conv layer (3 filters), batch normalization",
        ),
        (
            Network(tuple(ConvolutionBlock(size, 3) for size in (8, 32, 16))),
            "3 conv layers (8, 32, 16 filters), max pooling",
        ),
        (
            Network(tuple(ConvolutionBlock(size, 3) for size in (8, 16, 32, 64))),
            "4 conv layers (8 to 64 filters), max pooling",
        ),
    ],
)
def test_networks_have_short_names(network: Network, name: str) -> None:
    assert formatting.network_name(network) == name


@given(networks())
def test_the_name_of_any_network_fits_a_line_and_counts_its_layers(network: Network) -> None:
    name = formatting.network_name(network)
    assert len(name) < 100
    if network.blocks and network != ARTICLE:
        assert name.startswith(f"{len(network.blocks)} conv layer")


@pytest.mark.parametrize(
    ("names", "text"), [("", ""), ("A", "A"), ("AB", "A and B"), ("ABCD", "A, B, C and D")]
)
def test_names_are_listed_with_and_before_the_last(names: str, text: str) -> None:
    assert formatting.listed([*names]) == text


def test_long_lists_are_cut() -> None:
    assert formatting.listed([str(n) for n in range(20)]).endswith("and 13 more")
