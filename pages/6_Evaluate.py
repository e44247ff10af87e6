from cnn.ui.page import page

with page("Evaluate", "How good the network is, where it fails, and what may be wrong with it."):
    pass
