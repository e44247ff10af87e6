"""The script that runs for every visitor: the page they are on, in its navigation."""

from cnn.ui.common.navigation import navigation
from cnn.ui.home.home import home
from cnn.ui.state.browser_echo import page_begins

page = navigation(home)
page_begins(page.url_path)
page.run()
