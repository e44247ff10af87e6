"""Whether every class has its share of the training images."""

from cnn.counts import thousands
from cnn.evaluation.health.finding import Bars, Check, Finding, HealthInput, Remedy, percent

UNEVEN = 2.0
"""From here on a network that always prefers the larger of two classes is right two times in three."""

NAME = "Balance of the classes"


def classes(patient: HealthInput) -> Check:
    """Whether the largest class has many times the training images of the smallest."""
    images = patient.images
    fewest, most = min(images), max(images)
    few, many = (patient.classes[images.index(count)] for count in (fewest, most))
    if fewest == most:
        return Check(NAME, f"Every class has {thousands(most)} training images.")
    told = f"{many} has {most} training images, {few} has {fewest}."
    if most < UNEVEN * fewest:
        return Check(NAME, f"The classes are of like size: {told}")
    ratio = f"That is {most / fewest:.1f} times as many" if fewest else "That is none at all"
    ill = tuple(count * UNEVEN <= most for count in images)
    return Check(
        NAME,
        told,
        (
            Finding(
                "classes",
                "Some classes have far fewer training images",
                f"{told} {ratio}, among {sum(images)} images; {many} alone is"
                f" {percent(most / sum(images))} of them.",
                "The network can lower its loss by preferring the large classes; the accuracy over"
                " all images hides what becomes of the small ones. Look at each class's recall.",
                Bars(
                    "class",
                    patient.classes,
                    tuple(map(float, images)),
                    "training images",
                    ill,
                    most / UNEVEN,
                    share=False,
                ),
                (Remedy("Choose the classes and images", "Data"),),
            ),
        ),
    )
