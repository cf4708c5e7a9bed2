from datetime import date, time, timedelta

import pytest
from icalendar import Calendar

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from meetings.actions import (
    cancel_meeting,
    change_capacity,
    draft_meeting,
    mark_held,
    schedule_meeting,
    update_meeting,
)
from meetings.actions.meetings import ShortNotice
from meetings.models import Meeting
from outbox.models import Delivery
from tests.factories import make_meeting, make_member
from tests.meetings.conftest import DAY, NOW, START, states


def draft(community, priya, **fields):
    values = {"state": "draft", "facilitator": priya} | fields
    return make_meeting(community, **values)


def waiting_mails(kind):
    return Delivery.objects.filter(kind=kind, state="queued")


def test_draft_meeting_derives_the_instants(community, priya):
    meeting = Meeting(
        community=community, title="Night staff", local_date=date(2026, 11, 12),
        local_time=time(10), timezone="America/Vancouver", duration=75,
    )  # fmt: skip
    draft_meeting(meeting=meeting, by=priya)

    meeting.refresh_from_db()
    assert (meeting.state, meeting.starts_at.hour) == ("draft", 17)
    assert meeting.ends_at - meeting.starts_at == timedelta(minutes=75)


def test_schedule_meeting_announces_a_draft(community, priya, dani):
    meeting = draft(community, priya)
    assert not Meeting.objects.visible_to(dani).exists()

    schedule_meeting(meeting=meeting, by=priya, now=NOW)

    assert Meeting.objects.visible_to(dani).get().state == "scheduled"
    event = AuditEvent.objects.get(action="meeting_scheduled")
    assert (event.old, event.new, event.scope) == ("draft", "scheduled", community.public_id)


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"facilitator": None}, "a facilitator"),
        ({"join_url": ""}, "a join link"),
        ({"mode": "in_person", "join_url": ""}, "a place"),
        ({"mode": "hybrid", "join_url": ""}, "a join link, a place"),
    ],
)
def test_schedule_meeting_says_what_is_missing(community, priya, fields, missing):
    meeting = draft(community, priya, **fields)

    with pytest.raises(ActionError, match=f"needs: {missing}"):
        schedule_meeting(meeting=meeting, by=priya, now=NOW)


def test_schedule_meeting_in_person_needs_no_link(community, priya):
    meeting = draft(community, priya, mode="in_person", join_url="", place="The Hall, Nelson")

    assert schedule_meeting(meeting=meeting, by=priya, now=NOW).state == "scheduled"


def test_schedule_meeting_asks_before_short_notice(community, priya):
    meeting, soon = draft(community, priya), START - timedelta(hours=30)

    with pytest.raises(ShortNotice, match="less than two days"):
        schedule_meeting(meeting=meeting, by=priya, now=soon)
    schedule_meeting(meeting=meeting, by=priya, now=soon, short_notice_is_fine=True)


def test_schedule_meeting_refuses_the_past_and_a_second_time(community, priya):
    meeting = draft(community, priya)
    with pytest.raises(ActionError, match="in the past"):
        schedule_meeting(meeting=meeting, by=priya, now=START)

    schedule_meeting(meeting=meeting, by=priya, now=NOW)
    with pytest.raises(ActionError, match="no draft any more"):
        schedule_meeting(meeting=meeting, by=priya, now=NOW)


def test_update_meeting_of_words_tells_nobody(meeting, dani, priya, say):
    say(dani)
    update_meeting(meeting=meeting, changes={"title": "A better title"}, by=priya, now=NOW)

    meeting.refresh_from_db()
    assert (meeting.title, meeting.sequence) == ("A better title", 0)
    assert not waiting_mails("changed").exists()


def test_update_meeting_without_a_change_leaves_no_trace(meeting, priya):
    before = meeting.updated_at
    update_meeting(meeting=meeting, changes={"title": meeting.title}, by=priya, now=NOW)

    meeting.refresh_from_db()
    assert meeting.updated_at == before
    assert not AuditEvent.objects.filter(action__startswith="meeting_").exists()


def test_update_meeting_of_the_link_raises_the_sequence_and_tells_each_once(
    meeting, dani, ally, priya, say
):
    Meeting.objects.filter(pk=meeting.pk).update(capacity=1)
    say(dani)
    say(ally)
    update_meeting(
        meeting=meeting, changes={"join_url": "https://video.example/new"}, by=priya, now=NOW
    )

    meeting.refresh_from_db()
    assert meeting.sequence == 1
    assert {mail.person for mail in waiting_mails("changed")} == {dani, ally}
    to_dani = waiting_mails("changed").get(person=dani)
    assert to_dani.key == f"changed:{meeting.public_id}:{dani.pk}:1"
    assert Calendar.from_ical(to_dani.calendar).walk("VEVENT")[0]["SEQUENCE"] == 1
    assert "video.example" not in to_dani.text + to_dani.html + to_dani.calendar
    to_ally = waiting_mails("changed").get(person=ally)
    assert ("still in line" in to_ally.text, to_ally.calendar) == (True, "")
    assert states(meeting) == {"Dani": "going", "Femi": "waitlisted"}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"local_time": time(10, 30)}, "going"),
        ({"local_time": time(10, 31)}, "needs_confirmation"),
        ({"local_date": date(2026, 12, 11)}, "needs_confirmation"),
        ({"duration": 60}, "going"),
        ({"timezone": "America/Toronto"}, "needs_confirmation"),
    ],
)
def test_update_meeting_asks_again_after_a_real_move(meeting, dani, priya, say, changes, state):
    say(dani)
    update_meeting(meeting=meeting, changes=changes, by=priya, now=NOW)

    meeting.refresh_from_db()
    assert states(meeting) == {"Dani": state}
    assert (meeting.sequence, meeting.going_count) == (1, 1)  # the seat is kept (MT5)
    mail = waiting_mails("changed").get()
    assert ("has a new time" in mail.text) == (state == "needs_confirmation")


