"""A network as the Keras code that a person would write for it."""

from collections import deque
from collections.abc import Iterable, Iterator

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
    left = deque(operations)
    while left:
        operation = left.popleft()
        code = operation.keras_code
        if operation.takes_activation and left and (name := left[0].keras_activation):
            code = code.with_activation(name)
            left.popleft()
        yield str(code)
