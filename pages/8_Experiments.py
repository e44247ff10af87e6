from cnn.ui.page import page

with page(
    "Experiments", "Vary settings, train each with several seeds, and see what can be concluded."
):
    pass
