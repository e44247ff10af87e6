"""A network as the Keras code that a person would write for it."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from cnn.network.layers import Operation
from cnn.network.plan import Plan


def keras_code(plan: Plan) -> str:
    """Python lines that make `model`, given `import keras` and `from keras import layers`."""
    layers = keras_lines(layer.operation for layer in plan.layers)
    lines = [f"keras.Input({plan.image_shape})", *layers]
    body = "".join(f"    {line},\n" for line in lines)
    return f"model = keras.Sequential([\n{body}])\n"


def keras_lines(operations: Iterable[Operation]) -> Iterator[str]:
    """A line for each layer; an activation is an argument of the layer before where Keras has one."""
    is_argument = False
    for operation, following in pairwise([*operations, None]):
        if operation is None or is_argument:
            is_argument = False
            continue
        code = operation.keras_code
        if operation.takes_activation and following and following.keras_activation:
            code = code.with_activation(following.keras_activation)
            is_argument = True
        yield str(code)
