"""The activation functions and their derivatives as formulas in LaTeX."""

from dataclasses import dataclass

from cnn.network.spec import ActivationName


@dataclass(frozen=True)
class Formulas:
    """A function and its derivative.

    X stands for the input, Y for the input in parentheses if it is negative, S for the slope of leaky
    ReLU. A function with two cases has `above` for inputs above 0 and `below` for all others.
    """

    above: str
    slope_above: str
    below: str = ""
    slope_below: str = ""

    @property
    def has_kink(self) -> bool:
        """Whether the derivative jumps at 0."""
        return self.slope_below in ("0", "S")

    def function(self, slope: float) -> str:
        """Return the function of x, with its cases; `slope` is that of leaky ReLU."""
        return _filled(_cases(self.above, self.below), slope)

    def derivative(self, slope: float) -> str:
        """Return the derivative of x, with its cases."""
        return _filled(_cases(self.slope_above, self.slope_below), slope)

    def at(self, x: float, text: str, in_parentheses: str, slope: float) -> str:
        """Return the function's case for `x`, which is filled in as one of the two texts."""
        case = self.below if self.below and x <= 0 else self.above
        return _filled(case, slope, text, in_parentheses)


FORMULAS: dict[ActivationName, Formulas] = {
    "relu": Formulas("X", "1", "0", "0"),
    "sigmoid": Formulas(r"\frac{1}{1 + e^{-Y}}", r"f(X)\,(1 - f(X))"),
    "tanh": Formulas(r"\frac{e^{X} - e^{-Y}}{e^{X} + e^{-Y}}", "1 - f(X)^2"),
    "leaky_relu": Formulas("X", "1", r"S \cdot Y", "S"),
    "elu": Formulas("X", "1", "e^{X} - 1", "e^{X}"),
    "gelu": Formulas(r"X \cdot \Phi(X)", r"\Phi(X) + X \cdot \varphi(X)"),
    "silu": Formulas(r"\frac{X}{1 + e^{-Y}}", r"\sigma(X)\,(1 + X\,(1 - \sigma(X)))"),
}
"""The functions in the order in which they are offered."""


def _cases(above: str, below: str) -> str:
    if not below:
        return above
    return rf"\begin{{cases}} {above} & x > 0 \\ {below} & x \le 0 \end{{cases}}"


def _filled(template: str, slope: float, x: str = "x", in_parentheses: str = "x") -> str:
    return template.replace("S", f"{slope:g}").replace("X", x).replace("Y", in_parentheses)
