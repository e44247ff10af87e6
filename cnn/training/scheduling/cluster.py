"""The cluster that comes with the app: a scheduler and its workers beside the web process.

It is a process of its own (`python -m cnn.training.scheduling.cluster <workers>`) that ends when its standard
input is closed, so it never outlives the web process, however that ends; its workers in turn end
with it. Nothing of the web process is run again in it, as `multiprocessing` would do.

Whoever reaches a scheduler can have its workers run anything. So its connections need keys (TLS),
made anew each time, which only these processes know.
"""

import json
import os
import re
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

import dask
from distributed import LocalCluster
from distributed.security import Security
from distributed.system import MEMORY_LIMIT

ROOT = Path(__file__).parents[3]

# A worker that is killed is not tried again: what killed it (memory) would kill the next one too.
# Memory is left to the system and the nanny: a paused or spilling worker would seem to hang.
# The scheduler keeps the last events of a topic, and those of trainings carry weights: only a few.
# Figures of the cluster are for nobody: no page of it is served.
CONFIGURATION = {
    "distributed.admin.low-level-log-length": 10,
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
}

THREADS = 4
"""Threads of a worker: one for a training, the others for what is asked meanwhile, so that a
question that takes long does not hold up all others."""

MEMORY_SHARE = 0.75
"""The share of the machine's memory for the workers; one that takes more is restarted."""

_TENSORFLOW_NOTE = re.compile(r"WARNING: All log messages before absl::InitializeLog\(\)|I\d{4} ")
"""How a line begins that TensorFlow writes while it is imported, whatever its log level is set to."""


def worker_bytes(workers: int) -> int:
    """The memory that each of so many workers may take."""
    return int(MEMORY_SHARE * MEMORY_LIMIT / workers)


def start(workers: int) -> tuple[subprocess.Popen[str], str, Security]:
    """Start the cluster; return its process, the address of its scheduler, and the keys for it.

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
    with process.stdout:
        answer = process.stdout.readline()
    if not answer:
        stop(process)
        raise OSError(f"The cluster ended with code {process.returncode} before it was up.")
    address, keys = json.loads(answer)
    return process, address, Security(require_encryption=True, **keys)


def _pass_on(errors: IO[str]) -> None:
    """Copy what the cluster and its workers report to the terminal, without TensorFlow's notes."""
    with errors:
        for line in errors:
            if not _TENSORFLOW_NOTE.match(line):
                sys.stderr.write(line)


def stop(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main(workers: int) -> None:
    """Run the cluster until standard input is closed."""
    answer_pipe = os.dup(1)
    # Workers inherit this: nobody reads the pipe once the address is through it.
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(5)  # the pages come first
    dask.config.set(CONFIGURATION)
    security = Security.temporary()
    cluster = LocalCluster(
        n_workers=workers,
        threads_per_worker=THREADS,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        memory_limit=worker_bytes(workers),
        security=security,
    )
    keys = {
        name: getattr(security, name)
        for name in ("tls_ca_file", "tls_client_cert", "tls_client_key")
    }
    with suppress(BrokenPipeError):  # the app may have been closed meanwhile
        os.write(answer_pipe, f"{json.dumps([cluster.scheduler_address, keys])}\n".encode())
    os.close(answer_pipe)
    sys.stdin.read()
    # Nobody is left to say goodbye to, and the workers end at once with this process.
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
