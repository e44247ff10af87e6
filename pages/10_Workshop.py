from cnn.ui.common.page import page
from cnn.ui.workshop.host import host
from cnn.ui.workshop.join import join_or_start
from cnn.ui.workshop.participant import participant
from cnn.ui.workshop.projector import code_to_show, projector

code = code_to_show()
if code:
    projector(code)
else:
    with page(
        "Workshop",
        "Learn together: everyone builds and trains, and **the board shows what works best**.",
    ) as session:
        membership = session.attendance.membership
        if membership is None:
            join_or_start(session)
        elif membership.me is None:
            host(session, membership.workshop)
        else:
            participant(session, membership.workshop, membership.me)
