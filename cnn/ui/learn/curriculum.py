"""All lessons, in the order of the 2019 article."""

from cnn.ui.learn.lesson import Lesson
from cnn.ui.learn.lessons import (
    activations,
    article,
    beyond,
    convolution,
    dense,
    images,
    padding,
    pooling,
    softmax,
    training,
)

LESSONS: tuple[Lesson, ...] = (
    images.LESSON,
    convolution.LESSON,
    padding.LESSON,
    pooling.LESSON,
    activations.LESSON,
    dense.LESSON,
    softmax.LESSON,
    training.LESSON,
    article.LESSON,
    beyond.LESSON,
)
