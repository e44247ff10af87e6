from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cnn.network.link import EXAMPLE, LONGEST, from_text, to_text
from cnn.network.presets import ARTICLE
from cnn.network.spec import (
    Activation,
    ConvolutionBlock,
    DenseLayer,
    Network,
    NetworkError,
    Pooling,
)
from tests.strategies import networks

ARTICLE_TEXT = "conv4x3-relu-max2_conv8x3-relu-max2_flatten_dense100-sigmoid_softmax"


def read(text):
    """Anything becomes a network or a sentence; a network stays the same when written again."""
    try:
        network = from_text(text)
    except NetworkError as refusal:
        assert str(refusal).endswith(".")
        return None
    assert from_text(to_text(network)) == network
    return network


def test_the_article_reads_and_writes_as_documented():
    assert to_text(ARTICLE) == ARTICLE_TEXT
    assert from_text(ARTICLE_TEXT) == ARTICLE


def test_every_setting_has_its_word():
    network = from_text(
        " CONV8x5-s2-same-norm-leaky0.2-avg3s2-drop0.25_conv2x3-d4_globalaverage"
        "_dense20-gelu-drop0.5_sigmoid"
    )
    block = ConvolutionBlock(
        8, 5, 2, "same", True, Activation("leaky_relu", 0.2), Pooling("average", 3, 2), 0.25
    )
    spread = ConvolutionBlock(2, 3, activation=Activation("linear"), pooling=None, dilation=4)
    dense = DenseLayer(20, Activation("gelu"), 0.5)
    assert network == Network((block, spread), "global_average", (dense,), "sigmoid")


def test_the_example_of_the_refusals_is_a_network():
    assert read(EXAMPLE) is not None


@settings(deadline=None)
@given(networks())
def test_round_trip_through_an_address(network):
    text = to_text(network)
    assert from_text(text) == network
    assert len(text) < LONGEST
    assert quote(text) == text


@settings(deadline=None)
@given(st.text() | st.text("convx0123456789-_.smaeluflatdrop", max_size=60))
@example("")
@example("_")
@example("softmax")
@example("flatten_softmax_softmax")
@example("conv" + "9" * 5000 + "x3_flatten_softmax")
@example("flatten_dense10-leaky1e3_softmax")
@example("flatten_dense10-drop.5_softmax")
def test_any_text_is_a_network_or_a_refusal(text):
    read(text)


@settings(deadline=None)
@given(st.data())
def test_a_mangled_text_is_a_network_or_a_refusal(data):
    text = to_text(data.draw(networks()))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 8, len(text))))
    new = data.draw(st.text(max_size=3) | st.sampled_from(["_", "-", "x", "99999", "-same", "0"]))
    read(text[:start] + new + text[end:])


@settings(deadline=None)
@given(networks(), st.randoms())
def test_shuffled_layers_are_a_network_or_a_refusal(network, random):
    layers = to_text(network).split("_")
    random.shuffle(layers)
    read("_".join(layers))


@pytest.mark.parametrize("digit", ["٣", "３", "३", "³"])
@pytest.mark.parametrize(
    "text",
    [
        "conv3x#_flatten_softmax",
        "conv#x3_flatten_softmax",
        "conv4x3-s#_flatten_softmax",
        "conv4x3-d#_flatten_softmax",
        "conv4x3-max#_flatten_softmax",
        "conv4x3-max2s#_flatten_softmax",
        "conv4x3-leaky0.#_flatten_softmax",
        "conv4x3-drop0.#_flatten_softmax",
        "flatten_dense#_softmax",
    ],
)
def test_digits_are_those_of_ascii(text, digit):
    assert from_text(text.replace("#", "3"))
    with pytest.raises(NetworkError, match="could not be read"):
        from_text(text.replace("#", digit))


def test_words_may_stand_in_any_order_and_of_two_of_a_kind_the_last_counts():
    usual = from_text("conv4x3-s2-same-norm-tanh-max2-drop0.1_flatten_dense9-elu-drop0.2_softmax")
    other = "conv4x3-drop0.1-max2-relu-tanh-s3-norm-same-s2_flatten_dense9-drop0.2-elu_softmax"
    assert from_text(other) == usual


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("conv8x3-swirl_flatten_softmax", "swirl"),
        ("conv8x3_softmax", "flatten"),
        ("conv8x3_flatten_maxout", "maxout"),
        ("flatten_conv8x3_softmax", "conv8x3"),
        ("conv8x3_dense10_flatten_softmax", "dense10"),
        ("conv999x3_flatten_softmax", "999"),
        ("flatten_flatten_softmax", "flatten"),
        ("flatten-relu_softmax", "flatten-relu"),
        ("flatten_dense10-max2_softmax", "max2"),
        ("flatten_dense10-s2_softmax", "s2"),
        ("flatten_globalaverage_softmax", "globalaverage"),
        ("conv8x3-s2-d3_flatten_softmax", "stride 2 and dilation 3"),
        ("flatten_dense10-drop0.955_softmax", "0.955"),
        ("x" * (LONGEST + 1), str(LONGEST + 1)),
    ],
)
def test_a_refusal_names_the_part(text, named):
    with pytest.raises(NetworkError, match=named):
        from_text(text)
