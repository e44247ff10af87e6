"""Whatever came from outside is shown letter by letter on every page, and never read as Markdown."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from google.protobuf.message import Message
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.testing.v1 import AppTest

from cnn.challenges.challenge import CHALLENGES
from cnn.challenges.judge import Finding, Verdict
from cnn.data.dataset import Dataset
from cnn.data.example import EXAMPLE_DATASET
from cnn.data.split import DataChoice
from cnn.training.experiments.experiment import with_seeds
from cnn.ui.common.formatting import escaped
from cnn.ui.state import services
from tests.fuzzing import HOSTILE, REPLACED, shown
from tests.pages.conftest import Open
from tests.pages.test_evaluate import kept

DATA, FILE = "csv-hostile", "[file](http://evil.example/f).csv"
TEXTS = (*HOSTILE, FILE)
PARAMETERS = (
    *("net", "data", "train", "run", "image", "epoch"),
    *("at", "lesson", "set", "experiment", "compare", "join", "host", "projector", "challenge"),
)
PAGES = (
    *("Home", "Learn", "Challenges", "Teach", "Data", "Build", "Train"),
    *("Inspect", "Evaluate", "Compare", "Experiments", "Workshop"),
)
PLAIN = {
    *("Selectbox.options", "MultiSelect.options", "TextInput.default", "TextArea.default"),
    *("TextInput.placeholder", "Image.alt", "VegaLiteChart.alt", "Dataframe.alt"),
}
"""What Streamlit shows as it is; everything else that it shows is Markdown."""
DRAWN = {"VegaLiteChart.spec", "BidiComponent.json", "MixedData.json", "Dataframe.columns"}
NAMES = {"id", "form_id", "key", "raw_values", "selection_default", "query_string"}


class Seen:
    """All that pages send to the browser, from one look to the next."""

    def __init__(self) -> None:
        self.sent: list[ForwardMsg] = []

    def check(self, *apps: AppTest) -> set[str]:
        """Returns which of the hostile texts are shown; each must be nothing but text."""
        assert not [app.exception for app in apps if app.exception]
        found = set()
        for place, text in (one for message in self.sent for one in _strings(message.delta)):
            raw = {one for one in TEXTS if one in text}
            marked = {one for one in TEXTS if escaped(one) in text}
            assert not (marked if place in PLAIN else raw), (place, text)
            found |= raw | marked
        self.sent.clear()
        return found


def _strings(message: Message) -> Iterator[tuple[str, str]]:
    """All texts in a message that a page shows, with the place where each stands."""
    for field, value in message.ListFields():
        place = f"{message.DESCRIPTOR.name}.{field.name}"
        for one in value if isinstance(value, (list, tuple)) or field.is_repeated else [value]:
            if isinstance(one, Message):
                yield from _strings(one)
            elif isinstance(one, str) and field.name not in NAMES and place not in DRAWN:
                yield place, one
    if message.DESCRIPTOR.name == "Table":  # its cells are Markdown
        frame = convert_arrow_bytes_to_pandas_df(message.arrow_data.data)
        for cell in [*frame.columns, *frame.index, *frame.to_numpy().ravel()]:
            yield "Table.arrow_data", str(cell)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    made = Seen()
    monkeypatch.setattr(ForwardMsgQueue, "_before_enqueue_msg", made.sent.append)
    return made


@pytest.fixture
def run() -> str:
    """A run on images of a table whose name and classes are hostile."""
    images = np.random.default_rng(1).integers(0, 256, (120, 28, 28, 1), np.uint8)
    labels = np.arange(120) % len(HOSTILE)
    credit = f"Read from the table {FILE}."
    services.data_store().add(Dataset(FILE, DATA, images, labels, HOSTILE, credit))
    return kept("hostile", DataChoice(DATA), 1.0)


@pytest.mark.parametrize("text", TEXTS)
def test_an_escaped_text_is_markdown_for_nothing_but_its_letters(text: str) -> None:
    letters = shown(f"a {escaped(text)} b")
    assert letters.replace("\N{ZERO WIDTH SPACE}", "") == f"a {text} b"
    assert not REPLACED.search(letters)


@pytest.mark.parametrize("page", PAGES)
def test_parameters(open_page: Open, seen: Seen, page: str) -> None:
    first = PAGES.index(page)
    texts = [HOSTILE[(first + at) % len(HOSTILE)] for at in range(len(PARAMETERS))]
    app = open_page(page, **dict(zip(PARAMETERS, texts, strict=True)))
    assert len(seen.check(app)) >= 5


def section(app: AppTest, name: str) -> None:
    [choice] = [one for one in app.get("button_group") if name in one.options]
    choice.set_value(name).run()


def test_classes_and_file_on_data_and_network(open_page: Open, run: str, seen: Seen) -> None:
    app = open_page("Data", data=DATA)
    assert seen.check(app) == {*TEXTS}
    app.session_state["session"].network = replace(
        app.session_state["session"].network, output="sigmoid"
    )
    app.switch_page("pages/3_Build.py").run()
    seen.check(app)


def test_classes_on_inspect(open_page: Open, run: str, seen: Seen) -> None:
    app = open_page("Inspect", run=run)
    app.session_state["session"].viewed.unit = "logits-unit1"
    for name in ("What does it look for?", "Why this class?", "Change the image"):
        section(app, name)
        assert seen.check(app)


def test_classes_on_evaluate(open_page: Open, run: str, seen: Seen) -> None:
    app = open_page("Evaluate", run=run)
    for cell in ((0, 0), (0, 1), (2, 3)):
        app.session_state[f"evaluate-cell-{'-'.join(HOSTILE)}"] = cell
        app.run()
        assert {HOSTILE[at] for at in cell} <= seen.check(app)
    for name in ("Mistakes", "Confidence", "Map", "Health"):
        section(app, name)
        seen.check(app)


def test_names_and_notes_on_runs(open_page: Open, run: str, seen: Seen) -> None:
    other = kept("hostile-2", DataChoice(DATA), 2.0)
    app = open_page("Compare", compare=f"{run},{other}")
    library = app.session_state["session"].own_runs.library
    library.describe(run, HOSTILE[0], "\n\n    ".join(HOSTILE))
    library.describe(other, HOSTILE[1], HOSTILE[2])
    app.run()
    assert {*HOSTILE[:3]} <= seen.check(app)
    for name in ("Decisions", "The same image"):
        section(app, name)
        assert {*HOSTILE[:2]} <= seen.check(app)
    app.session_state["session"].remove_run(other)
    app.run()
    assert HOSTILE[1] in seen.check(app)
    app.session_state["session"].choose_run(run)
    for page in ("4_Train", "5_Inspect", "6_Evaluate"):
        app.switch_page(f"pages/{page}.py").run()
        assert HOSTILE[0] in seen.check(app)


def test_names_of_runs_in_challenges(open_page: Open, seen: Seen) -> None:
    small = CHALLENGES["small"]
    store, fitting = services.run_store(), kept("fitting", small.start.data, 1.0)
    other = kept("not-fitting", DataChoice(EXAMPLE_DATASET), 1.0)
    store.save(replace(store.run(fitting), kept=(0,)))
    app = open_page("Challenges", challenge=small.key)
    session = app.session_state["session"]
    for run, name in ((fitting, HOSTILE[0]), (other, HOSTILE[1])):
        session.own_runs.library.add(run, name)
    finding = Finding("accuracy", 0.9, 0.88, 0.92, 0.85)
    services.standings().add(session.person, small.key, HOSTILE[2], Verdict((finding,)))
    app.run()
    assert {*HOSTILE[:3]} <= seen.check(app)


def test_what_a_worker_says(open_page: Open, run: str, seen: Seen) -> None:
    store = services.run_store()
    for status, text in (("failed", HOSTILE[1]), ("stopped", HOSTILE[3])):
        store.save(replace(store.run(run), id=status, status=status, message=f"It said {text}."))
        assert text in seen.check(open_page("Train", run=status))


def _asking() -> None:
    from concurrent.futures import Future

    from cnn.ui.common.waiting import when_there
    from tests.fuzzing import HOSTILE

    for text in HOSTILE:
        asked: Future[None] = Future()
        asked.set_exception(ValueError(text))
        when_there(asked, "Asking", print)


def test_why_a_worker_could_not_answer(seen: Seen) -> None:
    assert seen.check(AppTest.from_function(_asking).run()) == {*HOSTILE}


def test_titles_of_experiments(open_page: Open, run: str, seen: Seen) -> None:
    experiment = with_seeds(services.run_store().run(run).job, (), 1)
    app = open_page("Experiments")
    token = app.session_state["session"].token
    record = services.experiments().create(HOSTILE[1], token, experiment, 24)
    seen.check(open_page("Experiments", experiment=record.id))
    app.run()
    assert {HOSTILE[1], FILE} <= seen.check(open_page("Experiments", experiment=record.id))
