"""Clock rules change under meetings that stand (TZ4): the wall time stays, the instant follows."""

from collections.abc import Callable
from datetime import date, time, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from cop.core.models import AuditEvent
from meetings.actions import (
    cancel_meeting,
    find_shifted,
    queue_reminders,
    recheck_timezones,
    update_meeting,
)
from meetings.actions import zones as zones_module
from meetings.models import Meeting
from meetings.tasks import queue_reminders_task
from outbox.models import Delivery
from tests.factories import make_meeting, make_member
from tests.meetings.conftest import DAY, NOW, START, states

HOUR = timedelta(hours=1)


def by_old_rules(*meetings: Meeting) -> None:
    """As if they had been stored when British Columbia still changed its clocks: an hour later."""
    for row in meetings:
        fresh = Meeting.objects.get(pk=row.pk)
        fresh.derive_instants()
        Meeting.objects.filter(pk=row.pk).update(
            starts_at=fresh.starts_at + HOUR, ends_at=fresh.ends_at + HOUR
        )


def letters() -> Any:
    return Delivery.objects.filter(key__startswith="changed:").exclude(state="cancelled")


@pytest.fixture
def crowd(meeting: Meeting, dani: Any, ally: Any, say: Callable[..., Any]) -> Meeting:
    """Dani comes, the ally waits for the one seat; by the rules of then."""
    Meeting.objects.filter(pk=meeting.pk).update(capacity=1)
    by_old_rules(meeting)
    say(dani)
    say(ally)
    return meeting


def test_the_wall_time_stays_and_the_instant_follows(crowd: Meeting) -> None:
    (found,) = recheck_timezones(now=NOW)

    crowd.refresh_from_db()
    assert (found.old, found.new, found.letters) == (START + HOUR, START, 2)
    assert (crowd.local_date, crowd.local_time) == (date(2026, 12, 10), time(10))
    assert (crowd.starts_at, crowd.ends_at) == (START, START + 1.5 * HOUR)
    assert (crowd.sequence, crowd.sequence_at) == (1, NOW)
    assert states(crowd) == {"Dani": "going", "Femi": "waitlisted"}, "nobody is asked again"
    event = AuditEvent.objects.get(action="meeting_clock_corrected")
    assert (event.actor_id, event.scope) == (None, crowd.community.public_id)
    assert (event.old, event.new) == ("2026-12-10T18:00Z", "2026-12-10T17:00Z")
    assert event.reason == zones_module.zone_data_version()


def test_one_mail_each_waits_for_a_release(crowd: Meeting, dani: Any, ally: Any) -> None:
    recheck_timezones(now=NOW)

    mails = {mail.person_id: mail for mail in letters()}
    assert set(mails) == {dani.pk, ally.pk}
    for mail in mails.values():
        assert (mail.state, mail.reason, mail.kind) == (
            "paused",
            "waits for release",
            "changed_clock",
        )
        assert mail.key == f"changed:{crowd.public_id}:{mail.person_id}:1"
        assert mail.expires_at == START
        for part in (mail.text, mail.html):
            assert "10:00 to 11:30 a.m. Pacific time." in part
            assert "secret-room" not in part
        assert "You live by another clock" not in mail.text
        assert mail.subject.startswith("Same time, your calendar is put right")
    entry = mails[dani.pk]
    assert entry.calendar_method == "REQUEST"
    assert "SEQUENCE:1" in entry.calendar
    assert "DTSTART:20261210T170000Z" in entry.calendar
    assert f"UID:{crowd.public_id}@" in entry.calendar
    assert "The corrected entry is attached" in entry.text
    # Who waits has no entry in the calendar, so there is none to put right.
    assert mails[ally.pk].calendar == ""
    assert "You are still in line" in mails[ally.pk].text


def test_a_second_run_adds_nothing(crowd: Meeting) -> None:
    recheck_timezones(now=NOW)
    before = list(Delivery.objects.order_by("pk").values())

    assert recheck_timezones(now=NOW + HOUR) == []
    assert list(Delivery.objects.order_by("pk").values()) == before
    crowd.refresh_from_db()
    assert crowd.sequence == 1


