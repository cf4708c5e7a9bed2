"""The real address and the dial-in: in no calendar, no feed, no mail to who does not come (MT8).

Raw bytes of all that leaves are searched, decoded as a mail program would.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from cop.core.samples import Scene
from meetings import calendar_links, emails, ics, samples
from meetings.actions import queue_reminders, replace_calendar_feed, update_meeting
from meetings.models import Meeting, Rsvp
from outbox.models import Delivery
from tests.factories import make_meeting
from tests.meetings.conftest import NOW, START

ADDRESS, DIAL_IN = b"zqsecretroom", b"zq555"
STATES = [state for state in Rsvp.State.values if state != "going"]


@pytest.fixture
def secret(community):
    return make_meeting(
        community, join_url="https://video.example/zqsecretroom?p=1", dial_in="zq555 code 42",
        audience="public",
    )  # fmt: skip


def raw(email):
    """What a mail program gets to see of it."""
    return "\n".join([email.subject, email.text, email.html, email.calendar or ""]).encode()


def letters_to(rsvp):
    meeting, person = rsvp.meeting, rsvp.person
    return {
        "changed": emails.changed(rsvp, meeting),
        "changed_clock": emails.changed_clock(rsvp, meeting),
        "cancelled": emails.cancelled(rsvp, meeting),
        "confirmed": emails.rsvp_confirmed(meeting, person, now=NOW),
        "confirmed_late": emails.rsvp_confirmed(meeting, person, now=START),
        "promoted": emails.promoted(meeting, person),
        "day_before": emails.reminder(rsvp, "day_before"),
        "link": emails.reminder(rsvp, "link"),
    }


@pytest.mark.parametrize("state", Rsvp.State.values)
def test_no_mail_contains_the_address_and_the_number_only_for_those_who_come(secret, dani, state):
    rsvp = Rsvp(meeting=secret, person=dani, state=state)
    for name, letter in letters_to(rsvp).items():
        content = raw(letter.email)
        assert ADDRESS not in content, name
        assert b"video.example" not in content, name
        # These three are written to people who come, whatever the row said before.
        if state != "going" and name not in {"confirmed", "confirmed_late", "promoted"}:
            assert DIAL_IN not in content, name
            assert b"/join/" not in content, name
    assert b"/join/" in raw(emails.reminder(Rsvp(meeting=secret, person=dani, state="going"),
                                            "link").email)  # fmt: skip


@pytest.mark.parametrize("state", Rsvp.State.values)
def test_no_calendar_contains_either(secret, dani, client, state):
    secret.rsvps.create(
        person=dani, state=state, holds_seat=state == "going", answered_at=NOW,
        wait_ticket=1 if state == "waitlisted" else None,
    )  # fmt: skip
    Meeting.objects.update(going_count=secret.rsvps.filter(holds_seat=True).count())
    feed = replace_calendar_feed(person=dani)
    outputs = {
        "invitation": ics.invitation(secret, dani, state).encode(),
        "cancellation": ics.cancellation(secret, dani).encode(),
        "file": ics.meeting_file(secret, "America/Vancouver").encode(),
        "feed": client.get(f"/m/{feed.secret}/calendar.ics").content,
        "google": calendar_links.google_url(secret).encode(),
        "outlook": calendar_links.outlook_url(secret).encode(),
        "download": client.get(f"{secret.get_absolute_url()}meeting.ics").content,
    }
    for name, content in outputs.items():
        # Long lines are folded in a calendar: a secret may stand over two of them.
        whole = content.replace(b"\r\n ", b"").replace(b"\n ", b"")
        assert ADDRESS not in whole, name
        assert DIAL_IN not in whole, name


def test_no_page_contains_the_address_for_whoever_looks(secret, dani, sign_in, visitor, client):
    starts_at = timezone.now() + timedelta(minutes=5)
    Meeting.objects.update(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=90))
    url = secret.get_absolute_url()
    pages = [url, "/every-door/meetings/", "/every-door/", f"{url}meeting.ics"]
    for person in (visitor, dani):
        for page in pages:
            content = sign_in(person).get(page).content
            assert ADDRESS not in content, page
            # The number is shown beside the open door, to people who are signed in.
            assert (DIAL_IN in content) == (page == url and person == dani), page


def test_all_that_is_queued_over_a_whole_life_contains_no_address(
    secret, dani, ally, priya, say
):  # fmt: skip
    Meeting.objects.filter(pk=secret.pk).update(capacity=1)
    say(dani, meeting=secret)
    say(ally, meeting=secret)
    say(priya, "send_materials", meeting=secret)
    for n in range(2):
        meeting = Meeting.objects.get(pk=secret.pk)
        update_meeting(meeting=meeting, changes={"duration": 60 + n}, by=priya, now=NOW)
    say(dani, "not_going", meeting=secret)
    for minutes in (24 * 60, 25, 5):
        queue_reminders(now=START - timedelta(minutes=minutes))
    rows = list(Delivery.objects.all())

    assert {row.kind for row in rows} >= {"rsvp_confirmed", "promoted", "reminder_link"}
    for row in rows:
        content = f"{row.subject}{row.text}{row.html}{row.calendar}".encode()
        assert ADDRESS not in content, row.key
        if row.person != ally:
            assert DIAL_IN not in content, row.key


def test_no_sample_of_a_mail_contains_the_address():
    """Samples use the same templates: those that others add are searched too."""
    for sample in samples.SAMPLES:
        for language in ("en", "fr"):
            email = sample.build(Scene(now=NOW, language=language))
            assert b"98765432100" not in raw(email), sample.name
