"""No page, no mail and no calendar file shows an abbreviation of the zone database (MST, PDT)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.html import strip_tags

from cop.core.time import ZONES, zone_label
from meetings import emails, ics
from meetings.models import Meeting, Rsvp
from members.models import User
from tests.factories import make_meeting, make_member

ODD = [
    "America/St_Johns",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Creston",
    "America/Argentina/Buenos_Aires",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Europe/London",
]
MOMENTS = [datetime(2026, 1, 15, tzinfo=UTC) + timedelta(days=61 * n) for n in range(12)]
MEMBERS = ("GOING", "WAITLISTED", "NEEDS_CONFIRMATION")


def abbreviations() -> set[str]:
    """All that today's rules use anywhere; UTC is a name that people know, +0545 is no word."""
    found = set()
    for name in available_timezones():
        if not name.startswith(("Etc/", "posix")) and "/" in name:
            found |= {moment.astimezone(ZoneInfo(name)).tzname() for moment in MOMENTS}
    return {word for word in found if word and word.isalpha()} - {"UTC"}


SHORT = re.compile(rf"\b({'|'.join(sorted(abbreviations()))})\b")
# What letters of an offset would look like beside a clock.
OFFSET = re.compile(r"(?<=[ap]\.m\. )[+-]\d\d(:?\d\d)?\b|\b(UTC|GMT)[+-]\d")


def shown(text: str) -> set[str]:
    words = strip_tags(re.sub(r"(?s)<(script|style).*?</\1>", " ", text))
    return {hit.group() for regex in (SHORT, OFFSET) for hit in regex.finditer(words)}


def test_the_search_finds_them() -> None:
    assert {"PST", "MST", "EDT", "NST", "GMT"} <= abbreviations()
    assert shown("<p>10:00 a.m. <b>MST</b></p>") == {"MST"}
    assert shown("10:00 a.m. -03") == {"-03"}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_labels_of_all_zones_there_are(language: str) -> None:
    with translation.override(language):
        for name in {*ZONES, *available_timezones()} - {"GMT", "EST", "MST", "HST", "CET"}:
            if "/" in name and not name.startswith("Etc/"):
                assert not shown(zone_label(name)), name


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ODD)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_mails_and_calendar_files(community: Any, zone: str, language: str) -> None:
    person = make_member(community, "Dani", timezone=zone, language=language)
    meeting = make_meeting(community, timezone=zone, mode="hybrid", place="Hall", cancel_reason="X")
    letters = [
        emails.rsvp_confirmed(meeting, person, now=meeting.starts_at),
        emails.promoted(meeting, person),
    ]
    for state in MEMBERS:
        rsvp = Rsvp(meeting=meeting, person=person, state=Rsvp.State[state])
        letters += [emails.changed(rsvp, meeting), emails.changed_clock(rsvp, meeting)]
        letters += [emails.cancelled(rsvp, meeting), emails.reminder(rsvp, "day_before")]
        letters += [emails.reminder(rsvp, "link")]
    for letter in letters:
        email = letter.email
        assert not shown(email.subject + email.text + email.html + email.calendar), letter.kind
        assert "TZID" not in email.calendar
    for text in (ics.meeting_file(meeting, zone), ics.invitation(meeting, person, "going")):
        assert not shown(text)


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ODD)
def test_pages(client: Client, community: Any, priya: User, zone: str) -> None:
    Meeting.objects.all().delete()
    User.objects.filter(pk=priya.pk).update(timezone=zone)
    soon = (datetime.now(tz=UTC) + timedelta(days=10)).date()
    meeting = make_meeting(community, timezone=zone, local_date=soon, facilitator=priya)
    client.force_login(priya)
    where = [community.slug]
    for url in [
        "/",
        meeting.get_absolute_url(),
        reverse("meetings:meeting_list", args=where),
        reverse("meetings:meeting_month", args=[*where, soon.year, soon.month]),
        reverse("admin:meetings_meeting_changelist"),
        reverse("admin:meetings_meeting_change", args=[meeting.pk]),
    ]:
        page = client.get(url, follow=True)
        assert page.status_code == 200, url
        assert not shown(page.content.decode()), url
