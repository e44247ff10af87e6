"""The glossary: every term has one short definition that a tooltip can show."""

import re

import pytest

from cnn.ui.common.glossary import definition, glossary, term, with_definitions


@pytest.mark.parametrize("name", glossary())
def test_a_definition_is_short_plain_text(name: str) -> None:
    text = definition(name)
    # Markdown inside the tooltip's brackets would leave the tooltip empty.
    assert not re.search(r"[\[\]*_`$<>{}~|\\]|:\w|https?:|->|--|\(c\)", text)
    assert text.endswith(".")
    for sentence in re.split(r"(?<=\.) ", text):
        assert len(sentence.split()) <= 20, sentence
    assert len(text) <= 220


def test_terms_are_in_order_and_none_is_defined_twice() -> None:
    names = list(glossary())
    assert names == sorted(names, key=str.casefold)
    assert len({name.casefold() for name in names}) == len(names)
    assert len(set(glossary().values())) == len(names)


def test_a_term_is_shown_with_its_definition() -> None:
    assert term("epoch") == f"epoch:help[{definition('epoch')}]"
    assert term("epoch", "epochs").startswith("epochs:help[One pass")
    with pytest.raises(KeyError):
        term("epock")


def test_links_to_the_glossary_become_tooltips_and_others_stay() -> None:
    text = "After **ten** [epochs](glossary:epoch), see [one-hot](glossary:one-hot) and [a](b)."
    filled = with_definitions(text)
    assert filled == (f"After **ten** {term('epoch', 'epochs')}, see {term('one-hot')} and [a](b).")
    assert with_definitions("[rate](glossary:learning-rate)") == term("learning rate", "rate")
    with pytest.raises(KeyError):
        with_definitions("[x](glossary:nothing)")
