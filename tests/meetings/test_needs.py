"""What people need to take part: theirs, the facilitator's and the coordinators' alone."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from meetings.access import prepares
from meetings.actions import keep_access_needs, say_access_need
from meetings.actions.keeping import PARTS
from meetings.emails import rsvp_url
from meetings.ics import feed, meeting_file
from meetings.models import Meeting, MeetingRole
from meetings.queries import access_needs, feed_meetings
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import make_meeting, make_member, make_staff
from tests.meetings.conftest import NOW, START

NEED = "Zqcaptions please, I am hard of hearing"


@pytest.fixture
def coming(community):
    return make_meeting(community, local_date=timezone.now().date() + timedelta(days=7))


@pytest.fixture
def told(coming, dani, say):
    say(dani, meeting=coming, now=timezone.now())
    say_access_need(meeting=coming, person=dani, need=NEED, now=timezone.now())
    return coming


def need_of(meeting, person):
    return meeting.rsvps.get(person=person).access_need


def test_a_need_is_written_changed_and_taken_back(meeting, dani, say):
    say(dani)
    for need, kept in ((" step-free \n door ", "step-free door"), ("x" * 300, "x" * 300), ("", "")):
        say_access_need(meeting=meeting, person=dani, need=need, now=NOW)
        assert need_of(meeting, dani) == kept


@pytest.mark.parametrize("answer", ["not_going", "send_materials", None])
def test_only_those_who_come_are_asked(meeting, dani, say, answer):
    if answer:
        say(dani, answer)
    with pytest.raises(ActionError, match="coming first"):
        say_access_need(meeting=meeting, person=dani, need="x", now=NOW)


def test_a_need_in_line_waits_too(meeting, dani, ally, say):
    Meeting.objects.update(capacity=1)
    say(dani)
    say(ally)
    say_access_need(meeting=meeting, person=ally, need="LSQ", now=NOW)

    assert [row.access_need for row in access_needs(meeting)] == ["LSQ"]


@pytest.mark.parametrize(
    ("need", "now", "words"),
    [("x" * 301, NOW, "at most 300"), ("x", START + timedelta(hours=2), "is over")],
)
def test_a_need_is_refused_in_words(meeting, dani, say, need, now, words):
    say(dani)
    with pytest.raises(ActionError, match=words):
        say_access_need(meeting=meeting, person=dani, need=need, now=now)


@pytest.mark.parametrize("answer", ["not_going", "send_materials"])
def test_who_does_not_come_any_more_is_forgotten(told, dani, say, answer):
    say(dani, answer, meeting=told, now=timezone.now())

    assert need_of(told, dani) == ""


def test_needs_are_wiped_thirty_days_after_the_end(meeting, dani, say):
    say(dani)
    say_access_need(meeting=meeting, person=dani, need=NEED, now=NOW)
    late = meeting.ends_at + timedelta(days=30)

    assert keep_access_needs(now=late - timedelta(seconds=1)) == 0
    assert keep_access_needs(now=late) == 1
    assert keep_access_needs(now=late) == 0
    assert need_of(meeting, dani) == ""
    assert keep_access_needs in PARTS


@pytest.mark.parametrize("who", CAST)
def test_needs_are_read_by_those_who_prepare_the_meeting(request, told, sign_in, dani, who):
    person = request.getfixturevalue(who)
    text = sign_in(person).get(told.get_absolute_url()).content.decode()

    # Priya coordinates; Dani reads what Dani wrote, in the form.
    assert prepares(told, person) == (who == "priya")
    assert ("What 1 person needs" in text) == (who == "priya")
    assert (NEED in text) == (who in {"priya", "dani"})


def test_needs_are_read_by_the_facilitator_of_this_meeting_alone(told, community, sign_in):
    here, elsewhere = make_staff(community, "facilitator"), make_staff(community, "facilitator")
    second = make_member(community, "Second Circle")
    make_meeting(community, facilitator=elsewhere)
    Meeting.objects.filter(pk=told.pk).update(facilitator=here)
    role = MeetingRole.objects.create(meeting=told, part="facilitator", person=second)

    for person, reads in ((here, True), (elsewhere, False), (second, True)):
        assert prepares(Meeting.objects.get(pk=told.pk), person) == reads
        text = sign_in(person).get(told.get_absolute_url()).content.decode()
        assert (NEED in text) == reads
    role.state = MeetingRole.State.WITHDRAWN
    role.save(update_fields=["state"])
    assert not prepares(Meeting.objects.get(pk=told.pk), second)


def test_needs_stand_at_the_desk_for_those_alone(told, community, sign_in, admin, priya):
    url = reverse("admin:meetings_meeting_change", args=[told.pk])
    other = make_staff(community, "facilitator")

    assert NEED in sign_in(priya).get(url).content.decode()
    for person in (other, admin):
        response = sign_in(person).get(url)
        assert response.status_code == 200
        assert NEED not in response.content.decode()


def test_needs_are_in_no_mail_calendar_history_or_export(told, dani, ally, say):
    say(ally, meeting=told, now=timezone.now())
    outputs = [meeting_file(told, "UTC"), feed(dani, feed_meetings(dani, timezone.now()))]
    outputs += [f"{d.subject}{d.text}{d.html}{d.calendar}" for d in Delivery.objects.all()]
    outputs += [str(row) for row in AuditEvent.objects.values()]
    assert len(outputs) > 3
    assert not [text for text in outputs if "Zqcaptions" in text]


def test_the_page_asks_once_somebody_comes_and_keeps_what_was_typed(coming, dani, sign_in, say):
    client, url = sign_in(dani), coming.get_absolute_url()
    assert "need to take part" not in client.get(url).content.decode()
    say(dani, meeting=coming, now=timezone.now())
    assert "need to take part" in client.get(url).content.decode()

    response = client.post(f"{url}need/", {"access_need": NEED}, follow=True)
    assert "see what you need" in response.content.decode()
    assert need_of(coming, dani) == NEED

    response = client.post(f"{url}need/", {"access_need": "y" * 301})
    text = response.content.decode()
    assert response.status_code == 200
    assert "at most 300 signs; now it is 301" in text
    assert "y" * 301 in text
    assert need_of(coming, dani) == NEED
    client.post(f"{url}need/", {"access_need": ""})
    assert need_of(coming, dani) == ""


def test_the_link_takes_a_need_and_never_shows_it(client, told, dani):
    url = rsvp_url(told, dani).removeprefix("http://localhost:8000")
    text = client.get(url).content.decode()
    assert NEED not in text
    assert "You have told us what you need" in text

    client.post(url, {"access_need": " "})
    assert need_of(told, dani) == NEED
    client.post(url, {"access_need": "A door without steps"})
    assert need_of(told, dani) == "A door without steps"
    assert client.post(url, {"access_need": "z" * 301}).status_code == 200
    client.post(url, {"access_need": "", "forget": "1"})
    assert need_of(told, dani) == ""


@pytest.mark.parametrize(("days", "asks"), [(0, True), (-1, False)])
def test_the_page_says_until_when_captions_can_be_asked(coming, dani, sign_in, days, asks):
    today = timezone.localdate(timezone.now(), timezone.get_fixed_timezone(-7 * 60))
    day: date = today + timedelta(days=days)
    Meeting.objects.filter(pk=coming.pk).update(access_by=day)
    text = sign_in(dani).get(coming.get_absolute_url()).content.decode()

    assert ("You can ask for captions or sign language until" in text) == asks
