"""The Train page: a real training on a real worker, seen through the page."""

import time
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from cnn.evaluation.health.history import key_epochs
from cnn.inspection.edits import Edits, KernelEdit
from cnn.network.presets import ARTICLE
from cnn.training.job import Phase, Settings
from cnn.training.scheduling.limits import MOST_WAITING
from cnn.training.scheduling.queue import Waiting
from cnn.ui.state import services
from tests.messages import messages
from tests.pages.conftest import Open

SMALL = {"net": "flatten_dense8-relu_softmax", "data": "fashion-mnist-10000_share0.1"}
"""A network and a split that train in a moment."""


def click(app: AppTest, label: str) -> AppTest:
    [button] = [one for one in app.button if one.label == label]
    return button.click().run()


def shown_epoch(app: AppTest) -> int:
    """The epoch of the network that Inspect draws."""
    [head] = [head for head, _ in messages(app) if head.get("subject")]
    return int(head["timeline"]["shown"])


def wait(app: AppTest, *endings: str) -> str:
    """Run the page as the browser's timer would, until the run has ended in one of these ways."""
    for _ in range(600):
        run = services.engine().run(app.session_state["session"].viewed.run_id)
        app.run()
        assert not app.exception, app.exception
        if run.status in endings:
            return run.status
        time.sleep(0.1)
    raise AssertionError(f"Still {run.status}: {run.message}")


def test_the_shipped_run_is_shown_before_any_training(open_page: Open) -> None:
    app = open_page("Train")
    assert len(app.get("vega_lite_chart")) == 2
    assert any("95% confidence interval" in m.value for m in app.markdown)


def test_a_marked_epoch_is_one_click_from_the_train_page(open_page: Open) -> None:
    app = open_page("Train")
    found = key_epochs(services.engine().run("article").epochs)
    assert found and found.gap_grows
    labels = [one.label for one in app.button if one.label.startswith("Inspect epoch")]
    assert labels == [
        f"Inspect epoch {found.lowest} (lowest validation loss)",
        f"Inspect epoch {found.gap_grows} (the gap starts to grow)",
    ]
    click(app, labels[1])
    assert app.session_state["session"].viewed.epoch == found.gap_grows
    assert shown_epoch(app) == found.gap_grows


def test_training_two_epochs_and_three_more(open_page: Open) -> None:
    app = open_page("Train", train="adam_rate0.001_batch128_epochs2_seed1", **SMALL)
    click(app, "Train")
    wait(app, "done")
    first = app.session_state["session"].viewed.run_id
    run = services.engine().run(first)
    assert [record.epoch for record in run.epochs] == [0, 1, 2]
    assert len(run.points) > 4
    [more] = [box for box in app.number_input if box.label == "More epochs"]
    more.set_value(3).run()
    click(app, "Train 3 more")
    wait(app, "done")
    longer = services.engine().run(app.session_state["session"].viewed.run_id)
    assert longer.id != first
    assert longer.epochs[:3] == run.epochs
    assert longer.last_epoch == 5
    app.switch_page("pages/5_Inspect.py").run()
    assert shown_epoch(app) == 5


def test_a_diverging_run_says_why_and_offers_a_smaller_rate(open_page: Open) -> None:
    network = "flatten_dense64_dense64_softmax"
    app = open_page(
        "Train", train="sgd_rate10_batch8_epochs3_seed1_momentum0.99", **(SMALL | {"net": network})
    )
    click(app, "Train")
    assert wait(app, "diverged", "done") == "diverged"
    assert "no longer a finite number" in app.error[0].value
    click(app, "Train again at 1")
    assert app.session_state["session"].settings == Settings(
        (Phase(3, 1.0),), batch_size=8, optimizer="sgd", momentum=0.99
    )
    session = app.session_state["session"]
    services.engine().stop(session.viewed.run_id, session.person)


def test_a_later_phase_that_diverged_is_tried_again_at_a_tenth_of_its_own_rate(
    open_page: Open,
) -> None:
    example = services.run_store().run(services.EXAMPLE_RUN)
    settings = Settings((Phase(2, 0.001), Phase(5, 3.0)))
    part = replace(example, epochs=example.epochs[:3], kept=example.kept[:3])
    job = replace(example.job, settings=settings)
    run = replace(part, id="diverged-later", job=job, status="diverged")
    services.run_store().save_copy(part, run)
    app = open_page("Train", run=run.id)
    again = [one.label for one in app.button if one.label.startswith("Train again at")]
    assert again == ["Train again at 0.3"]


