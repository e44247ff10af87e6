"""A widget that is not shown any more is not heard, whatever a browser still tells of it."""

from streamlit.testing.v1 import AppTest


def _page() -> None:
    import streamlit as st

    from cnn.ui.state.ignore_stale_widget import heard

    state = st.session_state
    state.setdefault("number", 0)
    key = f"box-{state.number}"

    def told() -> None:
        state.chosen = state[key]

    st.selectbox("Box", ["a", "b", "c"], key=key, on_change=heard("box", key, told))
    if st.button("Another box"):
        state.number += 1
        st.rerun()


def test_only_the_widget_that_is_shown_is_heard() -> None:
    page = AppTest.from_function(_page).run()
    page.selectbox[0].select("b").run()
    assert page.session_state["chosen"] == "b"
    late = page._tree.get_widget_states()
    page.button[0].click().run()
    page.selectbox[0].select("c").run()
    page._run(late)  # as a browser tells that has not yet drawn the other box
    assert page.session_state["chosen"] == "c"


def _two_pages() -> None:
    import streamlit as st

    from cnn.ui.state.ignore_stale_widget import heard, page_begins

    state = st.session_state
    state.setdefault("place", "first")
    page_begins(state.place)
    if state.place == "first":

        def told() -> None:
            state.chosen = state.box

        st.selectbox("Box", ["a", "b", "c"], key="box", on_change=heard("box", "box", told))
    if st.button("Another page"):
        state.place = "second" if state.place == "first" else "first"
        st.rerun()
    if st.button("Choose"):
        state.chosen = "chosen on the second page"


def test_a_widget_of_a_page_that_was_left_is_heard_again_only_when_the_page_is_back() -> None:
    page = AppTest.from_function(_two_pages).run()
    page.selectbox[0].select("b").run()
    late = page._tree.get_widget_states()
    page.button[0].click().run()
    page.button[1].click().run()
    page._run(late)  # as a browser tells that has not yet left the first page
    assert page.session_state["chosen"] == "chosen on the second page"
    page.button[0].click().run()
    page.selectbox[0].select("c").run()
    assert page.session_state["chosen"] == "c"
