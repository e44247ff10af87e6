"""The memory of a server, and of trainings against what is estimated before they are admitted.

Each network trains two batches in a process of its own, as on a worker, and validates once; its peak
is what the system reports (Linux counts it in kibibytes). Of the server's processes the proportional
set size counts: what several of them share is counted once.
"""

import json
import resource
import subprocess
import sys
import time
from contextlib import ExitStack

import numpy as np
import psutil
from playwright.sync_api import Browser, expect

from benchmarks import Numbers, Rows
from benchmarks._browser import browser, opened, served, wait_until_warm
from cnn.data.split import TrainingData
from cnn.network.link import from_text
from cnn.network.plan import plan
from cnn.training.job import OptimizerName, Phase, Settings
from cnn.training.scheduling.limits import training_bytes

_CLASSES = 10
_TEST_IMAGES = 300
_SESSIONS = 10
_CASES = (
    ("conv4x3-relu-max2_conv8x3-relu-max2_flatten_dense100-sigmoid_softmax", 128, "adam", 28, 1),
    ("conv16x3-relu-max2_flatten_dense128-relu_softmax", 1024, "sgd", 28, 1),
    ("conv64x3-same-relu_conv64x3-same-relu_flatten_softmax", 128, "adam", 28, 1),
    ("conv64x3-same-relu_conv64x3-same-relu_flatten_softmax", 512, "adam", 28, 1),
    ("conv128x7-same-relu_flatten_softmax", 256, "adam", 28, 1),
    (
        "conv128x1-same-norm-relu_conv128x1-same-norm-relu_globalaverage_softmax",
        *(256, "adam", 28, 1),
    ),
    (
        "conv32x5-same-norm-relu-max2_conv64x5-same-norm-relu-max2_flatten_dense512-relu-drop0.5_softmax",
        *(256, "adam", 28, 1),
    ),
    (
        "conv12x5-same-relu-max3s2_conv32x5-same-relu-max3s2_conv48x3-same-relu_conv48x3-same-relu_conv32x3-same-relu-max3s2_flatten_dense512-relu-drop0.5_dense512-relu-drop0.5_softmax",
        *(128, "adam", 28, 1),
    ),
    (
        "conv64x3-same-tanh-avg2_conv64x3-same-sigmoid_globalaverage_softmax",
        *(256, "rmsprop", 64, 3),
    ),
    ("flatten_dense512-relu_dense512-relu_softmax", 512, "adam", 64, 3),
)
"""Networks with batch size, optimizer, and side and channels of the images."""


def run() -> tuple[Rows, Numbers]:
    """Train each network and compare."""
    rows: Rows = [("network", "batch", "measured", "estimated", "ratio")]
    ratios = []
    for case in _CASES:
        text, batch, _, side, channels = case
        images = 2 * batch + _TEST_IMAGES
        unrolled = plan(from_text(text), (side, side, channels), _CLASSES)
        estimated = training_bytes(unrolled, images, batch)
        measured = _peak(case)
        ratios.append(estimated / measured)
        megabytes = (f"{size / 1e6:.0f} MB" for size in (measured, estimated))
        rows.append((f"{text:.60}", str(batch), *megabytes, f"{ratios[-1]:.2f}"))
    numbers: Numbers = {"networks": len(ratios), "lowest": min(ratios), "highest": max(ratios)}
    with browser() as chromium:
        numbers |= _server(chromium)
    return rows, numbers


def _server(chromium: Browser) -> Numbers:
    """The megabytes of an idle server, a session, the workers, and of all while it trains."""
    with served(CNN_PLAYGROUND_IDLE_MINUTES="0.2") as server:
        web = psutil.Process(server.process_id)
        with opened(chromium) as page:
            wait_until_warm(page, server)
        workers = sum(map(_megabytes, web.children(recursive=True)))
        while web.children(recursive=True):
            time.sleep(1)
        idle = _megabytes(web)
        with ExitStack() as stack:
            pages = [stack.enter_context(opened(chromium)) for _ in range(1 + _SESSIONS)]
            for number, page in enumerate(pages):
                page.goto(f"{server.url}/Inspect")
                expect(page.get_by_role("heading", level=1)).to_be_visible()
                page.wait_for_timeout(3000)
                if number == 0:  # what all share is loaded now
                    first = _megabytes(web)
            session = (_megabytes(web) - first) / _SESSIONS
            page.goto(f"{server.url}/Train?train=epochs100")
            page.get_by_role("button", name="Train", exact=True).click()
            page.get_by_text("Epoch 5 of 100").wait_for(timeout=300_000)
            training = sum(map(_megabytes, [web, *web.children(recursive=True)]))
    return {
        "idle_mb": idle,
        "session_mb": session,
        "workers_mb": workers,
        "training_mb": training,
    }


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss) / 1e6


def _peak(case: tuple[str, int, str, int, int]) -> float:
    command = [sys.executable, "-m", __name__, json.dumps(case)]
    return float(subprocess.run(command, check=True, capture_output=True).stdout.split()[-1])


def _train(text: str, batch: int, optimizer: OptimizerName, side: int, channels: int) -> None:
    from cnn.training.worker.learner import Learner

    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (2 * batch + _TEST_IMAGES, side, side, channels), np.uint8)
    labels = np.arange(len(images)) % _CLASSES
    train = slice(_TEST_IMAGES, None)
    data = TrainingData(
        images[train], labels[train], images[:_TEST_IMAGES], labels[:_TEST_IMAGES], _CLASSES
    )
    settings = Settings((Phase(1, 0.001),), batch_size=batch, optimizer=optimizer, seed=1)
    learner = Learner(from_text(text), settings, data)
    learner.learn(np.arange(2 * batch), 0.001)
    learner.quality("test")
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


if __name__ == "__main__":
    _train(*json.loads(sys.argv[1]))
