"""A widget that has been replaced is not heard any more, whatever a browser still tells of it."""

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
