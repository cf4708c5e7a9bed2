"""F26: a mail scanner opens every link of every mail, twice, before the person does."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as site_settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import timezone

from cop.core.samples import Scene
from cop.core.time import to_instant
from cop.proofs.catalogue import SAMPLES
from meetings.actions import answer_rsvp, cancel_meeting, queue_reminders, update_meeting
from meetings.models import Rsvp
from members.models import Community, User
from newsletter.actions import queue_weekly_digests, send_issue
from outbox.actions import find_mailing_list, request_subscription, send_due, update_subscriptions
from outbox.models import Delivery, Subscription
from tests.factories import NOW, make_meeting, make_member
from tests.faults.checksum import checksum, checksums
from tests.newsletter.makers import make_approved, make_resource
from tests.smtp import Box

pytestmark = pytest.mark.django_db
LINK = re.compile(r"https?://[^\s\"'<>()]+")
TUESDAY = to_instant(date(2026, 12, 1), time(9, 1), "America/Vancouver")
START = to_instant(date(2026, 12, 10), time(10), "America/Vancouver")
SIGNED = {
    "unsubscribe": {"List-Unsubscribe": "One-Click"},
    "choices": {"do": "stop"},
    "rsvp": {"answer": "not_going"},
    "confirm": {},
    "link": {},
}
# Opens a door on the day and does nothing before it: tests/meetings/test_joining.py walks through.
SHUT = {"join"}


@pytest.fixture
def mails(community: Community, dani: User, ally: User, priya: User, mailbox: Box) -> list[Message]:
    """Real mails with working links, one way after the other."""
    steps = [sign_in, meetings, late_changes, newsletter, double_opt_in, digest, reminders]
    for step in steps:
        at = step(community, dani, ally, priya)
        while send_due(clock=lambda at=at: at):
            pass
    return mailbox.messages


def sign_in(community: Community, dani: User, ally: User, priya: User) -> datetime:
    Client().post("/account/login/code/", {"email": ally.email})
    return timezone.now()


def meetings(community: Community, dani: User, ally: User, priya: User) -> datetime:
    full = make_meeting(community, title="One seat", capacity=1)
    for person, answer in ((dani, "going"), (ally, "going"), (dani, "not_going")):
        full.refresh_from_db()
        answer_rsvp(meeting=full, person=person, answer=answer, now=NOW)
    answer_rsvp(meeting=make_meeting(community), person=dani, answer="going", now=NOW)
    return NOW


def late_changes(community: Community, dani: User, ally: User, priya: User) -> datetime:
    for title, change in (("Moved", True), ("Called off", False)):
        meeting = make_meeting(community, title=title, local_date=date(2026, 12, 9))
        answer_rsvp(meeting=meeting, person=dani, answer="going", now=NOW)
        meeting.refresh_from_db()
        if change:
            update_meeting(meeting=meeting, changes={"local_time": time(14)}, by=priya, now=NOW)
        else:
            cancel_meeting(meeting=meeting, reason="The room is gone.", by=priya, now=NOW)
    return NOW


def newsletter(community: Community, dani: User, ally: User, priya: User) -> datetime:
    update_subscriptions(
        person=dani,
        scope=community.public_id,
        kinds={"newsletter", "weekly_digest"},
        source="test",
        now=NOW - timedelta(days=30),
    )
    send_issue(issue=make_approved(community, priya), by=priya, now=NOW, confirmed=True)
    return NOW + timedelta(minutes=10)


def double_opt_in(community: Community, dani: User, ally: User, priya: User) -> datetime:
    request_subscription(
        mailing_list=find_mailing_list(community.public_id, "newsletter"),
        address="bea@letters.example",
        language="en",
        frame={"sender_name": "Every Door"},
        now=NOW,
    )
    return NOW


def digest(community: Community, dani: User, ally: User, priya: User) -> datetime:
    make_resource(community, published_at=TUESDAY - timedelta(hours=1))
    queue_weekly_digests(now=TUESDAY)
    return TUESDAY


def reminders(community: Community, dani: User, ally: User, priya: User) -> datetime:
    queue_reminders(now=START - timedelta(days=1))
    while send_due(clock=lambda: START - timedelta(days=1)):
        pass
    queue_reminders(now=START - timedelta(minutes=29))
    return START - timedelta(minutes=29)


def links_of(message: Message) -> set[str]:
    """What a scanner finds: in the text, the HTML, the invitation and the headers."""
    found = set(LINK.findall(message.get("List-Unsubscribe", "")))
    for part in message.walk():
        if part.get_content_maintype() == "text" or part.get_content_subtype() == "ics":
            raw = part.get_payload(decode=True).decode()
            found |= set(LINK.findall(raw.replace("\r\n ", "").replace("&amp;", "&")))
    return {url.rstrip(".,") for url in found}


def own_paths(messages: list[Message]) -> set[str]:
    urls = {url for message in messages for url in links_of(message)}
    own = {url for url in urls if url.startswith(site_settings.SITE_URL)}
    return {url.removeprefix(site_settings.SITE_URL) or "/" for url in own}


def scan(paths: set[str]) -> set[int]:
    """Twice each, by GET and by HEAD, each time as a program that keeps nothing."""
    statuses = set()
    for path in sorted(paths):
        for method in ("get", "head", "get", "head"):
            statuses.add(getattr(Client(enforce_csrf_checks=True), method)(path).status_code)
    return statuses


def doors_in(messages: list[Message], dani: User) -> dict[str, str]:
    """Of each kind of signed link, one: its last word, and its path. Dani's, who has most."""
    mine = [message for message in messages if message["To"] == dani.email]
    # The meeting that was neither moved nor called off.
    open_still = [one for one in mine if one["Subject"].count("A good night")]
    return _signed(messages) | _signed(mine) | {"rsvp": _signed(open_still)["rsvp"]}


