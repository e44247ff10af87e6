"""Health and map on the Evaluate page, on the shipped run."""

from cnn.network.presets import ARTICLE
from cnn.network.spec import Activation


def _section(app, name: str):
    app.segmented_control(key="evaluate-section").set_value(name).run()
    assert not app.exception, app.exception


def test_a_finding_is_told_and_one_click_leads_to_what_may_mend_it(open_page) -> None:
    app = open_page("Evaluate")
    _section(app, "Health")
    said = " ".join(one.value for one in app.markdown)
    assert "the sigmoid is saturated" in said
    assert "67" in said
    assert said.count(":material/check:") == 9
    [mend] = [one for one in app.button if one.label == "Put ReLU into Dense 1"]
    mend.click().run()
    network = app.session_state["session"].network
    assert network.dense[0].activation == Activation("relu")
    assert network.blocks == ARTICLE.blocks
    assert app.title[0].value == "Network"


def test_a_group_chosen_by_class_and_answer_is_counted_and_shown(open_page) -> None:
    app = open_page("Evaluate")
    _section(app, "Map")
    [true] = [one for one in app.selectbox if one.label == "Or choose by class"]
    [said] = [one for one in app.selectbox if one.label == "and by answer"]
    true.set_value(6)
    said.set_value(-1)
    [button] = [one for one in app.button if one.label == "Choose these"]
    button.click().run()
    assert not app.exception
    table = app.dataframe[0].value
    told = next(one.value for one in app.markdown if "chosen**" in one.value)
    shirts = int(table.loc[table["class"] == "Shirt", "are"].iloc[0])
    assert told == f"**{shirts} chosen**, {shirts} of them answered wrongly."
    assert int(table["answered so"].sum()) == shirts
    assert int(table.loc[table["class"] == "Shirt", "answered so"].iloc[0]) == 0
