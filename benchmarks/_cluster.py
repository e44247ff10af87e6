"""A Dask cluster started by itself, each worker on a core of its own (Linux)."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """The address of a scheduler with so many workers, number 0 on the first core, and so on."""
    with ExitStack() as stack:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        _start(stack, None, "scheduler", "--host", "127.0.0.1", "--port", port)
        address = f"tcp://127.0.0.1:{port}"
        for core in range(workers):
            options = ("--nworkers", "1", "--nthreads", "2", "--host", "127.0.0.1")
            _start(stack, core, "worker", address, *options)
        yield address


def _start(stack: ExitStack, core: int | None, command: str, *arguments: str) -> None:
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", f"distributed.cli.dask_{command}"),
            *arguments,
            *("--dashboard-address", ":0"),
        ],
        env=os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # so that what it starts can be ended with it
    )
    stack.callback(_end, process)
    if core is not None:
        # At once, before it has started processes of its own: they keep to this core, too.
        os.sched_setaffinity(process.pid, [core])


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
