"""Starting a workshop from what is set up now; `start.md` has the text."""

from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from cnn.network.plan import plan as network_plan
from cnn.network.spec import NetworkError
from cnn.training.job import EPOCHS, Job
from cnn.ui.common import formatting, navigation
from cnn.ui.common.notices import show_error
from cnn.ui.common.page import WORKSHOP
from cnn.ui.common.prose import read_sections
from cnn.ui.learn.course import LESSONS, numbered_title, open_now
from cnn.ui.state import services, url, workshop
from cnn.ui.state.session import Session
from cnn.ui.state.url import UrlState
from cnn.workshop.rules import NAMES, PARTS, Part, Rules
from cnn.workshop.workshop import LONGEST_TITLE, Plan, View, WorkshopError

_TEXT = read_sections(__file__)
_USUAL: tuple[Part, ...] = ("filters", "kernel", "activation", "pooling", "epochs")
_PAGES = ("Build", "Data", "Train", "Inspect")
_FEW_EPOCHS = 10
_LONGEST_REASON = 120


def start_form(session: Session) -> None:
    """Title, what people may change, and the button; the host is then on the page of the workshop."""
    data = services.chosen(session.data)
    job = Job(session.network, session.data, session.settings)
    _TEXT.show(
        "about",
        network=formatting.network_name(job.network),
        data=formatting.escaped(data.dataset.name),
        epochs=job.settings.epochs,
    )
    places = {page: navigation.title_of(page) for page in _PAGES}
    places |= {f"lesson/{lesson.key}": numbered_title(lesson) for lesson in LESSONS}
    with st.form("start-workshop"):
        title = st.text_input("Title", placeholder="Year 10, Monday", max_chars=LONGEST_TITLE)
        place = st.selectbox("People begin at", list(places), format_func=places.__getitem__)
        with st.expander("What people may change", icon=":material/tune:"):
            _TEXT.caption("locks")
            free = _parts()
            most = st.number_input(
                "Most epochs",
                int(EPOCHS.low),
                int(EPOCHS.high),
                max(_FEW_EPOCHS, job.settings.epochs),
            )
            help = _TEXT.help("Reason for the locks")
            reason = st.text_input("Reason for the locks", max_chars=_LONGEST_REASON, help=help)
        named = st.checkbox("People choose a name", help=_TEXT.help("People choose a name"))
        help = _TEXT.help("Everyone sees the board")
        board_open = st.checkbox("Everyone sees the board", True, help=help)
        started = st.form_submit_button("Start the workshop", type="primary")
    if not started:
        return
    try:
        network_plan(job.network, data.image_shape, len(data.classes))
        rules = Rules(free, int(most), " ".join(reason.split()))
        view = _view(session, place)
        _begin(session, Plan(title, job, view, rules, named, board_open))
    except (NetworkError, WorkshopError) as error:
        show_error(error)
    else:
        st.switch_page(WORKSHOP)


def _begin(session: Session, plan: Plan) -> None:
    _, secret = services.workshops().create(plan, session.person)
    workshop.become_host(session, secret)


def _parts() -> tuple[Part, ...]:
    """The ticked ones."""
    with st.container(horizontal=True, gap="small"):
        return tuple(
            part
            for part in PARTS
            if st.checkbox(_capital(NAMES[part]), part in _USUAL, key=f"free-{part}", width=200)
        )


def _capital(name: str) -> str:
    name = name.removeprefix("the ")
    return name[0].upper() + name[1:]


def _view(session: Session, place: str) -> View:
    """The page that people begin at; the lesson that is open here is in the state it is in."""
    state = UrlState(session.network, session.data, session.settings)
    page, _, lesson = place.partition("/")
    if lesson:
        key, controls = open_now()
        controls = controls if key == lesson else ""
        state, page = replace(state, lesson=lesson, controls=controls), "Learn"
    return View(page, urlencode(url.write(state)))
