"""A number inside a network and its name in an address."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.inspection.forward import class_probabilities, forward
from cnn.inspection.units import Unit, UnitError, from_text, to_text
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from tests.strategies import plans, random_images, random_weights

ARTICLES = plan(ARTICLE, (28, 28, 1), 10)


@given(plans(), st.data())
@settings(deadline=None)
def test_every_unit_has_a_name_of_its_own(one: Plan, data: st.DataObject) -> None:
    outputs = forward(one, random_weights(one, 1), random_images(one, 1, count=1))
    last = one.layers[-1].name
    outputs[last] = class_probabilities(outputs[last])
    layer = data.draw(st.sampled_from(sorted(outputs)))
    shape = outputs[layer][0].shape
    names = set()
    for place in product(*map(range, shape)):
        unit = Unit(layer, place[-1], *place[:-1])
        text = to_text(unit, one)
        assert from_text(text, one) == unit
        assert unit.place == place
        names.add(text)
    assert len(names) == outputs[layer][0].size
    if len(shape) == 3:
        for channel in range(shape[2]):
            whole = Unit(layer, channel)
            assert from_text(to_text(whole, one), one) == whole
            assert to_text(whole, one) not in names


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("convolution_2-map3-row5-column7", Unit("convolution_2", 2, 4, 6)),
        ("Convolution_2-Map3-Row5-Column7 ", Unit("convolution_2", 2, 4, 6)),
        ("convolution_2-map3", Unit("convolution_2", 2)),
        ("image-map1-row28-column28", Unit("image", 0, 27, 27)),
        ("dense_1-unit17", Unit("dense_1", 16)),
        ("flatten-unit200", Unit("flatten", 199)),
        ("softmax-unit10", Unit("softmax", 9)),
    ],
)
def test_names_read_as_people_count(text: str, unit: Unit) -> None:
    assert from_text(text, ARTICLES) == unit
    assert to_text(unit, ARTICLES) == text.strip().lower()


def test_one_logit_gives_two_probabilities() -> None:
    one = plan(Network(output="sigmoid"), (6, 6, 1), 2)
    assert from_text("sigmoid-unit2", one) == Unit("sigmoid", 1)
    with pytest.raises(UnitError, match="there is no 'logits-unit2'"):
        from_text("logits-unit2", one)


ODD = {
    "": "could not be read",
    "none": "could not be read",
    "convolution_2": "could not be read",
    "convolution_2-": "could not be read",
    "convolution_2-map": "could not be read",
    "convolution_2-map3-row5": "could not be read",
    "convolution_2-map3-column7": "could not be read",
    "convolution_2-map-3": "could not be read",
    "convolution_2-map3.5": "could not be read",
    "convolution_2-map٣": "could not be read",
    "<script>alert(1)</script>": "could not be read",
    "dense_1-unit99999999999": "could not be read",
    "x" * 5000: "could not be read",
    "convolution_3-map1": "no layer called 'convolution_3'",
    "dropout_1-map1": "no layer called 'dropout_1'",
    "nowhere-unit1": "no layer called 'nowhere'",
    "convolution_2-map0": "there is no",
    "convolution_2-map9": "there is no",
    "convolution_2-map3-row0-column1": "there is no",
    "convolution_2-map3-row12-column1": "there is no",
    "convolution_2-map3-row1-column12": "there is no",
    "convolution_2-map3-row9999-column9999": "there is no",
    "dense_1-unit0": "there is no",
    "dense_1-unit101": "there is no",
    "softmax-unit11": "there is no",
    "image-map2-row1-column1": "there is no",
    "convolution_2-unit3": "has maps",
    "dense_1-map3": "has units",
    "dense_1-map3-row1-column1": "has units",
}


@pytest.mark.parametrize("text", ODD)
def test_what_the_network_has_not_gets_a_sentence(text: str) -> None:
    with pytest.raises(UnitError) as error:
        from_text(text, ARTICLES)
    sentence = str(error.value)
    assert ODD[text] in sentence
    assert sentence[0].isupper() and sentence.endswith(".") and len(sentence) < 300
    assert text[:60].lower() in sentence or text.partition("-")[0] in sentence


@given(plans(), st.text(max_size=60))
@settings(deadline=None)
def test_no_text_at_all_makes_it_fail(one: Plan, text: str) -> None:
    try:
        unit = from_text(text, one)
    except UnitError:
        return
    assert to_text(unit, one) == text.strip().lower()
