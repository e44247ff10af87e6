"""What every lesson is drawn with: its controls, its two columns, its question, and the ways on."""

import streamlit as st

from cnn.data.split import DataChoice
from cnn.inspection.edits import Edits
from cnn.network.spec import Network
from cnn.training.job import Settings
from cnn.ui.common.answer_bars import revealed_answers
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.page import BUILD, INSPECT, TRAIN
from cnn.ui.common.prose import Prose
from cnn.ui.learn.controls import Controls
from cnn.ui.learn.learned import learned
from cnn.ui.state.session import Session
from cnn.ui.state.workshop import record_answer
from cnn.workshop.workshop import Question as AskedQuestion


class LessonPage(Controls):
    """The page of one lesson, with its controls; see `Controls` for `lesson`, `values` and `number`.

    `top` is above both columns: `text`, which is wide enough for code, and `figure`.
    """

    def __init__(
        self, session: Session, prose: Prose, lesson: str, values: str, number: int
    ) -> None:
        super().__init__(lesson, values, number)
        self.session = session
        self.top = st.container()
        self.text, self.figure = responsive_columns(3, 5, narrowest=95)
        self._prose = prose

    def part(self, name: str = "part") -> str:
        """Choose the part to show, of those under "parts" in the lesson's text."""
        parts = self._prose.options("parts")
        return self.choice(name, "Part of the lesson", parts, labeled=False, at=self.top)

    def ask(self, **numbers: object) -> bool:
        """Ask the lesson's question, with `numbers` for its placeholders.

        Returns True once any answer has been chosen. The right answer counts as a lesson learned.
        """
        question = self._prose.question(**numbers)
        with st.container(border=True):
            chosen = st.radio(
                f"**Predict, then see.** {question.text}",
                range(len(question.answers)),
                index=None,
                format_func=lambda number: question.answers[number].text,
                key=f"learn-question-{self.lesson}",
                persist_state="session",
            )
            if chosen is None:
                return False
            answer = question.answers[chosen]
            texts = tuple(one.text for one in question.answers)
            right = next(at for at, one in enumerate(question.answers) if one.right)
            asked = AskedQuestion(self.lesson, question.text, texts, right)
            record_answer(self.session, asked, chosen)
            if answer.right:
                st.success(f"Correct. {answer.why}", icon=":material/check:")
                learned(self.lesson)
            else:
                st.info(f"Not quite. {answer.why}", icon=":material/replay:")
            revealed_answers(self.session, self.lesson)
        return True

    def to_build(self, label: str, network: Network) -> None:
        """Show a button that opens Build with this network; Undo there brings back the last one."""
        if st.button(label, icon=":material/construction:", key=f"to-build-{label}"):
            self.session.change_network(network)
            st.switch_page(BUILD)

    def to_inspect(
        self,
        label: str,
        run: str,
        image: int | None = None,
        unit: str | None = None,
        edits: Edits | None = None,
    ) -> None:
        """Show a button that opens Inspect with a run at its last epoch.

        `image` is the number of an image, `unit` a number in the network as `cnn.inspection.units`
        writes it, and `edits` are changes of weights to apply.
        """
        if st.button(label, icon=":material/search:", key=f"to-inspect-{label}"):
            self.session.choose_run(run)
            self.session.viewed.unit, self.session.viewed.edits = unit, edits or Edits()
            if image is not None:
                self.session.choose_image(image)
            st.switch_page(INSPECT)

    def to_train(self, label: str, network: Network, data: DataChoice, settings: Settings) -> None:
        """Show a button that opens Train with this network, these images and these settings."""
        if st.button(label, icon=":material/play_arrow:", key=f"to-train-{label}"):
            self.session.prepare_training(network, data, settings)
            st.switch_page(TRAIN)
