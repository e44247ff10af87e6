"""Activation, one function applied to every number, and softmax, which needs those of all classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from cnn import operations
from cnn.arrays import Array
from cnn.network.layers.base import DECIMAL, KerasCode, Operation, url_match
from cnn.network.layers.settings import NetworkError, Range, check_hundredths, check_one_of

ActivationName = Literal["linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu"]

ACTIVATIONS: tuple[ActivationName, ...] = get_args(ActivationName)
SLOPE = Range(0.0, 1.0)

_IN_WORDS = {
    "linear": ("Linear", "f(x) = x"),
    "sigmoid": ("Sigmoid", "f(x) = 1 / (1 + exp(−x))"),
    "tanh": ("Tanh", "f(x) = (exp(x) − exp(−x)) / (exp(x) + exp(−x))"),
    "relu": ("ReLU", "f(x) = max(0, x)"),
    "leaky_relu": ("Leaky ReLU", "f(x) = x above 0, slope · x below"),
    "elu": ("ELU", "f(x) = x above 0, exp(x) − 1 below"),
    "gelu": ("GELU", "f(x) = x · Φ(x)"),
    "silu": ("SiLU", "f(x) = x / (1 + exp(−x))"),
}
ACTIVATION_NAMES = {key: name for key, (name, _) in _IN_WORDS.items()}
FORMULAS = {key: formula for key, (_, formula) in _IN_WORDS.items()}


@dataclass(frozen=True)
class Activation(Operation):
    """An activation function by name; `slope` is that of leaky ReLU below zero, 0 for every other."""

    name: ActivationName = "relu"
    slope: float = 0.0

    layer_name = "activation"
    pointwise = True

    def __post_init__(self) -> None:
        check_one_of("activation", self.name, ACTIVATIONS)
        if self.name == "leaky_relu":
            check_hundredths("slope of leaky ReLU", self.slope, SLOPE)
        elif self.slope != 0.0:
            raise NetworkError(
                f"A slope belongs to leaky_relu only; {self.name} was given {self.slope}."
            )

    @property
    def title(self) -> str:
        return ACTIVATION_NAMES[self.name]

    @property
    def setting(self) -> str:
        return f"slope {self.slope:g} below 0" if self.name == "leaky_relu" else FORMULAS[self.name]

    @property
    def label(self) -> str:
        """The name and, if it has one, the slope."""
        return f"{self.title}, slope {self.slope:g}" if self.name == "leaky_relu" else self.title

    @property
    def url_text(self) -> str:
        return f"leaky{self.slope:g}" if self.name == "leaky_relu" else self.name

    @classmethod
    def from_url(cls, word: str) -> "Activation | None":
        if match := url_match(rf"leaky{DECIMAL}", word):
            return cls("leaky_relu", float(match[1]))
        return next((cls(name) for name in ACTIVATIONS if word == name != "leaky_relu"), None)

    @property
    def keras_code(self) -> KerasCode:
        if self.name == "leaky_relu":
            return KerasCode("LeakyReLU", settings={"negative_slope": self.slope})
        return KerasCode("Activation", (self.name,))

    @property
    def keras_activation(self) -> str | None:
        return None if self.name == "leaky_relu" else self.name

    def apply(self, x: Array, weights: Sequence[Array] = ()) -> Array:
        return operations.activation(x, self.name, self.slope)


@dataclass(frozen=True)
class Softmax(Operation):
    """Logits turned into probabilities."""

    layer_name = "softmax"
    title = "Softmax"
    setting = "exp(x) / sum of exp(x)"
    url_text = "softmax"
    keras_code = KerasCode("Softmax")
    keras_activation = "softmax"

    def apply(self, x: Array, weights: Sequence[Array] = ()) -> Array:
        return operations.softmax(x)
