"""The cells that the browser marks as passed on by max pooling, against the library."""

import numpy as np
from hypothesis import example, given, settings

from cnn.lessons.pooling_winners import windows_won
from cnn.network.plan import Plan
from cnn.network.spec import Pooling
from tests.e2e.cases import UNEVEN, WINNERS, Case
from tests.e2e.component import Harness
from tests.strategies import SEEDS, plans


@given(plans(), SEEDS)
@example(UNEVEN, 1)
@settings(max_examples=10, deadline=None)
def test_the_cells_that_win_a_window_are_marked(
    browser_half: Harness, network_plan: Plan, seed: int
) -> None:
    case = Case(network_plan, seed)
    marked = browser_half.call(WINNERS, case.content)
    readers = [layer.operation for layer in case.layers] + [None]
    for values, reader, dots in zip(case.outputs, readers, marked, strict=True):
        if isinstance(reader, Pooling) and reader.kind == "max":
            won = windows_won(values[None], reader.size, reader.stride)[0] > 0
            for channel, cells in enumerate(dots):
                assert sorted(cells) == np.flatnonzero(won[..., channel]).tolist()
        else:
            assert not any(dots or [])
