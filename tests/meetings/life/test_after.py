"""Held by the clock or by a word, wrapped up when all is said, and a leaked link (MT8, MT9)."""

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from meetings.actions import keep_held, queue_reminders, replace_door, wrap_meeting
from meetings.links import join_url
from meetings.models import Meeting
from members.models import User
from outbox.models import Delivery
from tests.factories import make_meeting, make_member
from tests.meetings.conftest import NOW, START

END = START + timedelta(minutes=90)
QUARTER = timedelta(minutes=15)
NEW = "https://video.example/join/another"


def state_of(meeting: Meeting) -> str:
    return Meeting.objects.get(pk=meeting.pk).state


@pytest.mark.parametrize(
    ("came", "unknown", "now", "state"),
    [
        ("present", 0, END + QUARTER, "held"),
        ("partial", 0, END + QUARTER, "held"),
        ("absent", 0, END + QUARTER, "scheduled"),
        (None, 3, END + QUARTER, "held"),
        (None, 0, END + 100 * QUARTER, "scheduled"),
        ("present", 0, END + QUARTER - timedelta(seconds=1), "scheduled"),
    ],
)
def test_the_clock_calls_held_what_somebody_was_seen_at(
    meeting: Meeting, dani: User, came: Any, unknown: int, now: Any, state: str
) -> None:
    if came:
        meeting.attendances.create(person=dani, state=came, source="link")
    Meeting.objects.filter(pk=meeting.pk).update(unidentified_count=unknown)
    keep_held(now=now)
    keep_held(now=now)

    assert state_of(meeting) == state
    assert AuditEvent.objects.filter(action="meeting_held", actor_id=None).count() == (
        state == "held"
    )


@pytest.mark.parametrize("state", ["draft", "cancelled", "wrapped"])
def test_the_clock_touches_nothing_else(community: Any, dani: User, state: str) -> None:
    meeting = make_meeting(community, state=state, cancel_reason="Snow")
    meeting.attendances.create(person=dani, state="present", source="link")
    keep_held(now=END + QUARTER)

    assert state_of(meeting) == state


def wrap(meeting: Meeting, by: User, **said: Any) -> Meeting:
    return wrap_meeting(meeting=meeting, by=by, now=END, **said)


def test_wrapping_up_names_all_that_is_missing(community: Any, priya: User) -> None:
    meeting = make_meeting(community, state="held", recording_policy="presentation_only")
    with pytest.raises(ActionError, match=r"the attendance, the notes, .*the recording"):
        wrap(meeting, priya)
    with pytest.raises(ActionError, match="needs: the attendance"):
        wrap(meeting, priya, no_notes=True, recording="none")

    assert state_of(meeting) == "held"
    meeting.refresh_from_db()
    assert (meeting.notes_outcome, meeting.recording_outcome) == ("", "")


def test_wrapped_up_when_all_is_said(community: Any, priya: User) -> None:
    meeting = make_meeting(community, state="held", attendance_saved_at=END)
    row = wrap(meeting, priya, no_notes=True)

    assert (row.state, row.notes_outcome, row.recording_outcome) == ("wrapped", "none", "none")
    assert row.wrapped_at == END
    assert AuditEvent.objects.get(action="meeting_wrapped").new == "wrapped"
    with pytest.raises(ActionError, match="was held"):
        wrap(meeting, priya, no_notes=True)


def test_what_is_published_stays_said(community: Any, priya: User) -> None:
    meeting = make_meeting(
        community, state="held", attendance_saved_at=END, notes_outcome="published",
        recording_policy="presentation_only",
    )  # fmt: skip
    row = wrap(meeting, priya, no_notes=True, recording="published")

    assert (row.notes_outcome, row.recording_outcome) == ("published", "published")


def test_a_leaked_link_is_replaced_for_those_who_come(
    community: Any, meeting: Meeting, priya: User, dani: User, ally: User, say: Any
) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(capacity=1)
    say(dani)
    say(ally)
    say(make_member(community, "Nora"), "not_going")
    before = join_url(meeting, dani)
    replace_door(meeting=meeting, join_url=NEW, dial_in="", by=priya, now=NOW)

    meeting.refresh_from_db()
    assert (meeting.join_url, meeting.door_version, meeting.sequence) == (NEW, 1, 1)
    mail = Delivery.objects.get(kind="link_replaced")
    assert mail.person == dani
    mine = join_url(meeting, dani)
    assert mine != before
    for part in (mail.text, mail.html):
        assert mine in part
        assert NEW not in part
        assert "secret-room" not in part
    event = Calendar.from_ical(mail.calendar).walk("VEVENT")[0]
    assert (event["SEQUENCE"], NEW in mail.calendar) == (1, False)
    trace = AuditEvent.objects.get(action="meeting_link_replaced")
    assert "video.example" not in trace.old + trace.new + trace.reason


def test_whoever_must_answer_again_gets_no_link(
    meeting: Meeting, priya: User, dani: User, say: Any
) -> None:
    say(dani)
    meeting.rsvps.update(state="needs_confirmation")
    replace_door(meeting=meeting, join_url=NEW, by=priya, now=NOW)

    mail = Delivery.objects.get(kind="link_replaced")
    assert "/join/" not in mail.text + mail.html
    assert "When you say yes, you get the new link" in mail.text


def test_a_reminder_with_the_old_link_does_not_leave_any_more(
    meeting: Meeting, priya: User, dani: User, say: Any
) -> None:
    say(dani)
    soon = START - timedelta(minutes=25)
    queue_reminders(now=soon)
    old = Delivery.objects.get(kind="reminder_link")
    replace_door(meeting=meeting, join_url=NEW, by=priya, now=soon)

    old.refresh_from_db()
    assert old.state == "cancelled"


@pytest.mark.parametrize(
    ("values", "given", "words"),
    [
        ({}, {"join_url": "https://video.example/join/secret-room"}, "the link that got out"),
        ({"dial_in": "555, 1"}, {"dial_in": "555, 1"}, "dial-in code got out too"),
        ({"state": "draft"}, {}, "announced and not over"),
        ({"mode": "in_person", "place": "Hall"}, {}, "Only an online meeting"),
    ],
)
def test_a_link_is_replaced_by_another_one_of_a_meeting_to_come(
    community: Any, priya: User, values: dict[str, str], given: dict[str, str], words: str
) -> None:
    meeting = make_meeting(community, **values)
    with pytest.raises(ActionError, match=words):
        replace_door(meeting=meeting, **({"join_url": NEW} | given), by=priya, now=NOW)

    assert Meeting.objects.get().door_version == 0
