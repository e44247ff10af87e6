"""What there is to say of each famous network."""

from dataclasses import dataclass

from cnn.network.originals import ORIGINALS
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE, PRESETS
from cnn.ui.common import formatting


@dataclass(frozen=True)
class Milestone:
    """A famous network: what it is called, by whom and when, the idea it added.

    `differs` says in what the original is not what is shown; `formula` is LaTeX and `symbols` says
    what its letters are; `keras` is the line that does it, "" where the whole network is shown.
    """

    title: str
    year: int
    authors: str
    idea: str
    differs: str
    formula: str
    symbols: str
    keras: str = ""


MILESTONES = {
    "lenet5": Milestone(
        "LeNet-5",
        1998,
        "Yann LeCun, Léon Bottou, Yoshua Bengio, Patrick Haffner",
        "Kernels were no longer designed: they were **learned**, each used all over the image, with"
        " pooling in between. Convolution, pooling, convolution, pooling, dense layers: the article's"
        " network still goes the same way. LeNet-5 read the digits on bank cheques.",
        "The original counts 60\u202f000 parameters: its second convolution reads only some of the maps,"
        " its pooling learns two numbers a map, and its answers are compared with ten fixed patterns.",
        r"\begin{aligned} 32 - 5 + 1 &= 28, & 28 : 2 &= 14 \\ 14 - 5 + 1 &= 10, & 10 : 2 &= 5"
        r" \end{aligned}",
        "The side of the original's maps, from layer to layer.",
    ),
    "alexnet": Milestone(
        "AlexNet",
        2012,
        "Alex Krizhevsky, Ilya Sutskever, Geoffrey Hinton",
        "The same way once more, a thousand times as large: 1.2 million photographs of 1\u202f000 things,"
        " learned on two graphics cards. **ReLU** in place of tanh made it learn several times"
        " faster, **dropout** and shifted or mirrored copies kept it from learning by heart.",
        "The original also evens out neighboring maps, and in three convolutions a kernel reads only"
        " the half of the maps on its own graphics card: 60 million parameters, say its authors.",
        r"\left\lfloor \frac{227 - 11}{4} \right\rfloor + 1 = 55",
        "The side of the original's first maps: kernels of 11 × 11 that move 4 pixels at a time.",
    ),
    "vgg": Milestone(
        "VGG",
        2014,
        "Karen Simonyan, Andrew Zisserman",
        "Nothing but **3 × 3** kernels, and many layers of them. A few one after the other see as"
        " much of the image as one large kernel, with fewer weights and with a ReLU after each.",
        "This is the one with 16 layers that learn; its authors count 138 million parameters, too.",
        r"n \, (9 \, c^2 + c) \quad\text{or}\quad (2n + 1)^2 \, c^2 + c",
        "Parameters of n convolutions 3 × 3 from c maps to c maps, or of a single one that sees as"
        " much.",
    ),
    "resnet": Milestone(
        "ResNet",
        2015,
        "Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun",
        "With many more layers networks became worse even on the images that they learned from. In"
        " ResNet a layer **adds to what it reads** in place of making it anew. A layer that has"
        " nothing to say only has to give 0, and there is a way past every layer, back as well. With"
        " up to 152 layers it won the ImageNet contest of 2015.",
        "In ResNet F is two or three convolutions, each with batch normalisation, which keeps sums"
        " from growing as they do here with large weights. Build has no shortcuts.",
        r"\begin{aligned} \text{plain:}\quad x_{i+1} &= F(x_i) \\ \text{shortcut:}\quad x_{i+1} &="
        r" x_i + F(x_i) \end{aligned}",
        "x are the maps before and after layer i, F is its convolution with ReLU.",
        'made = layers.Conv2D(16, 3, padding="same", activation="relu")(x)\n'
        "x = layers.Add()([x, made])",
    ),
    "yolo": Milestone(
        "YOLO",
        2015,
        "Joseph Redmon, Santosh Divvala, Ross Girshick, Ali Farhadi",
        "Not only what, but **where**. Until then a classifier was asked about one part of a"
        " photograph after another. YOLO reads it once and answers with a grid of 7 × 7 cells, each"
        " with two boxes (place, size, and how sure it is that there is anything) and the"
        " probabilities of 20 classes: 45 photographs a second.",
        "What you see is what came before YOLO: the article's classifier, moved over a canvas. It was"
        " never shown an empty place, a half of a garment, or one of another size.",
        r"7 \cdot 7 \cdot (2 \cdot 5 + 20) = 1\,470",
        "Numbers that YOLO gives for a photograph: a box has 5.",
        'layers.Conv2D(100, 5, activation="sigmoid")  # in place of Flatten and Dense(100)',
    ),
}


def small(name: str) -> Plan:
    """The preset that goes the same way, unrolled for the article's images."""
    return plan(PRESETS[name].network, (28, 28, 1), 10)


def counted(shown: Plan) -> str:
    """How large a network is, beside the article's."""
    article = plan(ARTICLE, (28, 28, 1), 10)
    times = shown.parameters / article.parameters
    return (
        f"{formatting.thousands(shown.parameters)} parameters for images of"
        f" {formatting.shape(shown.image_shape)}: {formatting.thousands(times) if times >= 10 else formatting.number(times)}"
        " times as many as in the article's network."
    )


def original(name: str) -> Plan:
    """The network as large as it was."""
    return ORIGINALS[name]
