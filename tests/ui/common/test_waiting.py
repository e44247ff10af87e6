"""Parts of a page that run by themselves, by Streamlit's own queue of messages to the browser."""

from collections import defaultdict

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.testing.v1 import AppTest


def _page() -> None:
    from concurrent.futures import Future

    import streamlit as st

    from cnn.ui.common.waiting import when_there

    st.title("Above")
    for doing in ("Thinking", "Thinking it over"):
        when_there(Future(), doing, st.write)
        st.markdown("Below")


def test_no_place_is_left_open_by_what_is_dropped_of_a_part_that_runs_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[ForwardMsg] = []
    with monkeypatch.context() as patched:
        patched.setattr(ForwardMsgQueue, "_before_enqueue_msg", sent.append)
        page = AppTest.from_function(_page).run()
    assert [one.value for one in page.caption] == [
        ":material/hourglass: Thinking …",
        ":material/hourglass: Thinking it over …",
    ]
    parts = [one.auto_rerun.fragment_id for one in sent if one.HasField("auto_rerun")]
    assert len(parts) == 2
    queue = ForwardMsgQueue()
    for message in sent:
        queue.enqueue(message)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=parts)
    kept = [one for one in queue.flush() if one.HasField("delta")]
    assert not any(one.delta.fragment_id for one in kept)
    places = defaultdict(set)
    for one in kept:
        *parent, place = one.metadata.delta_path
        places[tuple(parent)].add(place)
    for inside in places.values():
        assert inside == set(range(len(inside)))
