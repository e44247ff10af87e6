"""A visitor in a workshop: what their host allows, what is noted of them, what they are shown."""

import logging
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from cnn.network.link import to_text
from cnn.training.job import EPOCHS, Job
from cnn.training.run import Run
from cnn.ui.state import services, url
from cnn.ui.state.browser_echo import page_now
from cnn.ui.state.session import Session
from cnn.workshop.monitor import updated
from cnn.workshop.rules import Part, RuleError
from cnn.workshop.workshop import (
    Membership,
    Question,
    TrainedRun,
    View,
    Workshop,
    WorkshopError,
)

_NOTED_EVERY = 8.0
"""Seconds after which a page that is still open says so again."""

_SECRET = ("join", "host", "projector")
"""Fields of a URL that are nobody else's."""

_log = logging.getLogger(__name__)


def attend(session: Session, page: str) -> None:
    """Find out what the visitor is in a workshop now, and note that they are at this page.

    If the workshops cannot be read, all stays as it was.
    """
    before = session.attendance.membership
    try:
        now = session.attendance.membership = _membership(session)
        if before and before.me and (now is None or now.workshop.id != before.workshop.id):
            left = services.workshops().workshop(before.workshop.id)
            if left.over:
                session.attendance.ended = left.plan.title
                session.attendance.participant = ""
        note_presence(session, page)
    except WorkshopError as error:
        _log.warning("%s", error)


def note_presence(session: Session, page: str) -> None:
    """Note that the visitor is at this page, unless that was noted a moment ago."""
    attendance, now = session.attendance, time.monotonic()
    noted, at = attendance.noted
    membership = attendance.membership
    if membership is None or membership.workshop.over:
        return
    if noted == page and now - at < _NOTED_EVERY:
        return
    attendance.noted = page, now
    if membership.me:
        services.workshops().note_presence(membership.me.id, page)
    else:
        services.workshops().note_host(membership.workshop.id)


def join(session: Session, code: str, again: bool = False) -> None:
    """Take part in a workshop, and begin with what it begins with; Undo has the network of before.

    Who takes part already goes on where they are. Raises WorkshopError with a sentence.
    """
    store = services.workshops()
    hosted = store.hosted(session.person)
    if hosted and not hosted.over and not again and store.by_code(code).id == hosted.id:
        raise WorkshopError(
            "You host this workshop. To see it as a participant, open its link in a private window."
        )
    known = {one.id for one in store.at_device(session.person)}
    me = store.join(code, session.person, again)
    attend_as(session, me.id)
    if me.id not in known:
        start = store.workshop(me.workshop).plan.start
        session.prepare_training(start.network, start.data, start.settings)


def attend_as(session: Session, participant: str) -> None:
    """Be this participant, of those who share the browser."""
    attendance = session.attendance
    attendance.participant, attendance.answers, attendance.ended = participant, {}, ""
    attendance.noted = "", 0.0
    attendance.membership = _membership(session)


def become_host(session: Session, secret: str) -> None:
    """Host the workshop whose link has this secret. Raises WorkshopError with a sentence."""
    services.workshops().host(secret, session.person)
    session.attendance.participant, session.attendance.secret = "", secret
    session.attendance.membership = _membership(session)


def participation(session: Session) -> Membership | None:
    """What the visitor is in a workshop that goes on; None for its host, too."""
    now = session.attendance.membership
    return now if now and now.me and not now.workshop.over else None


def hosting(session: Session) -> Workshop | None:
    """The workshop that the visitor hosts now."""
    now = session.attendance.membership
    return now.workshop if now and now.host and not now.workshop.over else None


def locked(session: Session, parts: Mapping[str, Part]) -> dict[str, str]:
    """Of some controls by their labels, each with the part that it changes: why one is locked."""
    now = participation(session)
    if now is None:
        return {}
    reasons = {label: now.workshop.plan.rules.why_locked(part) for label, part in parts.items()}
    return {label: reason for label, reason in reasons.items() if reason}