def _signed(messages: list[Message]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(own_paths(messages)):
        parts = urlsplit(path).path.strip("/").split("/")
        if parts[0] == "m":
            found[parts[2]] = path
        elif parts[:2] == ["account", "link"]:
            found["link"] = path
    return found


def test_scanner_changes_nothing_and_every_link_still_works(
    mails: list[Message], dani: User
) -> None:
    sent = set(Delivery.objects.filter(state="sent").values_list("kind", flat=True))
    assert {
        "rsvp_confirmed", "promoted", "changed", "cancelled", "reminder_day_before",
        "reminder_link", "newsletter", "weekly_digest", "confirm_subscription",
    } <= sent  # fmt: skip
    paths = own_paths(mails)
    doors = doors_in(mails, dani)
    assert set(doors) == {*SIGNED, *SHUT}
    before = checksums()

    statuses = scan(paths)

    changed = {table for table, now in checksums().items() if now != before[table]}
    # The total of clicks on a link counts programs too; it says nothing of anybody.
    assert changed <= {"newsletter_issuelink"}
    assert scan(set(doors.values())) == {200}
    # A stranger is asked to sign in, or told that a page for members is not here.
    assert statuses <= {200, 302, 404}
    for name, data in SIGNED.items():
        was = checksum()
        response = Client().post(doors[name], data)
        assert response.status_code in {200, 302}, name
        assert checksum() != was, f"{name}: the click of the person did nothing"


class ActingOnSight:
    """A site that acts when a link is opened."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.method = "POST"
        request.POST = HttpRequest().POST.copy()
        request.POST.update({"answer": "not_going", "do": "stop"})
        request.csrf_processing_done = True
        return self.get_response(request)


def test_scanner_is_noticed_where_opening_acts(
    mails: list[Message], dani: User, settings: Any
) -> None:
    """The control, for each kind of signed link."""
    doors = doors_in(mails, dani)
    settings.MIDDLEWARE = [f"{__name__}.ActingOnSight", *settings.MIDDLEWARE]
    # What stops all mail comes last: after it there is nothing left to stop.
    for name in sorted(SIGNED, reverse=True):
        was = checksum()
        scan({doors[name]})
        assert checksum() != was, name


@pytest.fixture(params=sorted(SAMPLES))
def sample_links(request: pytest.FixtureRequest) -> set[str]:
    email = SAMPLES[request.param].build(Scene("en", timezone.now()))
    words = f"{email.text} {email.html} {email.calendar or ''}".replace("&amp;", "&")
    urls = {url.rstrip(".,") for url in LINK.findall(words)}
    own = {url for url in urls if url.startswith(site_settings.SITE_URL)}
    return {url.removeprefix(site_settings.SITE_URL) or "/" for url in own}


def test_no_link_of_any_mail_acts_when_opened(sample_links: set[str], dani: User) -> None:
    """Every mail of the product, by its sample: also those whose links need no seal."""
    make_member(dani.memberships.get().community, "Somebody")
    before = checksum()
    assert max(scan(sample_links) or {200}) < 500
    assert checksum() == before


def test_rsvp_of_the_scan_is_as_it_was(mails: list[Message], dani: User) -> None:
    answers = list(Rsvp.objects.order_by("pk").values_list("state", flat=True))
    lists = list(Subscription.objects.order_by("pk").values_list("state", flat=True))
    scan(set(doors_in(mails, dani).values()))
    assert answers == list(Rsvp.objects.order_by("pk").values_list("state", flat=True))
    assert lists == list(Subscription.objects.order_by("pk").values_list("state", flat=True))
