"""What is downloaded is what is there by then."""

from dataclasses import replace

import pytest

from cnn.training.run import Run
from cnn.ui.compare.report import as_they_are
from cnn.ui.compare.run_library import Compared
from cnn.ui.state import services


def test_a_live_run_has_all_epochs_that_are_there_by_now(monkeypatch: pytest.MonkeyPatch) -> None:
    now = services.run_store().run(services.EXAMPLE_RUN)
    drawn = replace(now, epochs=now.epochs[:3], kept=now.kept[:3], status="training")

    class Engine:
        def run(self, run_id: str) -> Run:
            assert run_id == now.id
            return now

    monkeypatch.setattr(services, "engine", Engine)
    [found] = as_they_are([Compared(drawn, "Live")])
    assert found.run == now
    assert found.name == "Live"
