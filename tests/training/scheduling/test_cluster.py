"""The cluster that comes with the app: what its processes report reaches the terminal, TensorFlow's notes do not."""

import sys

import pytest
from distributed import Client

from cnn.training.scheduling import cluster
from tests.training.engines import until


def _import_tensorflow_and_complain() -> None:
    import tensorflow  # noqa: F401

    print("a worker complains", file=sys.stderr, flush=True)


def test_only_tensorflows_notes_do_not_reach_the_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    process, address = cluster.start(workers=1)
    told = ""

    def complained() -> bool:
        nonlocal told
        told += capfd.readouterr().err
        return "a worker complains" in told

    try:
        with Client(address, set_as_default=False) as client:
            client.submit(_import_tensorflow_and_complain, pure=False).result()
        until(complained)
    finally:
        cluster.stop(process)
    assert "oneDNN" not in told
    assert "absl" not in told
