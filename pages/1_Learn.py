from cnn.ui.common.page import page
from cnn.ui.learn.course import number_of, open_lesson, show

lesson = open_lesson()
with page(f"{number_of(lesson)} {lesson.title}", lesson.sentence) as session:
    show(lesson, session)
