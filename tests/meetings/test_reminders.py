from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cop.core.time import is_quiet
from meetings.actions import answer_rsvp, queue_reminders, update_meeting
from meetings.actions import reminders as reminders_module
from meetings.links import join_url
from meetings.models import Meeting, MeetingChoices, Rsvp
from outbox.models import Delivery, MailHold
from tests.clock import without_its_second
from tests.factories import make_community, make_meeting, make_member
from tests.meetings.conftest import DAY, NOW, START, states

HALF = timedelta(minutes=30)
QUARTER = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)
ZONES = ["America/Vancouver", "America/Edmonton", "America/Toronto", "America/Creston"]


def reminders():
    return Delivery.objects.filter(purpose="reminder", state="queued").order_by("due_at", "key")


def kinds():
    return [mail.kind for mail in reminders()]


def test_queue_reminders_a_day_before_and_half_an_hour_before(meeting, dani, say):
    say(dani)

    assert queue_reminders(now=START - DAY - MINUTE) == 0
    assert queue_reminders(now=START - DAY) == 1
    assert queue_reminders(now=START - HALF - MINUTE) == 0
    assert queue_reminders(now=START - HALF) == 1
    assert kinds() == ["reminder_day_before", "reminder_link"]
    day_before, link = reminders()
    assert day_before.key == f"reminder:{meeting.public_id}:{dani.pk}:day_before:0"
    assert (day_before.expires_at, link.expires_at) == (START - HALF, START - QUARTER)


def test_queue_reminders_the_link_is_in_the_last_one_only(meeting, dani, say):
    Meeting.objects.filter(pk=meeting.pk).update(dial_in="555-0100, code 42")
    say(dani)
    queue_reminders(now=START - DAY)
    queue_reminders(now=START - HALF)

    day_before, link = reminders()
    for part in (day_before.text, day_before.html):
        assert "secret-room" not in part
        assert "555-0100" not in part
        for answer in ("going", "not_going", "send_materials"):
            assert f"/rsvp/?answer={answer}" in part
    # Their own way in, never the address itself (MT8).
    mine = join_url(meeting, dani)
    assert mine not in day_before.text
    for part in (link.text, link.html):
        assert mine in part
        assert "secret-room" not in part
        assert "555-0100, code 42" in part


def test_queue_reminders_without_the_link_mail_the_day_before_has_it(meeting, dani, say):
    MeetingChoices.objects.create(person=dani, wants_link_mail=False)
    say(dani)

    assert queue_reminders(now=START - DAY) == 1
    assert queue_reminders(now=START - HALF) == 0
    day_before = reminders().get()
    for part in (day_before.text, day_before.html):
        assert without_its_second(join_url(meeting, dani)) in part
        assert "We will send you the join link" not in part


def test_queue_reminders_called_off_while_we_look(meeting, dani, say, monkeypatch):
    """The tick has read the answers; then the meeting is called off; then it would queue."""
    say(dani)
    look = reminders_module._coming

    def slowly(now):
        rows = list(look(now))
        Meeting.objects.update(state="cancelled", cancel_reason="Storm")
        return rows

    monkeypatch.setattr(reminders_module, "_coming", slowly)
    assert queue_reminders(now=START - DAY) == 0
    assert not reminders().exists()


@pytest.mark.parametrize("answer", ["not_going", "send_materials"])
def test_queue_reminders_are_for_people_who_come(meeting, dani, ally, say, answer):
    Meeting.objects.filter(pk=meeting.pk).update(capacity=1)
    say(dani)
    say(ally)  # in line
    say(dani, answer, now=START - timedelta(hours=2))

    assert queue_reminders(now=START - HALF) == 0


def test_queue_reminders_ten_ticks_write_once(meeting, dani, say):
    say(dani)
    for minutes in range(10):
        queue_reminders(now=START - DAY + minutes * MINUTE)

    assert kinds() == ["reminder_day_before"]


def test_queue_reminders_after_an_outage_still_writes_but_never_after_the_start(meeting, dani, say):
    say(dani)

    assert queue_reminders(now=START - timedelta(hours=21)) == 1
    assert queue_reminders(now=START) == 0
    assert queue_reminders(now=START + HALF) == 0


def test_queue_reminders_late_in_the_last_half_hour_sends_the_link_alone(meeting, dani, say):
    say(dani)

    assert queue_reminders(now=START - timedelta(minutes=20)) == 1
    assert kinds() == ["reminder_link"]


def test_queue_reminders_who_answered_later_has_it_in_the_confirmation(meeting, dani, say):
    say(dani, now=START - timedelta(hours=5))

    assert queue_reminders(now=START - timedelta(hours=5)) == 0
    assert queue_reminders(now=START - HALF) == 1


