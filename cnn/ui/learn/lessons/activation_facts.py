"""Lesson Activation functions: each function's formula, its slope's, and what it is for."""

from dataclasses import dataclass

from cnn.network.spec import Activation, ActivationName
from cnn.ui.learn.formula import tex, tex_in_brackets


@dataclass(frozen=True)
class Facts:
    """What is told of a function.

    Formulas are LaTeX with S for leaky ReLU's slope, and with X for the input, or Y where it needs
    brackets below zero.

    `above` and `below` are the formula's two halves, for an input above 0 and for any other, where
    it has two; `slope_above` and `slope_below` are the derivative's.
    """

    says: str
    above: str
    slope_above: str
    below: str = ""
    slope_below: str = ""

    @property
    def has_kink(self) -> bool:
        """Whether the derivative jumps at 0."""
        return self.slope_below in ("0", "S")


FACTS: dict[ActivationName, Facts] = {
    "relu": Facts(
        "**ReLU** cuts off what is below 0; above 0 its slope is 1, however large the number. The"
        " article's convolutions have it.",
        "X",
        "1",
        "0",
        "0",
    ),
    "sigmoid": Facts(
        "**Sigmoid** squeezes every number to between 0 and 1. Far from 0 its graph is flat: it is"
        " *saturated*. The article's hidden layer has it.",
        r"\frac{1}{1 + e^{-Y}}",
        r"f(X)\,(1 - f(X))",
    ),
    "tanh": Facts(
        "**Tanh** has sigmoid's shape from −1 to 1. It is steeper, gives 0 for 0, and saturates, too.",
        r"\frac{e^{X} - e^{-Y}}{e^{X} + e^{-Y}}",
        "1 - f(X)^2",
    ),
    "leaky_relu": Facts(
        "**Leaky ReLU** lets a little through below 0: its slope is 0 nowhere, so that no unit dies.",
        "X",
        "1",
        r"S \cdot Y",
        "S",
    ),
    "elu": Facts(
        "**ELU** is ReLU rounded off: below 0 it bends towards −1 and keeps some slope.",
        "X",
        "1",
        "e^{X} - 1",
        "e^{X}",
    ),
    "gelu": Facts(
        "**GELU** weighs x by Φ(x), the share of a normal distribution below x; φ is its density. The"
        " language models BERT and GPT-2 have it.",
        r"X \cdot \Phi(X)",
        r"\Phi(X) + X \cdot \varphi(X)",
    ),
    "silu": Facts(
        "**SiLU**, also called swish, is x times its sigmoid σ(x): much like GELU, without the normal"
        " distribution.",
        r"\frac{X}{1 + e^{-Y}}",
        r"\sigma(X)\,(1 + X\,(1 - \sigma(X)))",
    ),
}
"""The functions in the order in which they are offered."""


def formula(activation: Activation) -> str:
    """f(x) in LaTeX."""
    facts = FACTS[activation.name]
    return _filled(f"f(x) = {_halves(facts.above, facts.below)}", activation)


def slope_formula(activation: Activation) -> str:
    """f′(x) in LaTeX."""
    facts = FACTS[activation.name]
    return _filled(f"f'(x) = {_halves(facts.slope_above, facts.slope_below)}", activation)


def with_numbers(activation: Activation, x: float, value: float) -> str:
    """The formula in LaTeX with `x` in it, and what it comes to."""
    facts = FACTS[activation.name]
    half = facts.below if facts.below and x <= 0 else facts.above
    line = _filled(half, activation, tex(x), tex_in_brackets(x))
    told = tex(value)
    if line == told:
        return f"f({tex(x)}) = {told}"
    return rf"\begin{{aligned}} f({tex(x)}) &= {line} \\ &= {told} \end{{aligned}}"


def _halves(above: str, below: str) -> str:
    if not below:
        return above
    return rf"\begin{{cases}} {above} & x > 0 \\ {below} & x \le 0 \end{{cases}}"


def _filled(template: str, activation: Activation, x: str = "x", in_brackets: str = "x") -> str:
    filled = template.replace("S", f"{activation.slope:g}")
    return filled.replace("X", x).replace("Y", in_brackets)
