from cnn.ui.common.page import page
from cnn.ui.learn.course import numbered_title, open_lesson, show

lesson = open_lesson()
with page(numbered_title(lesson), lesson.prose.summary) as session:
    show(lesson, session)
