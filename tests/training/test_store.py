import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnn.storage import new_id
from cnn.training import store as store_module
from cnn.training.events import Point
from cnn.training.run import Run, RunError, with_point
from cnn.training.store import RunStore
from tests.training.examples import epoch_end, job, new_run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs", tmp_path / "examples")


def _trained(store: RunStore, run: Run, epochs: int, weights: int = 10) -> Run:
    store.save(run)
    for epoch in range(epochs + 1):
        run = store.save_epoch(run, epoch_end(epoch, weights))
    return run


def test_what_was_saved_is_read_back(store: RunStore, tmp_path: Path) -> None:
    run = _trained(store, new_run(), 2)
    run = replace(run, status="done")
    store.save(run)
    for reader in (store, RunStore(tmp_path / "runs", tmp_path / "examples")):
        assert reader.run("a-run") == run
        assert reader.run("a-run").kept == (0, 1, 2)
        assert np.array_equal(reader.weights("a-run", 1), np.ones(10, np.float32))
        assert not reader.weights("a-run", 1).flags.writeable
        assert reader.checkpoint(run).resume == b"state 2"
        assert reader.done(run.job, None) == run
        assert reader.done(job(5), None) is None


@pytest.mark.parametrize("name", ["../a-run", "", "a/b", "..", ".", "x" * 65, "ä", "a-run\n", "no"])
def test_an_unknown_or_strange_id_gives_a_sentence(store: RunStore, name: str) -> None:
    store.save(new_run())
    with pytest.raises(RunError, match="There is no run"):
        store.run(name)
    with pytest.raises(RunError):
        store.weights(name, 0)


def test_an_id_that_leads_to_a_real_record_outside_is_refused(
    store: RunStore, tmp_path: Path
) -> None:
    RunStore(tmp_path).save(new_run("outside"))
    store.save(new_run())
    assert (tmp_path / "runs" / "a-run" / ".." / ".." / "outside" / "run.json").exists()
    for name in ("a-run/../../outside", "../outside", str(tmp_path / "outside")):
        with pytest.raises(RunError, match="There is no run"):
            store.run(name)
        with pytest.raises(RunError, match="There is no run"):
            store.weights(name, 0)


def test_ids_are_their_own_folder_names(store: RunStore) -> None:
    run = replace(new_run(), id=new_id())
    store.save(run)
    assert store.run(run.id) == run
    assert new_id() != new_id()


def test_weights_that_were_not_kept_or_are_damaged_give_a_sentence(
    store: RunStore, tmp_path: Path
) -> None:
    _trained(store, new_run(), 1)
    (tmp_path / "runs/a-run/weights/epoch_001.npy").write_bytes(b"\x93NUMPY nonsense")
    for epoch in (1, 9):
        with pytest.raises(RunError, match=f"epoch {epoch}"):
            store.weights("a-run", epoch)


def _damaged(file: Path, at: int = -90) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


def _trained_to_its_end(store: RunStore, name: str = "a-run") -> Run:
    run = replace(_trained(store, new_run(name), 2), status="done")
    store.save(run)
    return run


@pytest.mark.parametrize("how", ["changed", "truncated", "missing"])
@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_a_finished_run_without_sound_weights_is_not_served_as_done(
    store: RunStore, tmp_path: Path, how: str, epoch: int
) -> None:
    run = _trained_to_its_end(store)
    file = tmp_path / f"runs/a-run/weights/epoch_{epoch:03d}.npy"
    match how:
        case "changed":
            _damaged(file)
        case "truncated":
            file.write_bytes(file.read_bytes()[:150])
        case "missing":
            file.unlink()
    for reader in (store, RunStore(tmp_path / "runs", tmp_path / "examples")):
        assert reader.done(run.job, None) is None
        assert reader.done(run.job, None, whole=False) is None
        with pytest.raises(RunError, match=f"epoch {epoch}"):
            reader.weights("a-run", epoch)
    again = _trained_to_its_end(store, "again")
    for reader in (store, RunStore(tmp_path / "runs", tmp_path / "examples")):
        assert reader.done(run.job, None) == again


def test_a_folder_deleted_during_the_training_is_no_finished_run(
    store: RunStore, tmp_path: Path
) -> None:
    run = _trained(store, new_run(epochs=3), 2)
    shutil.rmtree(tmp_path / "runs/a-run")
    run = store.save_epoch(run, epoch_end(3))
    store.save(replace(run, status="done"))
    assert store.run("a-run").kept == (3,)
    assert store.done(run.job, None) is None
    assert store.weights("a-run", 3)[0] == 3


