"""The Runs page: the list of runs, and runs side by side."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from cnn.network.presets import PRESETS
from cnn.training import archive
from cnn.training.job import Settings
from cnn.training.run import Run
from cnn.ui.state import services
from tests.evaluation.predicting import predict
from tests.pages.conftest import Open
from tests.ui.report.diverged import keep_diverged


def kept(name: str, epoch: int, seed: int) -> Run:
    """A run with the history of the example run up to an epoch, and its weights after that."""
    store = services.run_store()
    example = store.run(services.EXAMPLE_RUN)
    part = replace(example, epochs=example.epochs[: epoch + 1], kept=example.kept[: epoch + 1])
    job = replace(example.job, settings=Settings(seed=seed))
    copy = replace(part, id=name, job=job, status="stopped", created=2e9 + seed)
    return store.save_copy(part, copy)


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return [kept("early", 2, 11), kept("late", 20, 12)]


def session(app: AppTest):
    return app.session_state["session"]


def click(app: AppTest, label: str, nth: int = 0) -> None:
    [one for one in app.button if one.label == label][nth].click().run()
    assert not app.exception, app.exception


def text_of(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.success)
    return "\n".join(one.value for kind in kinds for one in kind)


def section(app: AppTest, name: str) -> None:
    [one] = [one for one in app.get("button_group") if name in one.options]
    one.set_value(name).run()
    assert not app.exception, app.exception


def test_alone_the_example_run_leads_to_a_second_one(open_page: Open) -> None:
    app = open_page("Compare")
    assert [box.label for box in app.checkbox] == ["**Example run**"]
    assert "83.5% (81.8 to 85.0)" in text_of(app)
    assert "More" not in [button.label for button in app.button]  # it stays what it is
    assert "Your own runs appear here" in text_of(app)
    click(app, "Set up on Train")
    assert session(app).network == PRESETS["average"].network
    assert session(app).settings == Settings()


def test_what_two_runs_decide_differently(open_page: Open, runs: list[Run]) -> None:
    app = open_page("Compare", compare="article,early,no-such-run", image="77")
    assert "There is no run “no\\-such\\-run” here" in text_of(app)
    assert session(app).own_runs.compared == ("article", "early")
    assert app.query_params["compare"] == "article,early"
    assert "**Seed**: 1 in Example run, 11 in Run 1" in text_of(app)
    section(app, "Decisions")
    data = services.chosen(runs[0].job.data)
    both = [
        predict(services.run_plan(runs[0]), services.weights(name, epoch), data).correct
        for name, epoch in (("article", 30), ("early", 2))
    ]
    first, second = int((both[0] & ~both[1]).sum()), int((both[1] & ~both[0]).sum())
    assert f"Only **Example run** is correct on {first}, only **Run 1** on {second}." in text_of(
        app
    )
    assert "better beyond chance" in text_of(app)
    section(app, "The same image")
    assert "**Image 77, " in text_of(app)  # it is not the first one of its class
    assert "through **Example run** after epoch 30 and **Run 1** after epoch 2" in text_of(app)
    assert len(app.get("bidi_component")) == 4  # the page change, the images, both networks


def test_the_newest_run_comes_first_and_the_example_last(open_page: Open, runs: list[Run]) -> None:
    app = open_page("Compare", compare="article,early,late")
    assert [box.label for box in app.checkbox] == ["**Run 2**", "**Run 1**", "**Example run**"]


def test_a_run_stands_beside_itself_at_two_epochs(open_page: Open, runs: list[Run]) -> None:
    app = open_page("Compare", compare="article,late")
    section(app, "The same image")
    section(app, "Run 1 at two epochs")
    assert "through **Run 1** after epoch 20 and **Run 1 again** after epoch 0" in text_of(app)
    assert len(app.get("bidi_component")) == 4


def test_a_network_without_answers_does_not_keep_the_others_from_being_compared(
    open_page: Open, runs: list[Run]
) -> None:
    keep_diverged(runs[0], "without-answers")
    app = open_page("Compare", compare="article,without-answers,early")
    section(app, "Decisions")
    assert "Run 1 gives no valid probabilities" in text_of(app)
    assert "Only **Example run** is correct" in text_of(app)


def test_many_runs_and_no_more_than_six(open_page: Open, runs: list[Run]) -> None:
    names = ["early", "late", *(kept(f"more-{seed}", 1, seed).id for seed in range(20, 25))]
    app = open_page("Compare", compare=",".join(["article", *names[:6]]))
    assert session(app).own_runs.compared == ("article", *names[:5])
    session(app).own_runs.library.add(names[6])
    app.run()
    disabled = [box.label for box in app.checkbox if box.disabled]
    assert disabled == ["**Run 6**"]
    section(app, "Decisions")
    assert len(app.dataframe[-1].value) == 15
    next(box for box in app.checkbox if box.value).uncheck().run()
    assert len(session(app).own_runs.compared) == 5
    assert not any(box.disabled for box in app.checkbox)


def test_a_run_is_named_removed_and_put_back(open_page: Open, runs: list[Run]) -> None:
    app = open_page("Compare", run="late")
    [name] = [one for one in app.text_input if one.label == "Name"]
    name.set_value("*mine* [x](y)")
    [note] = [one for one in app.text_area if one.label == "Note"]
    note.set_value("bad\x07note")
    click(app, "Save")
    assert "character that cannot be shown" in text_of(app)
    [note] = [one for one in app.text_area if one.label == "Note"]
    note.set_value("first line\nsecond")
    click(app, "Save")
    assert "**\\*mine\\* \\[x\\]\\(y\\)**" in [box.label for box in app.checkbox]
    click(app, "Remove from your runs")
    assert session(app).own_runs.ids == []
    assert session(app).viewed.run_id == "article"
    app.run()
    click(app, "Undo: put “\\*mine\\* \\[x\\]\\(y\\)” back")
    assert session(app).own_runs.library.entries[0].note == "first line\nsecond"
    assert "was removed" not in text_of(app)


def test_a_run_that_another_tab_removes_does_not_come_back(
    open_page: Open, runs: list[Run]
) -> None:
    app = open_page("Compare", compare="early,late")
    session(app).own_runs.library.remove("late")
    app.run()
    assert session(app).own_runs.compared == ("early",)
    assert session(app).own_runs.ids == ["early"]


def test_the_only_compared_run_is_removed_for_good(open_page: Open, runs: list[Run]) -> None:
    app = open_page("Compare", compare="late")
    click(app, "Remove from your runs")
    app.run()
    assert session(app).own_runs.ids == []
    assert "compare" not in app.query_params


def test_a_file_is_taken_in_or_refused(open_page: Open, runs: list[Run]) -> None:
    weights = {20: services.weights("late", 20)}
    content = archive.pack(runs[1], weights, archive.Label("from *afar*", "a note"))
    app = open_page("Compare")
    folders = set((services.home() / "runs").iterdir())
    [upload] = app.file_uploader
    upload.upload("hostile.zip", b"PK![x](http://example.org)", "application/zip").run()
    assert "damaged" in app.error[0].value
    assert session(app).own_runs.ids == []
    assert set((services.home() / "runs").iterdir()) == folders
    [upload] = app.file_uploader
    upload.upload("run_1.zip", content, "application/zip").run()
    assert not app.exception, app.exception
    assert "in your runs as run 1" in app.success[0].value
    [run_id] = session(app).own_runs.ids
    assert services.engine().run(run_id).imported
    assert "**from \\*afar\\***" in [box.label for box in app.checkbox]
    assert "was imported from a file" in text_of(app)
    click(app, "Inspect")
    assert not app.error
    assert session(app).viewed.run_id == run_id


def test_what_was_imported_is_no_longer_said_to_be_there_once_it_is_removed(
    open_page: Open, runs: list[Run]
) -> None:
    content = archive.pack(runs[1], {20: services.weights("late", 20)}, archive.Label("afar", ""))
    app = open_page("Compare")
    app.file_uploader[0].upload("run_1.zip", content, "application/zip").run()
    assert app.success
    click(app, "Remove from your runs")
    app.run()
    assert session(app).own_runs.ids == [] and not app.success
