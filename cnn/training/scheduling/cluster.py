"""The cluster that comes with the app: a scheduler and its workers beside the web process.

It is a process of its own (`python -m cnn.training.scheduling.cluster <workers>`) that ends when its standard
input is closed, so it never outlives the web process, however that ends; its workers in turn end
with it. Nothing of the web process is run again in it, as `multiprocessing` would do.
"""

import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

import dask
from distributed import LocalCluster
from distributed.system import MEMORY_LIMIT

ROOT = Path(__file__).parents[3]

# A worker that is killed is not tried again: what killed it (memory) would kill the next one too.
# Memory is left to the system and the nanny: a paused or spilling worker would seem to hang.
# The scheduler keeps the last events of a topic, and those of trainings carry weights: only a few.
CONFIGURATION = {
    "distributed.admin.low-level-log-length": 10,
    "distributed.scheduler.allowed-failures": 0,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
}

THREADS = 4
"""Threads of a worker: one for a training, the others for what is asked meanwhile, so that a
question that takes long does not hold up all others."""

_START_PATIENCE = 120.0
"""Seconds after which a cluster that is not up is given up."""

MEMORY_SHARE = 0.75
"""The share of the machine's memory for the workers; one that takes more is restarted."""

_TENSORFLOW_NOTE = re.compile(r"WARNING: All log messages before absl::InitializeLog\(\)|I\d{4} ")
"""How a line begins that TensorFlow writes while it is imported, whatever its log level is set to."""


def start(workers: int) -> tuple[subprocess.Popen[str], str]:
    """Start the cluster; return its process and the address of its scheduler.

    Raises OSError if the cluster does not start.
    """
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    process = subprocess.Popen(
        # The sudden end leaves semaphores behind; a warning about them would only confuse.
        [sys.executable, "-W", "ignore:resource_tracker", "-m", __name__, str(workers)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env={
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "",
            "KERAS_BACKEND": "tensorflow",
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
        },
        # Ctrl-C in the terminal is for the web process, which then closes its end of the pipe.
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    threading.Thread(target=_pass_on, args=(process.stderr,), name="errors", daemon=True).start()
    patience = threading.Timer(_START_PATIENCE, kill, (process,))
    patience.start()
    with process.stdout:
        address = process.stdout.readline().strip()
    patience.cancel()
    if not address:
        stop(process)
        raise OSError(f"The cluster ended with code {process.returncode} before it was up.")
    return process, address


def _pass_on(errors: IO[str]) -> None:
    """Copy what the cluster and its workers report to the terminal, without TensorFlow's notes."""
    with errors:
        for line in errors:
            if not _TENSORFLOW_NOTE.match(line):
                sys.stderr.write(line)


def stop(process: subprocess.Popen[str]) -> None:
    """End the cluster with all its workers."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        kill(process)


def kill(process: subprocess.Popen[str]) -> None:
    """Kill the cluster and its workers, also those that hang."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def main(workers: int) -> None:
    """Run the cluster until standard input is closed."""
    address_pipe = os.dup(1)
    # Workers inherit this: nobody reads the pipe once the address is through it.
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(5)  # the pages come first
    dask.config.set(CONFIGURATION)
    cluster = LocalCluster(
        n_workers=workers,
        threads_per_worker=THREADS,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        memory_limit=int(MEMORY_SHARE * MEMORY_LIMIT / workers),
    )
    with suppress(BrokenPipeError):  # the app may have been closed meanwhile
        os.write(address_pipe, f"{cluster.scheduler_address}\n".encode())
    os.close(address_pipe)
    sys.stdin.read()
    # Nobody is left to say goodbye to. A worker that hangs would not end with this process by itself.
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]))