def test_in_another_zone_the_mail_says_to_compare(community: Any) -> None:
    person = make_member(community, "Dani", timezone="America/Toronto")
    meeting = make_meeting(community)
    by_old_rules(meeting)
    meeting.rsvps.create(person=person, state="going", holds_seat=True, answered_at=NOW)
    Meeting.objects.filter(pk=meeting.pk).update(going_count=1)
    recheck_timezones(now=NOW)

    mail = letters().get()
    # On this clock it is no longer the hour that we told before.
    assert mail.subject == "Please check the time on your clock: A good night's work"
    for part in (mail.text, mail.html):
        assert "stays at the time we announced: 10:00 to 11:30 a.m. Pacific time." in part
        assert "12:00 to 1:30 p.m. Eastern time" in part
        assert "You live by another clock" in part


def test_whoever_has_not_answered_a_move_is_asked_in_this_mail(
    crowd: Meeting, dani: Any, priya: Any
) -> None:
    moved = {"local_date": date(2026, 12, 11)}
    update_meeting(meeting=crowd, changes=moved, by=priya, now=NOW)
    Delivery.objects.filter(kind="changed").update(state="sent", ended_at=NOW)
    by_old_rules(crowd)
    recheck_timezones(now=NOW + HOUR)

    mail = Delivery.objects.get(kind="changed_clock", person=dani)
    assert "You have not told us yet whether you come at this time." in mail.text
    assert "PARTSTAT=NEEDS-ACTION" in mail.calendar.replace("\r\n ", "")


def test_a_change_not_told_yet_is_told_without_waiting(
    crowd: Meeting, dani: Any, priya: Any
) -> None:
    """The correction must not swallow the news that the meeting was moved."""
    moved = {"local_date": date(2026, 12, 11)}
    update_meeting(meeting=crowd, changes=moved, by=priya, now=NOW)
    Delivery.objects.filter(person=dani, kind="changed").update(
        state="paused", reason="held by staff"
    )
    by_old_rules(crowd)
    recheck_timezones(now=NOW + timedelta(minutes=5))

    told = {mail.person_id: (mail.kind, mail.state, mail.reason) for mail in letters()}
    assert told.pop(dani.pk) == ("changed", "paused", "held by staff")
    assert set(told.values()) == {("changed", "queued", "")}
    assert {mail.key.rpartition(":")[2] for mail in letters()} == {"2"}


def test_a_change_after_the_correction_takes_its_place(
    crowd: Meeting, dani: Any, priya: Any
) -> None:
    recheck_timezones(now=NOW)
    moved = {"local_date": date(2026, 12, 11)}
    update_meeting(meeting=crowd, changes=moved, by=priya, now=NOW + HOUR)

    assert {(mail.kind, mail.state) for mail in letters()} == {("changed", "queued")}
    assert letters().filter(person=dani).count() == 1


def test_old_reminders_are_taken_back_and_new_ones_come_at_the_right_time(
    crowd: Meeting, dani: Any
) -> None:
    queue_reminders(now=START + HOUR - DAY)
    recheck_timezones(now=START + HOUR - DAY)

    old = Delivery.objects.get(kind="reminder_day_before")
    assert (old.state, old.reason) == ("cancelled", "meeting changed")
    assert queue_reminders(now=START - HOUR / 2 - timedelta(minutes=1)) == 0
    assert queue_reminders(now=START - HOUR / 2) == 1
    assert Delivery.objects.get(kind="reminder_link").key.endswith(":link:1")


