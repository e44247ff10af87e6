"""The cluster that comes with the app: a scheduler and its workers beside the web process.

It is a process of its own (`python -m cnn.training.scheduling.cluster <workers>`) that ends when its standard
input is closed, so it never outlives the web process, however that ends; its workers in turn end
with it. Nothing of the web process is run again in it, as `multiprocessing` would do.
"""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import dask
from distributed import LocalCluster
from distributed.system import MEMORY_LIMIT

ROOT = Path(__file__).parents[3]

# A worker that is killed is not tried again: what killed it (memory) would kill the next one too.
# Memory is left to the system and the nanny: a paused or spilling worker would seem to hang.
CONFIGURATION = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
}

MEMORY_SHARE = 0.75
"""The share of the machine's memory for the workers; one that takes more is restarted."""


def start(workers: int) -> tuple[subprocess.Popen[str], str]:
    """Start the cluster; returns its process and the address of its scheduler.

    Raises:
        OSError: It did not start.
    """
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    process = subprocess.Popen(
        # The semaphores that the sudden end leaves to clean up are no news for the terminal.
        [sys.executable, "-W", "ignore:resource_tracker", "-m", __name__, str(workers)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
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
    address = process.stdout.readline().strip()
    if not address:
        raise OSError(f"The cluster ended with code {process.wait()} before it was up.")
    return process, address


def stop(process: subprocess.Popen[str]) -> None:
    """End the cluster and its workers."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
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
        # One thread for a training, one for anything else (a download): `Engine` sees to it.
        threads_per_worker=2,
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
    # Nobody is left to say goodbye to, and the workers end at once with this process.
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
