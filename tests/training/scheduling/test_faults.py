"""Faults on purpose cost no finished epoch: a sample of `python -m benchmarks faults`."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.faults import campaign
from cnn.training.scheduling import workers
from cnn.training.scheduling.engine import Engine

FAULTS = (
    "kill the worker",
    "stop the worker",
    "full disk",
    "damage the weights",
)


def test_every_run_ends_with_all_its_epochs(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "SILENCE", 5.0)
    totals = campaign(engine, folder, dict.fromkeys(FAULTS, 1), seed=2)
    assert sum(totals.values(), Counter()) == Counter(faults=len(FAULTS))
