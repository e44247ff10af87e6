import streamlit as st

from cnn.ui import services
from cnn.ui.compare import change, chosen
from cnn.ui.compare.comparison import comparison
from cnn.ui.compare.shelf import shelf
from cnn.ui.page import page

with page(
    "Compare",
    "Your runs on one shelf. **Tick two to six** to see what each choice changed, and what is luck.",
) as session:
    picked = chosen.chosen(session)
    chosen.to_address(session)
    shelf(session)
    comparison(session, picked)
    st.subheader("Would something else do better?", anchor=False)
    change.panel(session, chosen.compared(session, [services.SHIPPED_RUN, *reversed(session.runs)]))
