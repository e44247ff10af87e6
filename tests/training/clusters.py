"""Dask clusters as a person starts them, for tests."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import psutil

from tests.e2e.server import free_port

ROOT = Path(__file__).parents[2]


def started(stack: ExitStack, command: str, *arguments: str) -> subprocess.Popen[bytes]:
    """A process of Dask's as a person starts it; it ends with the test, and its own with it."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{command}", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    stack.callback(killed, process)
    return process


def killed(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it has started, at once."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    for one in [process, *family]:
        try:
            os.kill(one.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


def cluster(stack: ExitStack, workers: int) -> tuple[str, list[subprocess.Popen[bytes]]]:
    """A scheduler and its workers, each started separately: its address, and the workers."""
    port = str(free_port())
    started(stack, "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
    address = f"tcp://127.0.0.1:{port}"
    arguments = (address, "--nworkers", "1", "--nthreads", "2", "--host", "127.0.0.1")
    return address, [started(stack, "worker", *arguments, "--no-dashboard") for _ in range(workers)]