def test_a_damaged_state_of_the_optimizer_is_not_continued_from(
    store: RunStore, tmp_path: Path
) -> None:
    run = _trained(store, new_run(), 1)
    _damaged(tmp_path / "runs/a-run/resume/epoch_001.bin", 0)
    with pytest.raises(RunError, match="optimizer after epoch 1"):
        store.checkpoint(run)


def test_a_copy_leaves_out_what_is_damaged(store: RunStore, tmp_path: Path) -> None:
    run = _trained(store, new_run(), 2)
    _damaged(tmp_path / "runs/a-run/weights/epoch_001.npy")
    copy = store.save_copy(run, replace(new_run("copy"), status="stopped"))
    assert store.run("copy").kept == copy.kept == (0, 2)


def test_odd_entries_among_the_runs_are_passed_over(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _trained_to_its_end(store)
    runs = tmp_path / "runs"
    (runs / "dangling").symlink_to(tmp_path / "nowhere")
    (runs / "a file").write_text("")
    (runs / "odd" / "run.json").mkdir(parents=True)
    reader = RunStore(runs, tmp_path / "examples")
    assert reader.done(run.job, None) == run
    with pytest.raises(RunError):
        reader.run("odd")
    monkeypatch.setattr(store_module, "MOST_RUNS", 0)
    reader.clear({"a-run"})
    assert [path.name for path in runs.iterdir()] == ["a-run"]


def test_a_write_that_fails_leaves_the_run_as_it_was(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _trained(store, new_run(), 1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        with pytest.raises(RunError, match="No space left"):
            store.save_epoch(run, epoch_end(2))
        with pytest.raises(RunError, match="No space left"):
            store.save(replace(run, status="done"))
    assert not list(tmp_path.rglob("*.part"))
    for reader in (store, RunStore(tmp_path / "runs", tmp_path / "examples")):
        assert reader.run("a-run").epochs == run.epochs
        assert reader.run("a-run").kept == (0, 1)
        assert reader.weights("a-run", 1)[0] == 1
        assert reader.checkpoint(run).resume == b"state 1"


def test_a_damaged_record_is_told_from_none(store: RunStore, tmp_path: Path) -> None:
    store.save(new_run())
    for content in (b"\xff", b"{", b'{"id":"a-run"}'):
        (tmp_path / "runs/a-run/run.json").write_bytes(content)
        with pytest.raises(RunError, match="damaged"):
            RunStore(tmp_path / "runs").run("a-run")


def test_a_large_run_keeps_some_epochs_the_first_and_the_last(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "WEIGHTS_BUDGET", 5 * 40)  # 11 snapshots of 40 bytes
    run = _trained(store, new_run(epochs=10), 10)
    assert run.kept == (0, 3, 6, 9, 10)
    files = {path.name for path in (tmp_path / "runs/a-run/weights").iterdir()}
    assert files == {f"epoch_{epoch:03d}.npy" for epoch in run.kept}
    assert len(list((tmp_path / "runs/a-run/resume").iterdir())) == 1


def test_what_another_process_left_unfinished_is_found(store: RunStore, tmp_path: Path) -> None:
    _trained_to_its_end(store, "done")
    later, earlier = (
        replace(new_run("later"), created=2.0),
        replace(new_run("earlier"), created=1.0),
    )
    for run in (later, earlier):
        store.save(run)
    assert RunStore(tmp_path / "runs", tmp_path / "examples").take_over() == [earlier, later]


def test_a_process_killed_while_writing_leaves_whole_epochs(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from cnn.training.store import RunStore\n"
        "from tests.training.examples import epoch_end, new_run\n"
        f"store = RunStore(Path({str(tmp_path)!r})); run = new_run(epochs=100); store.save(run)\n"
        "for epoch in range(100):\n"
        "    run = store.save_epoch(run, epoch_end(epoch, 200_000)); print(epoch, flush=True)"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    for _ in range(5):
        writer.stdout.readline()
    writer.kill()
    writer.wait()
    writer.stdout.close()
    store = RunStore(tmp_path)
    [run] = store.take_over()
    assert run.last_epoch >= 4
    assert store.checkpoint(run).resume == b"state %d" % run.last_epoch
    assert all(store.weights("a-run", epoch)[0] == epoch for epoch in run.kept)


def test_a_copy_has_the_history_and_the_weights(store: RunStore) -> None:
    run = with_point(_trained(store, new_run(), 2), Point(2.5, 0.1, 0.9))
    copy = store.save_copy(run, replace(new_run("copy"), status="stopped"))
    assert (copy.epochs, copy.kept, copy.points) == (run.epochs, run.kept, ())
    assert store.run("copy") == copy
    assert store.weights("copy", 2)[0] == 2
    assert store.checkpoint(copy).resume == b"state 2"


def test_example_runs_are_found_and_never_cleared(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = replace(_trained(RunStore(tmp_path / "examples"), new_run(), 1), status="done")
    RunStore(tmp_path / "examples").save(example)
    monkeypatch.setattr(store_module, "MOST_RUNS", 0)
    store = RunStore(tmp_path / "runs", tmp_path / "examples")
    store.clear(set())
    assert store.run("a-run") == example
    assert store.weights("a-run", 1)[0] == 1
    assert store.done(example.job, None) is None
    assert store.save_copy(example, new_run("copy")).kept == (0, 1)


def test_the_old_and_the_many_are_cleared_but_never_the_live(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_RUNS", 2)
    ages = {"ancient": 40 * 86400, "live": 50 * 86400, "third": 300, "second": 200, "first": 100}
    for name, age in ages.items():
        _trained_to_its_end(store, name)
        then = time.time() - age
        os.utime(tmp_path / "runs" / name / "run.json", (then, then))
    store.clear({"live"})
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"live", "second", "first"}
    assert store.done(job(), None) == store.run("first")
    monkeypatch.setattr(store_module, "MOST_RUNS", 0)
    store.clear({"live"})
    assert store.done(job(), None) == store.run("live")
    store.clear(set())
    assert store.done(job(), None) is None


def test_where_nothing_can_be_written_a_sentence_says_so(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file where the folder should be")
    store = RunStore(tmp_path / "runs", tmp_path / "examples")
    with pytest.raises(RunError, match="cannot be saved"):
        store.save(new_run())
    with pytest.raises(RunError, match="There is no run"):
        store.run("a-run")


def test_early_stopping_counts_on_unless_its_patience_is_used_up(store: RunStore) -> None:
    run = new_run(epochs=10)
    run = replace(run, job=replace(run.job, settings=replace(run.job.settings, patience=2)))
    for epoch, loss in enumerate([0.9, 0.5, 0.4, 0.6]):
        run = store.save_epoch(run, epoch_end(epoch, validation_loss=loss))
    assert (store.checkpoint(run).best_epoch, store.checkpoint(run).best_validation_loss) == (
        2,
        0.4,
    )
    run = store.save_epoch(run, epoch_end(4, validation_loss=0.7))
    assert store.checkpoint(run).best_epoch == 0
    for epoch, loss in enumerate([0.8, 0.9], start=5):  # trained on: counted from there
        run = store.save_epoch(run, epoch_end(epoch, validation_loss=loss))
        assert store.checkpoint(run).best_epoch == 5


def test_the_network_before_it_learns_is_never_the_best_epoch(store: RunStore) -> None:
    run = new_run(epochs=10)
    for epoch, loss in enumerate([0.1, 0.9, 0.8, 0.85]):
        run = store.save_epoch(run, epoch_end(epoch, validation_loss=loss))
        if epoch == 0:
            assert store.checkpoint(run).best_epoch == 0
    point = store.checkpoint(run)
    assert (point.epoch, point.best_epoch, point.best_validation_loss) == (3, 2, 0.8)


def _with_last_epoch_only(store: RunStore, name: str) -> Run:
    run = new_run(name)
    for epoch in range(3):
        run = store.save_epoch(run, epoch_end(epoch), last_only=True)
    run = replace(run, status="done")
    store.save(run)
    return run


def test_a_run_with_only_its_last_epoch_counts_as_done_where_that_is_enough(
    store: RunStore, tmp_path: Path
) -> None:
    last = _with_last_epoch_only(store, "last")
    assert [path.name for path in (tmp_path / "runs/last/weights").iterdir()] == ["epoch_002.npy"]
    assert store.done(job(), None) is None
    assert store.done(job(), None, whole=False) == last
    whole = replace(_trained(store, new_run("whole"), 2), status="done")
    store.save(whole)
    store.save(last)
    for reader in (store, RunStore(tmp_path / "runs", tmp_path / "examples")):
        assert reader.done(job(), None) == reader.done(job(), None, whole=False) == whole


def test_runs_with_only_their_last_epoch_do_not_push_out_the_others(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_RUNS", 1)
    for name in ("old-whole", "whole"):
        _trained(store, new_run(name), 1)
    for name in ("old-last", "last"):
        _with_last_epoch_only(store, name)
    for age, name in enumerate(["last", "old-last", "whole", "old-whole"]):
        then = time.time() - 100 * age
        os.utime(tmp_path / "runs" / name / "run.json", (then, then))
    store.clear(set())
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"last", "whole"}
