"""Ways out of a network that cannot be."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cnn.network.plan import CollapseError, plan
from cnn.network.spec import Network, NetworkError


@dataclass(frozen=True)
class Repair:
    """One change that makes the network possible, and what a button for it says."""

    label: str
    network: Network


def repairs(network: Network, image_shape: tuple[int, int, int], classes: int) -> list[Repair]:
    """Single changes after which the network can be unrolled; [] if it can be already.

    The least change comes first. Removing blocks from the collapsing one on always works.
    """
    try:
        plan(network, image_shape, classes)
    except CollapseError as collapse:
        assert collapse.block is not None  # only convolution blocks have windows
        choices = _choices(network, collapse.block)
    except NetworkError:
        return _with_softmax(network, image_shape, classes)
    else:
        return []
    found = (
        next((one for one in kind if _possible(one.network, image_shape, classes)), None)
        for kind in choices
    )
    return [one for one in found if one is not None]


def _with_softmax(
    network: Network, image_shape: tuple[int, int, int], classes: int
) -> list[Repair]:
    """Repairs of a sigmoid output for more than two classes, and of a collapse if there is one, too."""
    softmax = replace(network, output="softmax")
    if _possible(softmax, image_shape, classes):
        return [Repair("Use a softmax output", softmax)]
    return [
        Repair(f"{repair.label}, and a softmax output", repair.network)
        for repair in repairs(softmax, image_shape, classes)
    ]


def _choices(network: Network, at: int) -> Iterator[list[Repair]]:
    """Kinds of repair, each with its alternatives, the least change first."""
    blocks = network.blocks
    upwards = range(at, -1, -1)

    def change(what: str, number: int, **settings: Any) -> Repair:
        block = replace(blocks[number], **settings)
        changed = (*blocks[:number], block, *blocks[number + 1 :])
        return Repair(f"{what} in block {number + 1}", replace(network, blocks=changed))

    yield [change("Same padding", at, padding="same")]
    yield [
        change(f"Dilation {dilation}", number, dilation=dilation)
        for number in upwards
        for dilation in range(blocks[number].dilation - 1, 0, -1)
    ]
    yield [
        change(f"{kernel} x {kernel} kernel", at, kernel=kernel)
        for kernel in range(blocks[at].kernel - 1, 0, -1)
    ]
    yield [
        change("No pooling", number, pooling=None) for number in upwards if blocks[number].pooling
    ]
    yield [change("Stride 1", number, stride=1) for number in upwards if blocks[number].stride > 1]
    padded = tuple(replace(block, padding="same") for block in blocks)
    yield [Repair("Same padding in every block", replace(network, blocks=padded))]
    rest = " and those after it" if at + 1 < len(blocks) else ""
    yield [Repair(f"Remove block {at + 1}{rest}", replace(network, blocks=blocks[:at]))]


def _possible(network: Network, image_shape: tuple[int, int, int], classes: int) -> bool:
    try:
        plan(network, image_shape, classes)
    except NetworkError:
        return False
    return True