def most_epochs(session: Session) -> int:
    """For how many epochs the visitor may train a network."""
    now = participation(session)
    return now.workshop.plan.rules.most_epochs if now else int(EPOCHS.high)


def check(session: Session, *jobs: Job) -> None:
    """Raise RuleError with the host's sentence where one of these trainings is not allowed now."""
    try:
        session.attendance.membership = _membership(session)
    except WorkshopError as error:
        _log.warning("%s", error)
    now = participation(session)
    if now is None:
        return
    if now.workshop.paused:
        raise RuleError("Your host has paused all trainings. Train when they go on.")
    for job in jobs:
        now.workshop.plan.rules.check(now.workshop.plan.start, job)


def not_allowed(session: Session) -> str:
    """The sentence why the next training is not allowed; "" where it is."""
    try:
        if now := participation(session):
            job = Job(session.network, session.data, session.settings)
            now.workshop.plan.rules.check(now.workshop.plan.start, job)
    except RuleError as error:
        return str(error)
    return ""


def note_run(session: Session, run: Run) -> None:
    """Put a run that the visitor has asked for on the workshop's board."""
    now = participation(session)
    if now is None or now.me is None:
        return
    told = TrainedRun(
        run.id,
        to_text(run.job.network),
        services.run_plan(run).parameters,
        run.status,
        time.time(),
        images=len(services.chosen(run.job.data).test),
        comparable=run.job.data == now.workshop.plan.start.data and not run.imported,
    )
    try:
        services.workshops().add_run(now.me.id, updated(told, run, time.time()))
    except WorkshopError as error:
        _log.warning("%s", error)


def record_answer(session: Session, question: Question, choice: int) -> None:
    """Keep what the visitor chose of a lesson's answers."""
    now, given = participation(session), session.attendance.answers
    if now is None or now.me is None or given.get(question.lesson) == choice:
        return
    given[question.lesson] = choice
    try:
        services.workshops().answer(now.me.id, question, choice)
    except WorkshopError as error:
        _log.warning("%s", error)


def view_now() -> View:
    """What is on the visitor's screen, as another one can show it."""
    hidden = {url.PARAMETERS[field].name for field in _SECRET}
    shown = {name: text for name, text in st.query_params.to_dict().items() if name not in hidden}
    return View(page_now(), urlencode(shown))


def parameters(view: View) -> dict[str, str]:
    """The parameters of a view's URL."""
    return dict(parse_qsl(view.query))


def look_at_hosts_view(session: Session) -> View | None:
    """Have on all pages what the host sent last; returns where it is to be seen."""
    now = participation(session)
    if now is None or now.me is None or now.workshop.sent is None:
        return None
    sent = now.workshop.sent
    services.workshops().follow(now.me.id, now.workshop.sends, now.me.aside or view_now())
    session.look_at(url.read(parameters(sent))[0])
    return sent


def dismiss_hosts_view(session: Session) -> None:
    """Do not look at what the host sent last."""
    if (now := participation(session)) and now.me:
        services.workshops().follow(now.me.id, now.workshop.sends, now.me.aside)


def back_to_own_work(session: Session) -> View | None:
    """Have one's own work again; returns where it is.

    After a refresh it is what the URL of that page said: Undo and drawings were of the tab before.
    """
    now = participation(session)
    if now is None or now.me is None or now.me.aside is None:
        return None
    own = now.me.aside
    if session.attendance.aside is None:
        session.look_at(url.read(parameters(own))[0])
        session.attendance.aside = None
    else:
        session.back_to_own()
    services.workshops().follow(now.me.id, now.workshop.sends, None)
    return own


def _membership(session: Session) -> Membership | None:
    """The participant that this tab has chosen, the host, or the one at this device seen last."""
    store = services.workshops()
    if store.empty:
        return None
    people = {one.id: one for one in store.at_device(session.person)}
    hosted = store.hosted(session.person)
    me = people.get(session.attendance.participant)
    if me is None and people and (hosted is None or hosted.over):
        me = next(iter(people.values()))
        session.attendance.participant = me.id
    if me:
        return Membership(store.workshop(me.workshop), me)
    return Membership(hosted) if hosted else None
