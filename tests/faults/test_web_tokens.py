"""F25: what is not a token of ours opens nothing, and all refusals look alike."""

import html
import os
import random
import re
import secrets
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.core import signing
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from cop.core import links
from cop.core.links import BadLink, make_token, read_token
from meetings.models import Attendance, Ballot, BallotPaper, CalendarFeed, MeetingNotes, MeetingRole
from members.models import (
    Affiliation,
    Community,
    Introduction,
    MentorshipMatch,
    MentorshipOffer,
    MentorshipRequest,
    User,
)
from outbox.actions import find_mailing_list
from outbox.addresses import address_hash
from outbox.models import Subscription
from tests.factories import NOW, make_meeting, make_member, make_organization
from tests.faults.checksum import checksum
from tests.library.factories import make_resource
from tests.newsletter.makers import make_issue

pytestmark = pytest.mark.django_db
IS_FULL = os.environ.get("FAULT_FULL", "") not in ("", "0")
SEED = int(os.environ.get("FAULT_SEED", "0")) or random.SystemRandom().randrange(10**6)
READS, VISITS = 10_000, 10_000 if IS_FULL else 60
# Milliseconds between the medians of two kinds of refusal.
MEDIAN_APART = 2.0
PURPOSES = {
    "outbox:unsubscribe": "unsubscribe",
    "outbox:choices_edit": "choices",
    "outbox:subscription_confirm": "confirm",
    "rsvp_link": "rsvp",
    "join_link": "join",
    "feedback_link": "feedback",
    "notes_link": "notes",
    "consent_link": "consent",
    "named_link": "named",
    "role_link": "role",
    "outcome_link": "outcome",
    "ballot_link": "ballot",
    "account_sign_in_link": "sign-in",
    "members:works_here": "works-here",
    "members:still_here": "still-here",
    "members:invitation": "invitation",
    "members:answer_letter": "answer-letter",
    "members:check_in": "check-in",
}
# No signed token but a random secret that stands in the database.
SECRETS = {"calendar_file"}
# Asks for sign-in before it reads the token: tests/members/views/test_papers.py forges it.
BEHIND_SIGN_IN = {"members:paper"}


@dataclass
class Door:
    """One view, what it says to a stranger, and a token that it takes."""

    view: str
    valid: str
    refusal: int

    def address(self, token: str) -> str:
        return reverse(self.view, args=["TOKEN"]).replace("TOKEN", quote(token, safe=":"))


@pytest.fixture(params=sorted(PURPOSES))
def door(request: pytest.FixtureRequest, dani: User, community: Community) -> Door:
    return Door(
        request.param,
        make_token(PURPOSES[request.param], payload_for(request.param, dani, community)),
        410 if request.param == "account_sign_in_link" else 404,
    )


def payload_for(view: str, dani: User, community: Community) -> Any:
    mailing_list = find_mailing_list(community.public_id, "newsletter")
    if view == "outbox:unsubscribe":
        row = Subscription.objects.create(
            mailing_list=mailing_list, person=dani, state="subscribed", changed_at=dani.date_joined
        )
        return [row.pk, mailing_list.public_id, address_hash(dani.email)]
    if view == "outbox:choices_edit":
        return [dani.public_id, community.public_id]
    if view == "outbox:subscription_confirm":
        return [dani.public_id, mailing_list.public_id]
    if view == "rsvp_link":
        return [make_meeting(community).public_id, dani.public_id]
    if view == "join_link":
        return [make_meeting(community).public_id, dani.public_id, 0]
    if view == "consent_link":
        credit = make_resource(community).credits.create(part="quoted", person=dani)
        return [credit.public_id, "members"]
    if view == "named_link":
        return make_issue(community).named_people.create(person=dani, asked_at=NOW).public_id
    if view in {"feedback_link", "notes_link", "outcome_link", "role_link"}:
        return payload_after(view, dani, community)
    if view == "ballot_link":
        ballot = Ballot.objects.create(
            community=community, title="Vote", state="open", electorate=1,
            opens_at=NOW, closes_at=NOW + timedelta(days=9),
        )  # fmt: skip
        BallotPaper.objects.create(ballot=ballot, person=dani)
        return [ballot.public_id, dani.public_id]
    if view.startswith("members:"):
        return payload_of_members(view, dani, community)
    return [dani.public_id, "", False, ""]


def payload_after(view: str, dani: User, community: Community) -> Any:
    meeting = make_meeting(community, local_date=NOW.date())
    if view == "feedback_link":
        Attendance.objects.create(meeting=meeting, person=dani, source="link")
        return [meeting.public_id, dani.public_id]
    MeetingNotes.objects.create(meeting=meeting, state="with_holder")
    role = MeetingRole.objects.create(meeting=meeting, person=dani, part="issue_holder")
    return role.public_id