def test_a_run_that_only_guesses_is_amber_and_its_remedy_helps(open_page: Open) -> None:
    app = open_page("Train", train="sgd_rate10_batch128_epochs2_seed1", **SMALL)
    click(app, "Train")
    wait(app, "done")
    assert any(":orange-badge[" in one.value for one in app.markdown)
    assert not any(":green-badge[" in one.value for one in app.markdown)
    assert "10%" in app.warning[0].value and "too high" in app.warning[0].value
    click(app, "Train again at 0.1")
    wait(app, "done")
    assert not app.warning
    assert any(":green-badge[" in one.value for one in app.markdown)


def test_an_impossible_network_is_refused_in_a_sentence(open_page: Open) -> None:
    app = open_page("Train", net="conv4x11-max4_conv8x7-relu_flatten_softmax")
    click(app, "Train")
    assert "nothing would be left of the maps" in app.error[0].value
    assert app.session_state["session"].viewed.run_id == "article"


def test_a_refusal_is_gone_once_its_reason_is(open_page: Open) -> None:
    app = open_page("Train", net="conv4x11-max4_conv8x7-relu_flatten_softmax")
    click(app, "Train")
    app.run()
    assert app.error
    app.session_state["session"].change_network(ARTICLE)
    app.run()
    assert not app.error


def test_pausing_and_stopping_take_nothing_back_that_was_chosen(open_page: Open) -> None:
    app = open_page("Train", train="adam_rate0.001_batch8_epochs100_seed41", **SMALL)
    click(app, "Train")
    viewed = app.session_state["session"].viewed
    for _ in range(600):
        if services.engine().run(viewed.run_id).kept:
            break
        time.sleep(0.05)
    viewed.epoch = 0
    viewed.edits = edits = Edits().with_kernel(KernelEdit("convolution_1", 0, 0, (1.0,)))
    app.run()
    for press, status in (("Pause", "paused"), ("Resume", "training"), ("Stop", "stopped")):
        [button] = [one for one in app.button if one.label.startswith(press)]
        button.click().run()
        wait(app, status)
        assert (viewed.epoch, viewed.edits) == (0, edits)
        assert app.session_state["session"].viewed is viewed


def test_the_network_on_train_reads_the_image_that_the_page_names(open_page: Open) -> None:
    app = open_page("Train")
    app.session_state["session"].source.kind = "drawing"
    app.run()
    captions = [one.value for one in app.caption]
    assert any(one.endswith(" · Your drawing") for one in captions)
    assert any("Your drawing" in one.value for one in app.markdown)


def test_the_settings_are_those_of_the_address(open_page: Open) -> None:
    app = open_page("Train", train="rmsprop_rate0.003_batch64_epochs7_seed5_patience4")
    assert app.session_state["session"].settings == Settings(
        (Phase(7, 0.003),), batch_size=64, optimizer="rmsprop", seed=5, patience=4
    )
    [epochs] = [box for box in app.number_input if box.label == "Epochs"]
    assert epochs.value == 7


def test_a_run_that_was_cleared_leaves_the_list_and_breaks_no_page(open_page: Open) -> None:
    app = open_page("Train")
    app.session_state["session"].own_runs.library.add("cleared-since")
    app.run()
    assert not app.exception
    assert "cleared-since" not in app.session_state["session"].own_runs.ids


def test_what_is_typed_last_is_what_is_trained(open_page: Open) -> None:
    app = open_page("Train", train="adam_rate0.001_batch128_epochs9_seed8", **SMALL)
    [epochs] = [box for box in app.number_input if box.label == "Epochs"]
    epochs.set_value(1)  # and, in the same run of the page, the button
    click(app, "Train")
    run = services.engine().run(app.session_state["session"].viewed.run_id)
    assert run.job.settings.epochs == 1
    wait(app, "done")


def test_with_a_link_a_run_can_be_watched_and_with_train_followed_and_left(open_page: Open) -> None:
    address = SMALL | {"train": "adam_rate0.001_batch8_epochs100_seed77"}
    mine = open_page("Train", **address)
    click(mine, "Train")
    me, run_id = mine.session_state["session"].person, mine.session_state["session"].viewed.run_id
    try:
        other = open_page("Train", run=run_id, **address)
        assert {"Pause", "Withdraw"}.isdisjoint(button.label for button in other.button)
        assert not any(button.label.startswith("Stop") for button in other.button)
        assert any("else started this run" in one.value for one in other.caption)
        click(other, "Train")
        assert services.engine().standing(run_id, me).others == 1
        click(other, "Stop following (keeps results)")
        assert other.session_state["session"].viewed.run_id != run_id
        assert services.engine().run(run_id).live
        assert services.engine().standing(run_id, me).owner
    finally:
        services.engine().stop(run_id, me)


def test_whoever_has_too_many_runs_waiting_is_told_the_limit(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.engine(), "waiting", lambda _: Waiting(others=MOST_WAITING))
    app = open_page("Train")
    [train] = [one for one in app.button if one.label == "Train"]
    assert train.disabled
    assert any(f"{MOST_WAITING} runs that wait" in one.value for one in app.caption)
