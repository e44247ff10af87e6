from cnn.ui.page import page

with page("Compare", "Your runs, and two to six of them beside each other."):
    pass
