import streamlit as st

from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.page import page
from cnn.ui.learn.course import LESSONS, numbered_title
from cnn.ui.teach import workshop
from cnn.ui.workshop.start import start_form

with page(
    "For teachers",
    "A plan for 45 minutes, and links to what is worth showing in every lesson. **Copy any link**:"
    " it opens the same view for everyone.",
) as session:
    plan, lessons = responsive_columns(1, 1, narrowest=330)
    with plan:
        st.header("Start a workshop", anchor=False)
        start_form(session)
        st.header("A 45-minute plan", anchor=False)
        workshop.plan()
        st.header("Will the server keep up?", anchor=False)
        workshop.capacity()
    with lessons:
        st.header("The lessons", anchor=False)
        for lesson in LESSONS:
            links = (f"- [{view.shows}]({lesson.address(view)})" for view in lesson.prose.views)
            st.markdown("\n".join([f"**{numbered_title(lesson)}**", "", *links]))
