"""The Open Space board: who is at it, places for one topic each, notes, and cheap looks."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cop.core.errors import ActionError
from meetings.actions import board as actions
from meetings.models import AgendaStep, BoardTopic, Meeting
from members.models import User
from tests.factories import make_member
from tests.meetings.conftest import START

SOON = START - timedelta(hours=2)


@pytest.fixture
def board(meeting: Meeting, priya: User) -> Meeting:
    meeting.agenda.all().delete()
    for order, room in enumerate(["plenary", "breakout", "breakout"], start=1):
        AgendaStep.objects.create(
            meeting=meeting, order=order, title="S", minutes=30, room=room
        )  # fmt: skip
    actions.set_up_board(meeting=meeting, rooms=3, by=priya)
    meeting.refresh_from_db()
    return meeting


def at(meeting: Meeting, name: str = "board", *rest: str) -> str:
    return reverse(f"meetings:{name}", args=[meeting.community.slug, meeting.public_id, *rest])


def propose(meeting: Meeting, by: User, title: str = "Night shifts") -> BoardTopic:
    return actions.propose_board_topic(meeting=meeting, title=title, by=by, now=SOON)


def place(topic: BoardTopic, by: User, now: Any = SOON) -> None:
    slot, room = topic.meeting.board_slots.first(), topic.meeting.board_rooms.first()
    actions.place_board_topic(topic=topic, slot=slot, room=room, by=by, now=now)


def begins_now(meeting: Meeting, wait: timedelta = timedelta()) -> None:
    begins = timezone.now() + wait
    ends = begins + timedelta(minutes=90)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=begins, ends_at=ends)


def test_rounds_come_from_the_agenda(board: Meeting, priya: User) -> None:
    slots = board.board_slots.order_by("order").values_list("label", "starts_minute", "minutes")
    assert list(slots) == [("Round 1", 30, 30), ("Round 2", 60, 30)]
    actions.set_up_board(meeting=board, rooms=5, by=priya)
    assert board.board_rooms.count() == 3


def test_no_round_without_small_groups(meeting: Meeting, priya: User) -> None:
    with pytest.raises(ActionError, match="small groups"):
        actions.set_up_board(meeting=meeting, rooms=3, by=priya)


def test_one_topic_a_place(board: Meeting, dani: User, priya: User) -> None:
    first, second = propose(board, dani), propose(board, priya, "Food")
    place(first, dani)
    with pytest.raises(ActionError, match="a moment ago"):
        place(second, priya)
    second.refresh_from_db()
    assert second.slot is None


def test_only_the_host_and_those_who_run_it_move_a_topic(
    board: Meeting, dani: User, ally: User, priya: User
) -> None:
    topic = propose(board, dani)
    with pytest.raises(ActionError, match="Only the host"):
        place(topic, ally)
    place(topic, priya)
    actions.place_board_topic(topic=topic, slot=None, room=None, by=dani, now=SOON)
    actions.withdraw_board_topic(topic=topic, by=dani, now=SOON)
    assert not BoardTopic.objects.exists()


def test_a_topic_with_notes_stays(board: Meeting, dani: User) -> None:
    topic = propose(board, dani)
    actions.write_board_notes(topic=topic, notes="A", version=0, by=dani, now=SOON)
    with pytest.raises(ActionError, match="There are notes"):
        actions.withdraw_board_topic(topic=topic, by=dani, now=SOON)


def test_notes_of_two_keep_both(board: Meeting, dani: User, ally: User) -> None:
    topic = propose(board, dani)
    write = {"topic": topic, "version": 0, "now": SOON}
    assert not actions.write_board_notes(notes="A", by=dani, **write)
    assert actions.write_board_notes(notes="B", by=ally, **write)
    topic.refresh_from_db()
    assert topic.notes == f"A\n\n— {ally}:\nB"


@pytest.mark.parametrize(
    "now", [START - timedelta(hours=25), START + timedelta(minutes=90, hours=24, seconds=1)]
)
def test_closed_outside_its_days(now: Any, board: Meeting, dani: User) -> None:
    topic = propose(board, dani)
    with pytest.raises(ActionError, match="takes changes"):
        place(topic, dani, now)


def test_a_second_press_is_one_topic(board: Meeting, dani: User) -> None:
    assert propose(board, dani) == propose(board, dani)


def test_for_those_who_come(
    board: Meeting, dani: User, ally: User, funder: User, stranger: User, outsider: User,
    admin: User, say: Any, sign_in: Any,
) -> None:  # fmt: skip
    topic = propose(board, dani)
    say(dani)
    say(ally, "not_going")
    pages = [at(board), at(board, "board_part"), at(board, "board_topic", topic.public_id)]
    for url in pages:
        assert sign_in(dani).get(url).status_code == 200
        for person in (ally, funder, stranger, outsider, admin):
            assert sign_in(person).get(url).status_code == 404
            assert sign_in(person).get(f"{url}?v={board.board_version}").status_code == 404


def test_the_story_on_the_pages(board: Meeting, dani: User, say: Any, sign_in: Any) -> None:
    say(dani)
    begins_now(board)
    client = sign_in(dani)
    client.post(at(board), {"do": "propose", "title": "<b>ʔa Nights</b>"})
    topic = BoardTopic.objects.get()
    page = at(board, "board_topic", topic.public_id)
    spot = f"{board.board_slots.last().pk}-{board.board_rooms.last().pk}"
    client.post(page, {"do": "place", "place": spot})
    client.post(page, {"do": "notes", "version": "0", "notes": "Ring the bell"})
    text = client.get(at(board)).content.decode()
    assert client.post(at(board), {"do": "set_up", "rooms": "2"}).status_code == 404
    assert client.post(page, {"do": "place", "place": "9-x"}).status_code == 200
    topic.refresh_from_db()
    assert topic.room == board.board_rooms.last()
    assert "&lt;b&gt;ʔa Nights" in text
    assert "Ring the bell" in text


def test_a_look_costs_little(board: Meeting, dani: User, say: Any, sign_in: Any) -> None:
    say(dani)
    client = sign_in(dani)
    url = at(board, "board_part")
    client.get(f"{url}?v={board.board_version}")
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"{url}?v={board.board_version}")
    assert answer.status_code == 204
    own = [q for q in queries if "meetings_" in q["sql"]]
    assert len(own) == 1, queries.captured_queries
    propose(board, dani)
    assert "Night shifts" in client.get(f"{url}?v={board.board_version}").content.decode()


def test_as_many_questions_with_many_topics(
    board: Meeting, dani: User, say: Any, sign_in: Any
) -> None:
    say(dani)
    client = sign_in(dani)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(at(board))
        return len(queries)

    propose(board, dani)
    cost()
    few = cost()
    for n in range(25):
        propose(board, make_member(board.community, f"P{n}"), f"Topic {n}")
    assert cost() == few


def test_before_its_time_nothing_is_written(
    board: Meeting, dani: User, say: Any, sign_in: Any
) -> None:
    say(dani)
    begins_now(board, timedelta(days=3))
    answer = sign_in(dani).post(at(board), {"title": "Early words"})
    assert "takes changes from a day before" in answer.content.decode()
    assert not BoardTopic.objects.exists()
