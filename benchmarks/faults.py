"""Faults on purpose, in a seeded order: what a run loses, whether it ends, which processes are left.

Every fault hits a training of its own. What does not go on by itself is continued, as a visitor would
do; then every epoch that was finished before the fault must be there, and the run must be done and
readable.
"""

import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import psutil

from benchmarks import Numbers, Rows
from cnn.network.spec import Network
from cnn.training.run import Run, RunError
from cnn.training.scheduling.engine import Engine
from cnn.training.store import RunStore
from tests.training.examples import chosen, settings

_EPOCHS = 8
_PATIENCE = 300.0
"""Seconds after which a run that has not ended counts as stuck."""

_DATA = chosen(4000)


def _submit(engine: Engine, seed: int, person: str = "ann") -> Run:
    return engine.submit(Network(), settings(_EPOCHS, seed, batch_size=8), _DATA, person)


def _until(condition: Callable[[], bool], seconds: float = _PATIENCE) -> bool:
    end = time.monotonic() + seconds
    while not (holds := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return holds


def _processes(engine: Engine) -> dict[str, psutil.Process]:
    """The cluster's process, its nanny's child that trains, by name."""
    process = engine._pool._process
    assert process is not None
    cluster = psutil.Process(process.pid)
    return {
        "cluster": cluster,
        "worker": max(cluster.children(), key=lambda one: one.memory_info().rss),
    }


def _signal(name: str, number: signal.Signals) -> Callable[[Engine, Run, Path], None]:
    def fault(engine: Engine, run: Run, folder: Path) -> None:
        _processes(engine)[name].send_signal(number)

    return fault


def _full_disk(engine: Engine, run: Run, folder: Path) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with patch("os.replace", full):
        _until(partial(_is_over, engine, run.id))


def _delete(engine: Engine, run: Run, folder: Path) -> None:
    shutil.rmtree(folder / run.id)


def _damage(pattern: str) -> Callable[[Engine, Run, Path], None]:
    def fault(engine: Engine, run: Run, folder: Path) -> None:
        _until(partial(_is_over, engine, run.id))
        for path in (folder / run.id).glob(pattern):
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 1
            path.write_bytes(content[:-5])

    return fault


def _storm(engine: Engine, run: Run, folder: Path) -> None:
    """Forty people load the page at once, ask for the same, and half of them leave again."""

    def visit(number: int) -> None:
        person = f"person {number}"
        engine.present(person, f"10.0.0.{number}")
        with suppress(RunError):
            engine.submit(run.job.network, run.job.settings, _DATA, person)
            for _ in range(20):
                engine.run(run.id)
                engine.position(run.id)
                engine.standing(run.id, person)
            if number % 2:
                engine.stop(run.id, person)

    with ThreadPoolExecutor(20) as people:
        list(people.map(visit, range(40)))


def _closed_tab(engine: Engine, run: Run, folder: Path) -> None:
    """A second person asks for the training and never looks at it again."""
    _submit(engine, run.job.settings.seed, "bob")


_FAULTS = {
    "kill the worker": (_signal("worker", signal.SIGKILL), 8),
    "stop the worker": (_signal("worker", signal.SIGSTOP), 2),
    "kill the scheduler": (_signal("cluster", signal.SIGKILL), 4),
    "stop the scheduler": (_signal("cluster", signal.SIGSTOP), 1),
    "full disk": (_full_disk, 12),
    "delete the run's folder": (_delete, 9),
    "damage the weights": (_damage("weights/*.npy"), 9),
    "damage the record": (_damage("run.json"), 8),
    "refresh storm": (_storm, 8),
    "closed tab": (_closed_tab, 4),
}
"""Faults by name, and how often each happens. Files are damaged once the run is over."""

_SERVER_KILLS = 3


def run() -> tuple[Rows, Numbers]:
    """Inject all faults and count what they did."""
    with TemporaryDirectory() as folder:
        engine = Engine(RunStore(Path(folder)), workers=1)
        totals = campaign(engine, Path(folder), {name: n for name, (_, n) in _FAULTS.items()}, 1)
        family = psutil.Process().children(recursive=True)
        engine.close()
        totals["kill the scheduler"]["orphans"] += _left(family)
    totals["kill the server"] = Counter()
    for seed in range(_SERVER_KILLS):
        with TemporaryDirectory() as folder:
            totals["kill the server"] += _server_killed(Path(folder), seed)
    keys = ("faults", "lost_epochs", "stuck", "orphans")
    rows: Rows = [("fault", *keys)]
    rows += [(name, *(str(counted[key]) for key in keys)) for name, counted in totals.items()]
    return rows, {key: sum(counted[key] for counted in totals.values()) for key in keys}


def campaign(
    engine: Engine, folder: Path, counts: dict[str, int], seed: int
) -> dict[str, Counter[str]]:
    """Inject the faults, each as often as its count says, in the order of the seed.

    Returns by fault how many there were, the finished epochs lost, and the runs that did not end.
    """
    kinds = list(Counter(counts).elements())
    random.Random(seed).shuffle(kinds)
    totals = {name: Counter[str]() for name in counts}
    for number, kind in enumerate(kinds, start=1):
        totals[kind] += _suffered(engine, folder, 100 * seed + number, _FAULTS[kind][0])
        print(f"{number} of {len(kinds)}: {kind}", file=sys.stderr)
    return totals


def _suffered(
    engine: Engine, folder: Path, seed: int, fault: Callable[[Engine, Run, Path], None]
) -> Counter[str]:
    run = _submit(engine, seed)
    moment = random.Random(seed).randrange(_EPOCHS - 2)
    _until(lambda: engine.run(run.id).last_epoch >= moment and bool(engine.run(run.id).epochs))
    finished = {record.epoch for record in engine.run(run.id).epochs}
    fault(engine, run, folder)
    done = _brought_to_its_end(engine, seed, run)
    lost = finished - {record.epoch for record in done.epochs} if done else finished
    return Counter(faults=1, lost_epochs=len(lost), stuck=done is None)


def _is_over(engine: Engine, run_id: str) -> bool:
    try:
        return not engine.run(run_id).live
    except RunError:  # its record is damaged
        return True


def _brought_to_its_end(engine: Engine, seed: int, run: Run) -> Run | None:
    """The run once it is done with weights that can be read; None if it never is."""
    for _ in range(3):
        if not _until(partial(_is_over, engine, run.id)):
            return None
        with suppress(RunError):
            ended = engine.run(run.id)
            if ended.status == "done":
                for epoch in ended.kept:
                    engine._store.weights(run.id, epoch)
                if 0 in ended.kept:
                    return ended
        try:
            run = engine.continue_run(run.id, _DATA, "ann")
        except RunError:
            run = _submit(engine, seed)
    return None


def _server_killed(folder: Path, seed: int) -> Counter[str]:
    """Kill a server that trains, and start another on its folder."""
    command = [sys.executable, "-m", __name__, str(folder), str(seed)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    run_id = server.stdout.readline().strip()
    for _ in range(1 + seed):
        finished = int(server.stdout.readline())
    family = psutil.Process(server.pid).children(recursive=True)
    server.kill()
    server.wait()
    engine = Engine(RunStore(folder), workers=1)
    there = {record.epoch for record in engine.run(run_id).epochs}
    done = _brought_to_its_end(engine, seed, engine.run(run_id))
    family += psutil.Process().children(recursive=True)
    engine.close()
    lost = set(range(finished + 1)) - there
    return Counter(faults=1, lost_epochs=len(lost), stuck=done is None, orphans=_left(family))


def _left(family: list[psutil.Process]) -> int:
    """How many processes outlive their server by more than half a minute."""
    _, alive = psutil.wait_procs(family, timeout=30)
    return len([one for one in alive if one.status() != psutil.STATUS_ZOMBIE])


def _serve(folder: str, seed: str) -> None:
    """Train, and tell every finished epoch, until killed."""
    engine = Engine(RunStore(Path(folder)), workers=1)
    run = _submit(engine, int(seed))
    print(run.id, flush=True)
    last = -1
    while True:
        now = engine.run(run.id)
        if now.epochs and now.last_epoch > last:
            last = now.last_epoch
            print(last, flush=True)
        threading.Event().wait(0.02)


if __name__ == "__main__":
    _serve(*sys.argv[1:])