def test_update_meeting_confirming_keeps_the_seat_counted_once(meeting, dani, priya, say):
    say(dani)
    changes = {"local_date": date(2026, 12, 11)}
    update_meeting(meeting=meeting, changes=changes, by=priya, now=NOW)
    say(dani)

    meeting.refresh_from_db()
    assert (states(meeting), meeting.going_count) == ({"Dani": "going"}, 1)
    assert Delivery.objects.filter(kind="rsvp_confirmed").count() == 2


def test_update_meeting_merges_changes_within_a_quarter_of_an_hour(meeting, dani, priya, say):
    say(dani)
    update_meeting(meeting=meeting, changes={"duration": 80}, by=priya, now=NOW)
    later = NOW + timedelta(minutes=5)
    update_meeting(meeting=meeting, changes={"duration": 75}, by=priya, now=later)

    mail = waiting_mails("changed").get()
    assert mail.key.endswith(":2")
    # Counted from the first change, so that it leaves even where somebody goes on changing.
    assert mail.due_at == NOW + timedelta(minutes=15)


def test_update_meeting_shortly_before_writes_at_once(meeting, dani, priya, say):
    say(dani)
    soon = START - timedelta(hours=1)
    update_meeting(meeting=meeting, changes={"dial_in": "555-0100, 42"}, by=priya, now=soon)

    assert waiting_mails("changed").get().due_at == soon


def test_update_meeting_refuses_to_move_what_has_begun(meeting, priya):
    with pytest.raises(ActionError, match="has begun"):
        update_meeting(meeting=meeting, changes={"duration": 30}, by=priya, now=START)
    changes = {"local_date": date(2026, 12, 1)}
    with pytest.raises(ActionError, match="in the past"):
        update_meeting(meeting=meeting, changes=changes, by=priya, now=NOW)

    meeting.refresh_from_db()
    assert (meeting.sequence, meeting.local_date) == (0, date(2026, 12, 10))


def test_update_meeting_of_somebody_who_left_sends_no_mail(meeting, dani, priya, say):
    say(dani)
    dani.memberships.update(state="left")
    update_meeting(meeting=meeting, changes={"duration": 60}, by=priya, now=NOW)

    assert not waiting_mails("changed").exists()


def test_change_capacity_takes_no_seat_from_anybody(meeting, dani, ally, priya, say):
    say(dani)
    say(ally)

    row = change_capacity(meeting=meeting, capacity=1, by=priya, now=NOW)
    assert (row.capacity, row.target_capacity) == (2, 1)
    with pytest.raises(ActionError, match="at least one seat"):
        change_capacity(meeting=meeting, capacity=0, by=priya, now=NOW)
    row = change_capacity(meeting=meeting, capacity=2, by=priya, now=NOW)
    assert (row.capacity, row.target_capacity) == (2, None)


@pytest.mark.parametrize(("seats", "seated"), [(2, 2), (3, 3), (None, 4)])
def test_change_capacity_lets_the_line_in(community, meeting, priya, say, seats, seated):
    Meeting.objects.filter(pk=meeting.pk).update(capacity=1)
    for n in range(4):
        say(make_member(community, f"Person{n}"))
    change_capacity(meeting=meeting, capacity=seats, by=priya, now=NOW)

    assert list(states(meeting).values()) == ["going"] * seated + ["waitlisted"] * (4 - seated)
    assert Delivery.objects.filter(kind="promoted").count() == seated - 1


def test_cancel_meeting_tells_everybody_who_meant_to_come(meeting, dani, ally, priya, say):
    Meeting.objects.filter(pk=meeting.pk).update(capacity=1)
    say(dani)
    say(ally)
    say(priya, "not_going")
    cancel_meeting(meeting=meeting, reason="Samir is ill.", by=priya, now=NOW)

    meeting.refresh_from_db()
    assert (meeting.state, meeting.sequence) == ("cancelled", 1)
    assert {mail.person for mail in waiting_mails("cancelled")} == {dani, ally}
    mail = waiting_mails("cancelled").get(person=dani)
    assert "Samir is ill." in mail.text
    event = Calendar.from_ical(mail.calendar).walk("VEVENT")[0]
    assert (mail.calendar_method, event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    # The confirmation that had not left yet must not come after the cancellation.
    assert not waiting_mails("rsvp_confirmed").exists()
    assert AuditEvent.objects.get(action="meeting_cancelled").reason == "Samir is ill."


@pytest.mark.parametrize(("reason", "when"), [("  ", NOW), ("Too late", START + DAY)])
def test_cancel_meeting_needs_a_reason_and_a_meeting_to_come(meeting, priya, reason, when):
    with pytest.raises(ActionError):
        cancel_meeting(meeting=meeting, reason=reason, by=priya, now=when)


def test_cancel_meeting_twice_is_refused_and_told_once(meeting, dani, priya, say):
    say(dani)
    cancel_meeting(meeting=meeting, reason="Snow", by=priya, now=NOW)
    with pytest.raises(ActionError, match="over or off already"):
        cancel_meeting(meeting=meeting, reason="Snow", by=priya, now=NOW)

    assert waiting_mails("cancelled").count() == 1


def test_mark_held_never_before_the_start(meeting, priya):
    with pytest.raises(ActionError, match="has begun"):
        mark_held(meeting=meeting, by=priya, now=START - timedelta(minutes=1))

    assert mark_held(meeting=meeting, by=priya, now=START).state == "held"
