import streamlit as st

from cnn.ui.learn.lessons import LESSONS
from cnn.ui.page import LEARN, page

with page(
    "Teach",
    "Every lesson in the states worth talking about, and a plan for a workshop of 45 minutes.",
):
    for number, lesson in enumerate(LESSONS, start=1):
        st.subheader(f"{number} {lesson.title}", anchor=False)
        for view in lesson.views:
            st.page_link(
                LEARN, label=view.shows, query_params={"lesson": lesson.key, "set": view.setup}
            )