def payload_of_members(view: str, dani: User, community: Community) -> Any:
    if view == "members:works_here":
        house = make_organization()
        Affiliation.objects.create(
            person=dani, organization=house, state="confirmed", is_contact=True
        )
        return [dani.public_id, house.public_id]
    if view == "members:invitation":
        return community.invitations.create(
            email="new@people.example", sent_at=NOW, expires_on=NOW.date() + timedelta(days=30)
        ).public_id
    if view == "members:still_here":
        membership = dani.memberships.get()
        membership.confirmations.create(year=2026, asked_on=membership.joined_on)
        return [membership.public_id, 2026]
    other = make_member(community, "Other Ola")
    if view == "members:answer_letter":
        letter = Introduction.objects.create(
            community=community, sender=other, receiver=dani, at=NOW
        )
        return letter.public_id
    words = {"community": community, "topics": "Nights", "languages": ["English"]}
    match = MentorshipMatch.objects.create(
        community=community, mentor=other, mentee=dani, suggested_at=NOW,
        offer=MentorshipOffer.objects.create(person=other, offered_at=NOW, **words),
        request=MentorshipRequest.objects.create(person=dani, asked_at=NOW, **words),
    )  # fmt: skip
    match.check_ins.create(person=dani, kind="week_2", due_on=NOW.date())
    return [match.public_id, dani.public_id, "week_2"]


def hostile(valid: str, purpose: str, dice: random.Random) -> str:
    """One of the ways in which a token may be wrong."""
    payload = signing.loads(valid, salt=f"m.{purpose}")
    other = dice.choice([one for one in PURPOSES.values() if one != purpose])
    place = dice.randrange(len(valid))
    letter = dice.choice([one for one in "abcXYZ019-_" if one != valid[place]])
    body, stamp, seal = valid.split(":")
    ways: list[Callable[[], str]] = [
        lambda: valid[:place],
        lambda: valid[:place] + letter + valid[place + 1 :],
        lambda: valid[place:] or "x",
        lambda: valid + letter,
        lambda: make_token(other, payload),
        lambda: signing.dumps(payload, key="another", salt=f"m.{purpose}"),
        lambda: signing.dumps(payload),
        lambda: f"{body}:{stamp}:{seal[::-1]}",
        lambda: f"{body}:{signing.b62_encode(int(time.time()) + 9)}:{seal}",
        lambda: f".{body}:{stamp}:{seal}",
        lambda: f"{body}::{seal}",
        lambda: ":" * dice.randrange(1, 9),
        lambda: secrets.token_urlsafe(dice.randrange(1, 200)),
        lambda: "é" * dice.randrange(1, 40),
        lambda: f"{valid}%0a",
        lambda: dice.choice(["..", "null", "None", "[]", "0", "-1", "'--", "a" * 4000]),
    ]
    token = dice.choice(ways)()
    return token if token and token != valid else "x"


def test_no_forged_token_is_read(door: Door) -> None:
    purpose, dice = PURPOSES[door.view], random.Random(SEED)
    accepted = 0
    for _ in range(READS):
        try:
            read_token(purpose, hostile(door.valid, purpose, dice))
            accepted += 1
        except BadLink:
            pass
    assert accepted == 0
    assert read_token(purpose, door.valid)


