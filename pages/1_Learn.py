from cnn.ui.learn.course import number_of, open_lesson, show
from cnn.ui.page import page

lesson = open_lesson()
with page(f"{number_of(lesson)} {lesson.title}", lesson.sentence) as session:
    show(lesson, session)