@pytest.mark.parametrize(("field", "value"), [("status", "paused"), ("status", "archived")])
def test_queue_reminders_a_silent_community_sends_none(meeting, dani, say, field, value):
    say(dani)
    type(meeting.community).objects.update(**{field: value})

    assert queue_reminders(now=START - DAY) == 0


def test_queue_reminders_none_for_a_cancelled_meeting(meeting, dani, say):
    say(dani)
    Meeting.objects.update(state="cancelled", cancel_reason="Storm")

    assert queue_reminders(now=START - DAY) == 0


def test_queue_reminders_none_for_somebody_who_left(meeting, dani, say):
    """The join link must not follow a person out of the community."""
    say(dani)
    dani.memberships.update(state="left")

    assert queue_reminders(now=START - HALF) == 0


def test_queue_reminders_a_moved_meeting_reminds_at_the_new_time(meeting, dani, priya, say):
    say(dani)
    queue_reminders(now=START - DAY)
    moved = START - timedelta(hours=20)
    changes = {"local_date": date(2026, 12, 17)}
    update_meeting(meeting=meeting, changes=changes, by=priya, now=moved)
    assert not reminders().exists()  # the old one, not sent yet, is taken back
    say(dani, now=moved)
    week = timedelta(days=7)

    assert queue_reminders(now=START - HALF) == 0
    assert queue_reminders(now=START + week - DAY) == 1
    assert reminders().get().key.endswith(":day_before:1")


def test_queue_reminders_a_small_change_after_the_reminder_is_told_once(meeting, dani, priya, say):
    """The mail about the change reminds as well: no second reminder for the new sequence."""
    say(dani)
    queue_reminders(now=START - DAY)
    reminders().update(state="sent", ended_at=START - DAY)
    soon = START - timedelta(hours=5)
    update_meeting(meeting=meeting, changes={"duration": 60}, by=priya, now=soon)

    assert queue_reminders(now=soon + MINUTE) == 0
    assert queue_reminders(now=START - HALF) == 1


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("clock", [time(6, 30), time(10), time(18, 30), time(20, 30)])
def test_queue_reminders_keep_out_of_quiet_hours(community, zone, clock):
    """Tick by tick over two days: once each, at a waking hour where the person lives."""
    person = make_member(community, "Dani", timezone=zone)
    meeting = make_meeting(community, local_time=clock)
    answer_rsvp(meeting=meeting, person=person, answer="going", now=NOW)
    start = meeting.starts_at
    sent = {}
    # Half an hour is fine enough here: these meetings and the quiet hours begin at such times.
    moment = start - 2 * DAY
    while moment < start + timedelta(hours=2):
        if queue_reminders(now=moment):
            sent[reminders().last().kind] = moment
        moment += HALF

    assert set(sent) == {"reminder_day_before", "reminder_link"}
    assert sent["reminder_link"] == start - HALF
    day_before = sent["reminder_day_before"]
    local = day_before.astimezone(ZoneInfo(zone))
    due = start - DAY
    if is_quiet(due, zone):
        # 19:59 of the evening before; the tick that sees it here is the one of 20:00.
        assert local.time() == time(20)
        assert timedelta() < due - day_before < timedelta(hours=12)
    else:
        assert day_before == due


def test_queue_reminders_in_bc_the_wall_clock_says_it(community):
    """TZ6 for mails: 10:00 in Vancouver is 10:00 in Creston, 11:00 in Edmonton, 12:00 in Ottawa."""
    meeting = make_meeting(community, local_date=date(2026, 11, 12))
    said = {}
    for zone in ZONES:
        person = make_member(community, "Dani", timezone=zone)
        early = datetime(2026, 11, 1, tzinfo=UTC)
        answer_rsvp(meeting=meeting, person=person, answer="going", now=early)
        queue_reminders(now=meeting.starts_at - HALF)
        said[zone] = Delivery.objects.get(person=person, kind="reminder_link").text
    assert "10:00 to 11:30 a.m. Pacific time\n" in said["America/Vancouver"]
    assert "10:00 to 11:30 a.m. Mountain time (Creston)\n" in said["America/Creston"]
    assert "11:00 a.m. to 12:30 p.m. East Kootenay" in said["America/Edmonton"]
    assert "12:00 to 1:30 p.m. Eastern time" in said["America/Toronto"]
    for zone in ("America/Edmonton", "America/Toronto"):
        assert "(10:00 to 11:30 a.m. Pacific time)" in said[zone]
    for zone in ("America/Vancouver", "America/Creston"):
        assert said[zone].count("11:30 a.m.") == 1


