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
    label = at + 1
    blocks = network.blocks
    yield [Repair(f"Same padding in block {label}", _with(network, at, padding="same"))]
    yield [
        Repair(
            f"Dilation {dilation} in block {earlier + 1}",
            _with(network, earlier, dilation=dilation),
        )
        for earlier in range(at, -1, -1)
        for dilation in range(blocks[earlier].dilation - 1, 0, -1)
    ]
    yield [
        Repair(f"{kernel} x {kernel} kernel in block {label}", _with(network, at, kernel=kernel))
        for kernel in range(blocks[at].kernel - 1, 0, -1)
    ]
    yield [
        Repair(f"No pooling in block {earlier + 1}", _with(network, earlier, pooling=None))
        for earlier in range(at, -1, -1)
        if blocks[earlier].pooling
    ]
    yield [
        Repair(f"Stride 1 in block {earlier + 1}", _with(network, earlier, stride=1))
        for earlier in range(at, -1, -1)
        if blocks[earlier].stride > 1
    ]
    padded = tuple(replace(block, padding="same") for block in blocks)
    yield [Repair("Same padding in every block", replace(network, blocks=padded))]
    rest = " and those after it" if label < len(blocks) else ""
    yield [Repair(f"Remove block {label}{rest}", replace(network, blocks=blocks[:at]))]


def _with(network: Network, at: int, **changes: Any) -> Network:
    block = replace(network.blocks[at], **changes)
    return replace(network, blocks=(*network.blocks[:at], block, *network.blocks[at + 1 :]))


def _possible(network: Network, image_shape: tuple[int, int, int], classes: int) -> bool:
    try:
        plan(network, image_shape, classes)
    except NetworkError:
        return False
    return True
