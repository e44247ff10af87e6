"""The address: it gives back every choice put into it, and nothing typed into it can break a page."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.data.split import DataChoice
from cnn.inspection.units import from_text
from cnn.network.plan import plan
from cnn.network.spec import ConvolutionBlock, Network
from cnn.training.job import SEED, Phase, Settings
from cnn.ui.state.services import EXAMPLE_RUN
from cnn.ui.state.url import PARAMETERS, UrlState, read, write
from tests.strategies import networks


def choices_of_data() -> st.SearchStrategy[DataChoice]:
    return st.builds(
        DataChoice,
        st.from_regex(r"[a-z0-9-]{1,60}", fullmatch=True),
        st.none() | st.sets(st.integers(0, 999), min_size=1).map(lambda s: tuple(sorted(s))),
        st.none() | st.integers(10, 95).map(lambda percent: percent / 100),
        st.integers(0, 999_999),
    )


@st.composite
def settings_of_training(draw: st.DrawFn) -> Settings:
    optimizer = draw(st.sampled_from(["adam", "sgd", "rmsprop"]))
    momentum = draw(st.integers(0, 99)) / 100 if optimizer == "sgd" else 0.0
    return Settings(
        (Phase(draw(st.integers(1, 100)), draw(st.floats(1e-6, 10))),),
        draw(st.integers(8, 1024)),
        optimizer,
        momentum,
        draw(st.integers(0, int(SEED.high))),
        draw(st.none() | st.integers(1, 20)),
    )


def texts(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(pattern, fullmatch=True)


ids = texts(r"[A-Za-z0-9_-]{1,64}").filter(lambda run: run != EXAMPLE_RUN)

states = st.builds(
    UrlState,
    networks(),
    choices_of_data(),
    settings_of_training(),
    st.just(EXAMPLE_RUN) | ids,
    st.none() | st.integers(0, 99_999),
    st.none() | st.integers(0, 100),
    st.none() | texts(r"(convolution|pooling|logits)_?[1-9]?-(map|unit)[1-9]"),
    st.none() | texts(r"[a-z]{1,12}"),
    texts(r"([a-f]{1,8}-[a-f0-9.~-]{1,8}(_[a-f]{1,8}-[a-f0-9.~-]{1,8})?)?"),
    st.none() | ids,
    st.none() | st.lists(ids, min_size=1, max_size=6, unique=True).map(tuple),
    st.none() | texts(r"[a-z]{1,12}(0\.[1-9])?(~free-[a-z.]{1,12})?"),
)


@given(states)
@settings(deadline=None)
def test_every_choice_comes_back(state: UrlState) -> None:
    assert read(write(state)) == (state, [])


def test_what_is_as_at_the_start_is_left_out() -> None:
    assert write(UrlState()) == {}
    assert read({}) == (UrlState(), [])
    assert read({"run": EXAMPLE_RUN}) == (UrlState(), [])
    changes = {
        "net": {"network": Network()},
        "data": {"data": DataChoice("mnist")},
        "train": {"settings": Settings(seed=2)},
        "run": {"run": "another"},
        "image": {"image": 0},
        "epoch": {"epoch": 0},
        "at": {"unit": "logits-unit1"},
        "lesson": {"lesson": "images"},
        "set": {"controls": "stride-2"},
        "experiment": {"experiment": "new"},
        "compare": {"compared": ("a", "b")},
        "join": {"join": "ACD234"},
        "host": {"host": "secret"},
        "projector": {"projector": "ACD234"},
        "challenge": {"challenge": "small"},
    }
    assert list(changes) == [parameter.name for parameter in PARAMETERS.values()]
    for name, change in changes.items():
        assert list(write(replace(UrlState(), **change))) == [name]


def test_former_names_in_old_links_are_read_like_those_of_now() -> None:
    for old, new in (
        ("colour-red_grey-3", "color-red_gray-3"),
        ("rate-1_colour-mean", "rate-1_color-mean"),
        ("topic-rates_optimiser-adam", "topic-rates_optimizer-adam"),
        ("kernel-sobel-upright-edges", "kernel-sobel-vertical-edges"),
        ("red-sobel-level-edges_bias-1", "red-sobel-horizontal-edges_bias-1"),
    ):
        assert read({"set": old}) == read({"set": new})
        assert read({"set": new})[0].controls == new
    for either in ("batch_normali{}ation_1-map1", "batch_normali{}ation_2-map3-row1-column1"):
        assert read({"at": either.format("s")}) == read({"at": either.format("z")})


def test_an_old_link_to_a_normalized_map_names_a_layer_that_the_network_has() -> None:
    block = ConvolutionBlock(3, 3, batch_normalization=True)
    network = plan(Network((block,)), (8, 8, 1), 2)
    for letter in "sz":
        state, _ = read({"at": f"batch_normali{letter}ation_1-map2-row1-column1"})
        assert from_text(state.unit or "", network).channel == 1


def test_at_most_six_runs_are_compared_each_once() -> None:
    state, _ = read({"compare": ",".join("abacdefgh")})
    assert state.compared == tuple("abcdef")
    assert read({"compare": ","})[0].compared is None


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, str]:
    """The parameters of an address, some of them with a piece replaced by any text."""
    parameters = write(draw(states))
    for name in draw(st.sets(st.sampled_from(sorted(parameters)))) if parameters else ():
        text = parameters[name]
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, len(text)))
        piece = draw(st.text("0123456789.-_+ex", max_size=8) | st.text(max_size=40))
        parameters[name] = text[:start] + piece + text[end:]
    return parameters


names = st.sampled_from(
    ["net", "data", "train", "run", "image", "epoch", "at", "lesson", "set", "compare", "other"]
)


@given(damaged() | st.dictionaries(names, st.text()))
@settings(deadline=None, max_examples=500)
def test_any_text_gives_an_address_and_a_sentence_for_what_was_not_understood(
    parameters: dict[str, str],
) -> None:
    address, sentences = read(parameters)
    assert all(sentence.endswith(".") and len(sentence) < 500 for sentence in sentences)
    if not sentences:  # understood: then it can be written and understood again
        assert read(write(address)) == (address, [])


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("net", "conv4x3_softmax", "used instead."),
        ("data", "fashion mnist", "The example images are used instead."),
        ("data", "fashion-mnist-10000_share2", "The example images are used instead."),
        ("train", "adam_rate1e-e_batch128_epochs30_seed1", "could not be read"),
        ("train", "adam_rate0.001_batch128_epochs3000_seed1", "number of epochs must be between"),
        ("train", "adam_rate0.001_batch128_epochs3_seed1_momentum0.5", "setting of SGD"),
        ("image", "-1", "It was left out."),
        ("epoch", "2.5", "It was left out."),
        ("image", "9" * 5000, "It was left out."),
        ("epoch", "\u0663", "It was left out."),
    ],
)
def test_one_strange_parameter_is_told_and_leaves_the_rest(name: str, text: str, told: str) -> None:
    others = {"net": "flatten_softmax", "data": "mnist_share0.5", "image": "7", "epoch": "3"}
    address, [sentence] = read(others | {name: text})
    assert told in sentence
    without, _ = read({key: value for key, value in others.items() if key != name})
    assert address == without