@pytest.mark.parametrize("meetings", [1, 3])
def test_queue_reminders_query_count_is_constant(
    community, dani, ally, meetings, django_assert_num_queries
):
    other = make_community("social-rd")
    for n in range(meetings):
        meeting = make_meeting([community, other][n % 2], audience="public")
        for person in (dani, ally):
            answer_rsvp(meeting=meeting, person=person, answer="going", now=NOW)
    assert queue_reminders(now=START - DAY) == 2 * meetings

    # Two for seats and lines, one for all answers, one for what is queued already.
    with django_assert_num_queries(4):
        assert queue_reminders(now=START - DAY + MINUTE) == 0


@pytest.mark.parametrize("people", [1, 12])
def test_queue_reminders_query_count_is_constant_for_new_ones_too(
    meeting, people, django_assert_num_queries
):
    for _number in range(people):
        person = make_member(meeting.community)
        answer_rsvp(meeting=meeting, person=person, answer="going", now=NOW)

    # The four, and for all rows: a savepoint each way (two deep), the meetings under their lock,
    # the holds of staff, one insert.
    with django_assert_num_queries(11):
        assert queue_reminders(now=START - DAY) == people


def test_queue_reminders_what_comes_too_late_is_written_down(meeting, dani, say):
    say(dani)

    assert queue_reminders(now=START - timedelta(minutes=14)) == 0
    rows = Delivery.objects.filter(purpose="reminder")
    assert {(row.kind, row.state, row.reason) for row in rows} == {
        ("reminder_day_before", "skipped", "too late to be useful"),
        ("reminder_link", "skipped", "too late to be useful"),
    }
    assert queue_reminders(now=START) == 0
    assert rows.count() == 2


def test_queue_reminders_a_word_of_staff_counts(meeting, dani, priya, say):
    say(dani)
    prefix, scope = f"reminder:{meeting.public_id}:", meeting.community.public_id
    MailHold.objects.create(scope=scope, prefix=prefix, action="cancel", by=priya, at=NOW)
    queue_reminders(now=START - timedelta(minutes=14))

    rows = Delivery.objects.filter(purpose="reminder")
    assert {row.reason for row in rows} == {"stopped by staff"}


def move(meeting, priya, **changes):
    return update_meeting(meeting=meeting, changes=changes, by=priya, now=NOW)


def test_a_seat_not_confirmed_goes_to_the_line_a_day_before(meeting, dani, ally, priya, say):
    Meeting.objects.filter(pk=meeting.pk).update(capacity=1)
    say(dani)
    say(ally)
    moved = move(meeting, priya, local_date=date(2026, 12, 11))

    queue_reminders(now=moved.starts_at - DAY - MINUTE)
    assert states(meeting) == {"Dani": "needs_confirmation", "Femi": "waitlisted"}
    queue_reminders(now=moved.starts_at - DAY)
    assert states(meeting) == {"Dani": "needs_confirmation", "Femi": "going"}
    assert not Rsvp.objects.get(person=dani).holds_seat
    # Whoever confirms now is in line like everybody else.
    assert say(dani, now=moved.starts_at - timedelta(hours=20)).state == "waitlisted"


def test_a_move_within_the_last_day_releases_no_seat(meeting, dani, priya, say):
    say(dani)
    late = START - timedelta(hours=5)
    update_meeting(meeting=meeting, changes={"local_time": time(12)}, by=priya, now=late)
    queue_reminders(now=late + MINUTE)

    assert Rsvp.objects.get(person=dani).holds_seat


def test_the_tick_mends_a_line_before_a_free_seat(meeting, dani, ally, say):
    Meeting.objects.filter(pk=meeting.pk).update(capacity=1)
    say(dani)
    say(ally)
    Meeting.objects.filter(pk=meeting.pk).update(capacity=5)

    queue_reminders(now=NOW)
    assert states(meeting) == {"Dani": "going", "Femi": "going"}


def test_mails_say_that_somebody_of_a_funder_comes(community, dani, funder, priya):
    """Said beforehand, to those who come (P4); who it is, is not."""
    meeting = make_meeting(community, audience="public")
    answer_rsvp(meeting=meeting, person=dani, answer="going", now=NOW)
    answer_rsvp(meeting=meeting, person=funder, answer="going", now=NOW)
    queue_reminders(now=meeting.starts_at - DAY)
    queue_reminders(now=meeting.starts_at - HALF)

    said = {
        mail.kind: {"funder or regulator" in part for part in (mail.text, mail.html)}
        for mail in Delivery.objects.filter(person=dani)
    }
    assert said == {
        "rsvp_confirmed": {False}, "reminder_day_before": {True}, "reminder_link": {True}
    }  # fmt: skip
    assert not Delivery.objects.filter(person=dani, text__contains="Beth").exists()
