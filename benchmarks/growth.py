"""How the time and the memory of a run grow with images, filters and epochs.

Each run is a process of its own, whose memory is its largest resident size beyond that of one with
TensorFlow loaded and nothing trained. The exponent is the slope of a line through the logarithms; a
cost that is there whatever the value makes it smaller than 1. So the share of the variance that a
straight line explains is told beside it: 1 is linear. Time is that of the fastest epoch after the
first, which also builds the graph.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks import Numbers, Rows
from cnn.data.split import TrainingData
from cnn.network.plan import plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Network
from cnn.training.events import EpochEnd, Point
from cnn.training.job import Phase, Settings

_IMAGES = (2000, 4000, 8000, 16000, 32000)
_FILTERS = (1, 2, 4, 8)
_EPOCHS = (2, 4, 8, 16)
_BASE = {"images": 8000, "filters": 1, "epochs": 4}


def run() -> tuple[Rows, Numbers]:
    """Measure each growth with the rest as it is in the base."""
    rows: Rows = [("what grows", "value", "s/epoch", "s in all", "MB", "multiplications/image")]
    numbers: Numbers = {}
    bare = _measured({"images": 0, "filters": 1, "epochs": 1})["megabytes"]
    for what, values in (("images", _IMAGES), ("filters", _FILTERS), ("epochs", _EPOCHS)):
        found = [_measured(_BASE | {what: value}) for value in values]
        for value, one in zip(values, found, strict=True):
            macs = plan(_network(value if what == "filters" else 1), (28, 28, 1), 10)
            rows.append(
                (
                    what,
                    f"× {value}" if what == "filters" else f"{value}",
                    f"{one['epoch']:.2f}",
                    f"{one['seconds']:.1f}",
                    f"{one['megabytes'] - bare:.0f}",
                    f"{macs.multiply_accumulates:,}",
                )
            )
        time = "seconds" if what == "epochs" else "epoch"
        for name, measured in (
            ("time", [one[time] for one in found]),
            ("memory", [one["megabytes"] - bare for one in found]),
        ):
            numbers[f"{what}_{name}_exponent"] = _exponent(values, measured)
            numbers[f"{what}_{name}_straightness"] = _straightness(values, measured)
    return rows, numbers | {"bare_megabytes": bare}


def _exponent(values: Sequence[float], measured: Sequence[float]) -> float:
    return float(np.polyfit(np.log(values), np.log(measured), 1)[0])


def _straightness(values: Sequence[float], measured: Sequence[float]) -> float:
    return float(np.corrcoef(values, measured)[0, 1] ** 2)


def _network(times: int) -> Network:
    blocks = tuple(replace(block, filters=block.filters * times) for block in ARTICLE.blocks)
    return replace(ARTICLE, blocks=blocks)


def _measured(wish: dict[str, int]) -> dict[str, float]:
    process = subprocess.run(
        [sys.executable, "-m", __name__, json.dumps(wish)],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    found: dict[str, float] = json.loads(process.stdout.splitlines()[-1])
    return found


def _train(wish: dict[str, int]) -> dict[str, float]:
    """Train in this process: seconds an epoch, in all, and the largest resident size in MB."""
    import resource

    from cnn.training.worker.task import train

    ends: list[EpochEnd] = []

    def report(event: Point | EpochEnd) -> None:
        if isinstance(event, EpochEnd):
            ends.append(event)

    if wish["images"]:
        random = np.random.default_rng(0)
        images = random.integers(0, 256, (wish["images"], 28, 28, 1), dtype=np.uint8)
        labels = random.integers(0, 10, wish["images"])
        data = TrainingData(images, labels, images[:2000], labels[:2000], classes=10)
        settings = Settings((Phase(wish["epochs"]),))
        train(_network(wish["filters"]), settings, data, None, report, lambda: "go")
    later = [end.seconds for end in ends[2:]] or [0.0]
    return {
        "epoch": min(later),
        "seconds": sum(end.seconds for end in ends[1:]),
        # Kilobytes on Linux, bytes on macOS.
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        / (1e6 if sys.platform == "darwin" else 1e3),
    }


if __name__ == "__main__":
    print(json.dumps(_train(json.loads(sys.argv[1]))))
