import streamlit as st

from cnn.ui.common.page import page
from cnn.ui.learn.curriculum import LESSONS
from cnn.ui.learn.lesson import address
from cnn.ui.teach import workshop

with page(
    "Teach",
    "A plan for 45 minutes, and every lesson in the states worth talking about. **Each link can be "
    "copied**: it opens the same view for everybody, in a tab of its own.",
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
