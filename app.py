"""CNN Playground: build a convolutional neural network, train it, look inside it."""

import streamlit as st

from cnn.ui.common import navigation
from cnn.ui.home.home import home

navigation.note_app_has_run()
st.navigation(
    [
        st.Page(home, title="Home", icon=":material/home:", default=True),
        st.Page("pages/1_Learn.py", title="Learn", icon=":material/school:"),
        st.Page("pages/2_Data.py", title="Data", icon=":material/photo_library:"),
        st.Page("pages/3_Build.py", title="Build", icon=":material/construction:"),
        st.Page("pages/4_Train.py", title="Train", icon=":material/show_chart:"),
        st.Page("pages/5_Inspect.py", title="Inspect", icon=":material/search:"),
        st.Page("pages/6_Evaluate.py", title="Evaluate", icon=":material/fact_check:"),
        st.Page("pages/7_Compare.py", title="Compare", icon=":material/compare:"),
        st.Page("pages/8_Experiments.py", title="Experiments", icon=":material/science:"),
        st.Page("pages/9_Teach.py", title="Teach", icon=":material/co_present:"),
    ]
).run()
