"""The Server page: who may see the usage, and what it says."""

import pytest
from streamlit.testing.v1 import AppTest

from cnn.server_limits import LIMITS
from cnn.ui.admin.usage import KEY_VARIABLE
from tests.pages.conftest import Open


def metrics(app: AppTest) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


def test_the_machine_itself_sees_the_usage(open_page: Open) -> None:
    app = open_page("Server")
    shown = metrics(app)
    assert shown["Runs waiting"] == f"0 of {LIMITS.queue}"
    assert shown["Memory, web process"].endswith(("MB", "GB"))
    assert {"Folder", "Items", "Size"} == set(app.dataframe[-1].value.columns)


def test_from_elsewhere_it_takes_a_key(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnn.ui.state.visitor.address", lambda: "10.0.0.1")
    app = open_page("Server")
    assert not metrics(app) and not app.text_input
    assert any(KEY_VARIABLE in text.value for text in app.markdown)

    monkeypatch.setenv(KEY_VARIABLE, "a secret")
    app = open_page("Server")
    app.text_input[0].set_value("a guess")
    app.button[0].click().run()
    assert not metrics(app)
    app.text_input[0].set_value("a secret")
    app.button[0].click().run()
    assert not app.exception
    assert metrics(app)