def test_the_tick_puts_right_before_it_reminds(
    crowd: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to think of the command after an update of the zone data."""
    monkeypatch.setattr("meetings.tasks.database_clock", lambda: lambda: START - HOUR / 2)
    queue_reminders_task()

    crowd.refresh_from_db()
    assert crowd.starts_at == START
    assert Delivery.objects.get(kind="reminder_link").key.endswith(":link:1")


def test_what_is_over_or_called_off_stays(community: Any, priya: Any) -> None:
    past = make_meeting(community, local_date=date(2026, 12, 1))
    off = make_meeting(community)
    cancel_meeting(meeting=off, reason="Storm", by=priya, now=NOW)
    by_old_rules(past, off)

    assert recheck_timezones(now=NOW) == []


@pytest.mark.parametrize("minutes", [-50, 20])
def test_a_meeting_that_begins_by_one_clock_only_is_put_right_and_told_in_time(
    crowd: Meeting, minutes: int
) -> None:
    """Ten minutes before the old start is after the right one: no mail about it any more."""
    now = START + timedelta(minutes=minutes)
    (found,) = recheck_timezones(now=now)

    assert found.new == START
    assert found.letters == (2 if now < START else 0)
    assert letters().filter(expires_at__lte=now).count() == 0


def test_a_draft_is_put_right_and_nobody_hears_of_it(community: Any) -> None:
    draft = make_meeting(community, state="draft")
    by_old_rules(draft)
    (found,) = recheck_timezones(now=NOW)

    draft.refresh_from_db()
    assert (draft.starts_at, draft.sequence, found.letters) == (START, 0, 0)


def test_an_older_computer_does_not_put_it_back(
    crowd: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a site on two computers is updated, one of them has the rules of last year."""
    recheck_timezones(now=NOW)
    by_old_rules(crowd)  # what the rules of the older one would call right, turned about
    monkeypatch.setattr(zones_module, "zone_data_version", lambda: "2025b")

    assert len(find_shifted(now=NOW)) == 1
    assert recheck_timezones(now=NOW) == []
    said = StringIO()
    call_command("recheck_timezones", stdout=said)
    assert "Nothing was changed: meetings here were put right by zone data" in said.getvalue()


def test_a_zone_that_is_gone_stops_nothing_else(
    crowd: Meeting, community: Any, caplog: pytest.LogCaptureFixture
) -> None:
    gone = make_meeting(community)
    Meeting.objects.filter(pk=gone.pk).update(timezone="America/Atlantis")

    assert [found.meeting.pk for found in recheck_timezones(now=NOW)] == [crowd.pk]
    assert "zone_is_unknown" in caplog.text


def test_the_command_lists_and_mends(crowd: Meeting) -> None:
    Meeting.objects.filter(pk=crowd.pk).update(local_date=date(2035, 12, 6))
    by_old_rules(crowd)
    checked, mended, again = StringIO(), StringIO(), StringIO()
    call_command("recheck_timezones", "--check", stdout=checked)
    line = "2035-12-06 10:00 America/Vancouver, was 2035-12-06T18:00Z, is 2035-12-06T17:00Z"
    assert line in checked.getvalue()
    assert "1 differ" in checked.getvalue()
    assert not letters().exists()

    call_command("recheck_timezones", stdout=mended)
    assert line in mended.getvalue()
    assert "2 mails wait for release" in mended.getvalue()

    call_command("recheck_timezones", stdout=again)
    assert "All coming meetings are right" in again.getvalue()


@pytest.mark.parametrize("meetings", [1, 5])
def test_normally_it_costs_one_query(
    community: Any, meetings: int, django_assert_num_queries: Any
) -> None:
    for _number in range(meetings):
        make_meeting(community)

    with django_assert_num_queries(1):
        assert recheck_timezones(now=NOW) == []


@pytest.mark.parametrize("people", [1, 5])
def test_mending_costs_the_same_for_any_number_of_people(
    community: Any, people: int, django_assert_max_num_queries: Any
) -> None:
    meeting = make_meeting(community)
    by_old_rules(meeting)
    for _number in range(people):
        person = make_member(community)
        meeting.rsvps.create(person=person, state="going", holds_seat=True, answered_at=NOW)
    Meeting.objects.filter(pk=meeting.pk).update(going_count=people)

    with django_assert_max_num_queries(17):
        assert recheck_timezones(now=NOW)[0].letters == people
