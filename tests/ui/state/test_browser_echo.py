"""What a visitor has done counts; what a browser sends that the app has changed meanwhile does not."""

import pytest
from streamlit.testing.v1 import AppTest

from cnn.ui.state.browser_echo import UrlEcho


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("cnn.ui.state.browser_echo.time.monotonic", lambda: now[0])
    return now


def test_what_the_page_wrote_last_and_just_before_was_not_opened(clock: list[float]) -> None:
    echo = UrlEcho()
    assert echo.is_opened("a")
    echo.write("a")
    clock[0] += 1
    echo.write("b")
    clock[0] += 0.5
    echo.write("c")
    assert not any(map(echo.is_opened, "abc"))
    assert echo.is_opened("d")


def test_going_back_is_opening(clock: list[float]) -> None:
    echo = UrlEcho()
    echo.write("a")
    echo.write("b")
    clock[0] += 3
    assert echo.is_opened("a")
    assert not echo.is_opened("b")


def _page() -> None:
    import streamlit as st

    from cnn.ui.state.browser_echo import widget

    state = st.session_state
    state.setdefault("model", 5)
    state.setdefault("calls", [])

    def choose(number: int) -> None:
        state.calls.append(number)
        if number != 9:
            state.model = number

    slider = widget("number", state.model)
    st.slider("Number", 0, 10, state.model, key=slider.key, on_change=slider.then(choose))
    if st.button("Seven"):
        state.model = 7
        st.rerun()
    state.key = slider.key


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_function(_page).run()


def test_a_widget_keeps_its_key_while_only_the_visitor_changes_it(page: AppTest) -> None:
    key = page.session_state["key"]
    for number in (3, 4, 3):
        page.slider[0].set_value(number).run()
        assert (page.session_state["model"], page.session_state["key"]) == (number, key)


def test_a_widget_shows_what_was_changed_elsewhere_and_the_old_one_is_ignored(
    page: AppTest,
) -> None:
    page.slider[0].set_value(3).run()
    late = page._tree.get_widget_states()
    page.button[0].click().run()
    assert page.slider[0].value == 7
    page._run(late)  # as a browser sends it that has not yet drawn the change
    assert page.session_state["model"] == page.slider[0].value == 7
    assert page.session_state["calls"] == [3]


def test_a_widget_goes_back_where_the_app_does_not_take_its_value(page: AppTest) -> None:
    page.slider[0].set_value(9).run()
    assert page.slider[0].value == page.session_state["model"] == 5
    page.slider[0].set_value(9).run()
    assert page.session_state["calls"] == [9, 9]


def _two_boxes() -> None:
    import streamlit as st

    from cnn.ui.state.browser_echo import while_shown

    state = st.session_state
    state.setdefault("number", 0)
    key = f"box-{state.number}"

    def told() -> None:
        state.chosen = state[key]

    st.selectbox("Box", ["a", "b", "c"], key=key, on_change=while_shown("box", key, told))
    if st.button("Another box"):
        state.number += 1
        st.rerun()


def test_only_the_widget_that_is_shown_is_heard() -> None:
    page = AppTest.from_function(_two_boxes).run()
    page.selectbox[0].select("b").run()
    assert page.session_state["chosen"] == "b"
    late = page._tree.get_widget_states()
    page.button[0].click().run()
    page.selectbox[0].select("c").run()
    page._run(late)  # as a browser tells that has not yet drawn the other box
    assert page.session_state["chosen"] == "c"


def _two_pages() -> None:
    import streamlit as st

    from cnn.ui.state.browser_echo import page_begins, widget

    state = st.session_state
    state.setdefault("place", "first")
    state.setdefault("chosen", "a")
    page_begins(state.place)
    if state.place == "first":

        def choose(letter: str) -> None:
            state.chosen = letter

        letters = ["a", "b", "c", "d"]
        box = widget("box", state.chosen)
        at = letters.index(state.chosen)
        st.selectbox("Box", letters, at, key=box.key, on_change=box.then(choose))
    if st.button("Another page"):
        state.place = "second" if state.place == "first" else "first"
        st.rerun()
    if st.button("Choose"):
        state.chosen = "d"


def test_a_widget_of_a_page_that_was_left_is_heard_again_only_when_the_page_is_back() -> None:
    page = AppTest.from_function(_two_pages).run()
    page.selectbox[0].select("b").run()
    late = page._tree.get_widget_states()
    page.button[0].click().run()
    page.button[1].click().run()
    page._run(late)  # as a browser tells that has not yet left the first page
    assert page.session_state["chosen"] == "d"
    page.button[0].click().run()
    assert page.selectbox[0].value == "d"
    page.selectbox[0].select("c").run()
    assert page.session_state["chosen"] == "c"
