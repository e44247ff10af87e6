import streamlit as st

from cnn.ui.common.page import page
from cnn.ui.compare.comparison import comparison
from cnn.ui.compare.differences import change_panel
from cnn.ui.compare.run_library import chosen, compared, run_list, to_url
from cnn.ui.state import services

with page(
    "Runs",
    "Compare your runs. **Tick two to six** to see what each choice changed, and what is luck.",
) as session:
    picked = chosen(session)
    to_url(session)
    run_list(session)
    comparison(session, picked)
    st.subheader("Would something else do better?", anchor=False)
    change_panel(
        session,
        compared(session, [services.EXAMPLE_RUN, *reversed(session.own_runs.ids)]),
    )
