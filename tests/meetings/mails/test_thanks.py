from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

import pytest

from meetings.actions.thanks import keep_thanks, plan_thanks
from meetings.links import feedback_url
from meetings.models import Attendance, Meeting
from outbox.models import Delivery
from tests.clock import without_its_second
from tests.factories import make_meeting, make_member, make_person
from tests.meetings.conftest import DAY, START

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
END = START + timedelta(minutes=90)


def came(meeting, *people, state="present"):
    for person in people:
        Attendance.objects.create(meeting=meeting, person=person, state=state, source="self")


def thanks():
    return Delivery.objects.filter(kind="thanks_feedback").order_by("person")


@pytest.mark.parametrize("state", ["scheduled", "held", "wrapped"])
def test_an_hour_after_the_end_to_who_was_there(meeting, dani, ally, priya, state):
    came(meeting, dani)
    came(meeting, ally, state="partial")
    came(meeting, priya, state="absent")
    Meeting.objects.filter(pk=meeting.pk).update(state=state)

    assert keep_thanks(now=END + HOUR - MINUTE) == 0
    assert keep_thanks(now=END + HOUR) == 2
    for minutes in range(1, 4):
        assert keep_thanks(now=END + HOUR + minutes * MINUTE) == 0
    assert {mail.person for mail in thanks()} == {dani, ally}
    mail = thanks().get(person=dani)
    assert mail.key == f"reminder:{meeting.public_id}:{dani.pk}:thanks_feedback"
    assert (mail.purpose, mail.budgeted) == ("reminder", False)
    for part in (mail.text, mail.html):
        assert without_its_second(feedback_url(meeting, dani)) in part
        assert "secret-room" not in part


def test_the_link_opens_the_page(client, meeting, dani):
    came(meeting, dani)
    Meeting.objects.filter(pk=meeting.pk).update(state="held")
    keep_thanks(now=END + HOUR)
    link = feedback_url(meeting, dani)
    assert link in thanks().get().text
    assert client.get(urlsplit(link).path).status_code == 200


def test_cancelled_silent_gone_given(meeting, community, dani, ally, priya):
    came(meeting, dani, ally)
    dani.memberships.update(state="left", ended_on=date(2026, 12, 10))
    Attendance.objects.filter(person=ally).update(gave_feedback=True)
    assert keep_thanks(now=END + HOUR) == 0
    came(meeting, priya)
    type(community).objects.update(status="paused")
    assert keep_thanks(now=END + HOUR) == 0
    type(community).objects.update(status="open")
    Meeting.objects.update(state="cancelled", cancel_reason="Storm")
    assert keep_thanks(now=END + HOUR) == 0


def test_whoever_came_to_a_public_one(community):
    meeting = make_meeting(community, audience="public")
    came(meeting, make_person("Passer"))
    assert keep_thanks(now=END + HOUR) == 1


def test_late_attendance_and_outages(meeting, dani, ally):
    came(meeting, dani)
    assert keep_thanks(now=END + 4 * HOUR) == 1
    came(meeting, ally)
    assert keep_thanks(now=END + 2 * DAY) == 1
    came(meeting, make_member(meeting.community))
    assert keep_thanks(now=END + 4 * DAY) == 0


@pytest.mark.parametrize(
    ("zone", "ends", "goes"),
    [
        # 18:59 in Vancouver: at once. 19:00 and the hour: quiet, so at seven.
        ("America/Vancouver", datetime(2026, 12, 11, 1, 59), datetime(2026, 12, 11, 2, 59)),
        ("America/Vancouver", datetime(2026, 12, 11, 2, 0), datetime(2026, 12, 11, 14, 0)),
        ("America/Toronto", datetime(2026, 12, 11, 1, 59), datetime(2026, 12, 11, 12, 0)),
        # The night in which the clocks go forward, and back, in Toronto.
        ("America/Toronto", datetime(2027, 3, 14, 2, 0), datetime(2027, 3, 14, 11, 0)),
        ("America/Toronto", datetime(2027, 11, 7, 2, 0), datetime(2027, 11, 7, 12, 0)),
    ],
)
def test_never_at_night(zone, ends, goes):
    ends, goes = ends.replace(tzinfo=UTC), goes.replace(tzinfo=UTC)
    assert plan_thanks(ends_at=ends, zone=zone) == goes


def test_in_the_morning(community, dani):
    meeting = make_meeting(community, local_time=time(18, 0))
    came(meeting, dani)
    assert keep_thanks(now=meeting.ends_at + HOUR) == 0
    assert keep_thanks(now=meeting.ends_at + 11 * HOUR) == 0
    assert keep_thanks(now=meeting.ends_at + timedelta(hours=11, minutes=30)) == 1


@pytest.mark.parametrize("size", [1, 25])
def test_query_counts_do_not_grow(community, size, django_assert_max_num_queries):
    for _number in range(size if size == 1 else 4):
        came(make_meeting(community), *(make_member(community) for _n in range(max(1, size // 4))))
    with django_assert_max_num_queries(13):
        assert keep_thanks(now=END + HOUR) >= 1
    with django_assert_max_num_queries(1):
        assert keep_thanks(now=END + HOUR + MINUTE) == 0
