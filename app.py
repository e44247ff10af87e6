"""CNN Playground: build a convolutional neural network, train it, see how it decides.

`streamlit run app.py` serves it; main.py is what runs for every visitor.
"""

import streamlit as st

from cnn.ui.state.server import MIDDLEWARE, report

app = st.App("main.py", middleware=MIDDLEWARE, on_script_error=report)
