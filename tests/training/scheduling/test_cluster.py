"""The cluster that comes with the app: started, reachable, and gone with all it has started."""

import sys
from urllib.error import HTTPError
from urllib.request import urlopen

import dask
import psutil
import pytest
from distributed import Client
from distributed.security import Security

from cnn.training.scheduling import cluster
from tests.training.engines import until


def test_it_has_the_workers_and_settings_asked_for_and_leaves_no_process() -> None:
    process, address, security = cluster.start(1)
    family = psutil.Process(process.pid).children(recursive=True)
    try:
        with Client(address, security=security, set_as_default=False) as client:
            assert list(client.nthreads().values()) == [cluster.THREADS]
            [environment] = client.run(_environment).values()
            kept = client.run_on_scheduler(_event_log_length)
            pages = client.scheduler_info()["services"]["dashboard"]
        assert environment == {"CUDA_VISIBLE_DEVICES": "", "KERAS_BACKEND": "tensorflow"}
        assert kept == cluster.CONFIGURATION["distributed.admin.low-level-log-length"]
        with pytest.raises(OSError):
            Client(address.replace("tls", "tcp"), set_as_default=False, timeout="2s")
        with pytest.raises(OSError):
            Client(address, security=Security.temporary(), set_as_default=False, timeout="2s")
        for path in ("metrics", "json/counts.json", "info/main/workers.html"):
            with pytest.raises(HTTPError, match="404"):
                urlopen(f"http://127.0.0.1:{pages}/{path}")
        family += psutil.Process(process.pid).children(recursive=True)
    finally:
        cluster.stop(process)
    assert process.poll() is not None and family
    until(lambda: not any(one.is_running() for one in family))


def _environment() -> dict[str, str | None]:
    import os

    return {name: os.environ.get(name) for name in ("CUDA_VISIBLE_DEVICES", "KERAS_BACKEND")}


def _event_log_length() -> int:
    return int(dask.config.get("distributed.admin.low-level-log-length"))


def test_its_settings_are_some_that_dask_knows() -> None:
    for name in cluster.CONFIGURATION:
        assert dask.config.get(name, default=KeyError) is not KeyError, name


def test_a_cluster_that_ends_at_once_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(OSError, match="code 1"):
        cluster.start(1)


def _import_tensorflow_and_complain() -> None:
    import tensorflow  # noqa: F401

    print("a worker complains", file=sys.stderr, flush=True)


def test_only_tensorflows_notes_do_not_reach_the_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    process, address, security = cluster.start(workers=1)
    told = ""

    def complained() -> bool:
        nonlocal told
        told += capfd.readouterr().err
        return "a worker complains" in told

    try:
        with Client(address, security=security, set_as_default=False) as client:
            client.submit(_import_tensorflow_and_complain, pure=False).result()
        until(complained)
    finally:
        cluster.stop(process)
    assert "oneDNN" not in told
    assert "absl" not in told
