from cnn.ui.admin.usage import admitted, usage
from cnn.ui.common.page import page

with page("Server", "How this server is used at present."):
    if admitted():
        usage()
