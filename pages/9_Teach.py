import streamlit as st

from cnn.ui.common.page import page
from cnn.ui.learn.curriculum import LESSONS
from cnn.ui.learn.lesson import address
from cnn.ui.teach import workshop

with page(
    "For teachers",
    "A plan for 45 minutes, and links to what is worth discussing in every lesson. **Copy a link** to "
    "show everyone the same view.",
):
    plan, lessons = st.columns(2, gap="large")
    with plan:
        st.subheader("A workshop of 45 minutes", anchor=False)
        workshop.plan()
        st.subheader("Will the server keep up?", anchor=False)
        workshop.capacity()
    with lessons:
        st.subheader("The lessons", anchor=False)
        for number, lesson in enumerate(LESSONS, start=1):
            links = (f"- [{view.shows}]({address(lesson, view)})" for view in lesson.views)
            st.markdown("\n".join([f"**{number} {lesson.title}**", "", *links]))