def test_forged_tokens_are_read_without_the_seal(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is the signature that keeps them out."""
    monkeypatch.setattr(signing.Signer, "unsign", lambda self, value: value.rsplit(":", 1)[0])
    purpose, dice = PURPOSES[door.view], random.Random(SEED)
    accepted = 0
    for _ in range(500):
        try:
            read_token(purpose, hostile(door.valid, purpose, dice))
            accepted += 1
        except Exception:
            pass
    assert accepted > 20


def test_refusals_look_alike_and_change_nothing(door: Door) -> None:
    purpose, dice, client = PURPOSES[door.view], random.Random(SEED), Client()
    before = checksum()
    seen: dict[tuple[int, str], str] = {}
    for number in range(VISITS):
        token = hostile(door.valid, purpose, dice)
        if "/" in token or token.strip(".") == "":
            continue
        path = door.address(token)
        response = client.post(path) if number % 3 == 0 else client.get(path)
        seen[response.status_code, plain(response.content.decode(), path)] = token

    assert {status for status, _body in seen} == {door.refusal}
    assert len(seen) == 1, list(seen.values())
    assert checksum() == before
    assert client.get(door.address(door.valid)).status_code == 200


def plain(body: str, path: str) -> str:
    """Without what every answer has of its own: its address and its seal against forgery."""
    body = html.unescape(body)
    for form in (quote(path), path, unquote(path), quote(unquote(path))):
        body = body.replace(form, "PATH")
    body = re.sub(r"next=[^\"&]*", "next=", body)
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)


def test_token_too_old_is_refused(
    community: Community, dani: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that sign in or say yes have an end; those that say no have none (CASL-6)."""
    client, statuses = Client(), {}
    for view, purpose in PURPOSES.items():
        payload = payload_for(view, dani, community)
        with monkeypatch.context() as patch:
            then = time.time() - 400 * 24 * 3600
            patch.setattr(signing.time, "time", lambda then=then: then)
            old = make_token(purpose, payload)
        path = reverse(view, args=["TOKEN"]).replace("TOKEN", old)
        statuses[purpose] = client.get(path).status_code
    assert statuses == {
        "unsubscribe": 200,
        "choices": 200,
        "rsvp": 200,
        # It ends with its meeting, or when the address was replaced.
        "join": 200,
        # They say on their page what has ended.
        "feedback": 200,
        "notes": 200,
        # A yes can be taken back for ever.
        "consent": 200,
        "named": 200,
        "role": 200,
        "outcome": 200,
        "ballot": 200,
        "confirm": 410,
        "sign-in": 410,
        # A contact may answer late; a link is of use as long as the fact it is about.
        "works-here": 200,
        "still-here": 200,
        # Its row knows the last day, and says so on a page of its own.
        "invitation": 200,
        "answer-letter": 200,
        "check-in": 200,
    }


def test_secret_of_a_calendar_is_as_strict(dani: User) -> None:
    feed = CalendarFeed.objects.create(person=dani)
    client, dice = Client(), random.Random(SEED)
    bodies = set()
    for _ in range(VISITS):
        place = dice.randrange(1, len(feed.secret))
        wrong = dice.choice([feed.secret[:place], secrets.token_urlsafe(24), feed.secret + "A"])
        path = reverse("calendar_file", args=[wrong])
        response = client.get(path)
        bodies.add((response.status_code, plain(response.content.decode(), path)))
    assert len(bodies) == 1
    assert bodies.pop()[0] == 404
    assert client.get(reverse("calendar_file", args=[feed.secret])).status_code == 200


def test_refusals_take_the_same_time(door: Door) -> None:
    """Right shape and wrong seal, or plain nonsense: the clock does not tell which."""
    # Other work of the computer is no difference between tokens: one calm round of three is proof.
    for _ in range(3):
        medians = refusal_times(door, rounds=1000 if IS_FULL else 60)
        print(f"F25 {door.view}: { ({kind: round(one, 2) for kind, one in medians.items()}) }")
        if max(medians.values()) - min(medians.values()) < MEDIAN_APART:
            return
    raise AssertionError(medians)


def refusal_times(door: Door, *, rounds: int) -> dict[str, float]:
    """The median of each kind, in milliseconds; the kinds take turns."""
    client = Client()
    body, stamp, seal = door.valid.split(":")
    kinds = {
        "shaped": f"{body}:{stamp}:{seal[:-2]}{'AB' if seal[-2:] != 'AB' else 'CD'}",
        "other purpose": make_token("another", ["x", "y"]),
        "nonsense": secrets.token_urlsafe(60),
        "cut off": door.valid[: len(door.valid) // 2],
    }
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for kind in kinds:
        client.get(door.address(kinds[kind]))
    for _ in range(rounds):
        for kind, token in kinds.items():
            began = time.perf_counter()
            client.get(door.address(token))
            times[kind].append((time.perf_counter() - began) * 1000)
    return {kind: statistics.median(one) for kind, one in times.items()}


def test_a_seal_that_is_looked_up_first_would_be_noticed(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: whoever works on the payload before the seal is right takes visibly longer."""
    real = links.signing.loads

    def slow(token: str, **options: Any) -> Any:
        if token.count(":") == 2:
            time.sleep(0.012)
        return real(token, **options)

    monkeypatch.setattr(links.signing, "loads", slow)
    medians = refusal_times(door, rounds=10)
    assert max(medians.values()) - min(medians.values()) > MEDIAN_APART


def test_every_signed_link_stands_at_one_of_these_doors() -> None:
    def walk(patterns: list[Any], before: str = "", space: str = "") -> list[tuple[str, str]]:
        found = []
        for one in patterns:
            path = before + str(one.pattern)
            if isinstance(one, URLResolver):
                inner = f"{space}{one.namespace}:" if one.namespace else space
                found += walk(one.url_patterns, path, inner)
            elif isinstance(one, URLPattern):
                found.append((path, f"{space}{one.name}"))
        return found

    signed = {name for path, name in walk(get_resolver().url_patterns) if "<str:token>" in path}
    secret = {name for path, name in walk(get_resolver().url_patterns) if "<str:secret>" in path}
    assert signed - BEHIND_SIGN_IN == set(PURPOSES)
    assert secret == SECRETS
