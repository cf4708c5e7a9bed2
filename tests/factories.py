"""Small makers of rows. Each gives a valid row; a test names only what it is about."""

from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress

from meetings.models import AgendaStep, Meeting, SessionFormat
from members.models import (
    Affiliation,
    Community,
    Criterion,
    Membership,
    Organization,
    ParticipationAgreement,
    RoleGrant,
    User,
)
from outbox.actions import ensure_mailing_lists

# A Thursday morning in Vancouver (09:00), after the last clock change of British Columbia.
NOW = datetime(2026, 11, 26, 17, 0, tzinfo=UTC)
_numbers = count(1)


def make_person(name: str = "Person", **fields: Any) -> User:
    number = next(_numbers)
    email = fields.pop("email", f"{name.split()[0].lower()}{number}@people.example")
    person = User.objects.create_user(email, display_name=name, **fields)
    EmailAddress.objects.create(user=person, email=email, primary=True, verified=True)
    return person


def make_community(slug: str = "", **fields: Any) -> Community:
    slug = slug or f"community-{next(_numbers)}"
    values = {
        "name": slug.replace("-", " ").title(),
        "short_name": slug.title()[:40],
        "purpose": "We learn from each other. Once a month. It is free.",
        "status": "open",
        "admission_policy": "criteria",
        "languages": ["en", "fr"],
        "contact_email": f"hello@{slug}.example",
    } | fields
    community = Community.objects.create(slug=slug, **values)
    ensure_mailing_lists(scope=community.public_id, sender_name=community.name)
    ParticipationAgreement.objects.create(
        community=community,
        version=1,
        lines=["Ask before giving advice."],
        published_on=date(2026, 4, 1),
    )
    Criterion.objects.create(
        community=community,
        code="REGISTERED",
        label="Registered",
        help_text="On the Assisted Living Registry.",
        reference_label="Name of the residence",
    )
    return community


def make_organization(name: str = "", **fields: Any) -> Organization:
    return Organization.objects.create(name=name or f"House {next(_numbers)}", **fields)


def make_member(community: Community, name: str = "Member", **fields: Any) -> User:
    """A person with a current membership; `category`, `state` and `organization` may be named."""
    category = fields.pop("category", "member")
    state = fields.pop("state", "active")
    organization = fields.pop("organization", None)
    person = make_person(name, **fields)
    Membership.objects.create(
        community=community,
        person=person,
        category=category,
        state=state,
        joined_on=date(2026, 4, 1),
        ended_on=None if state in {"active", "grace"} else date(2026, 9, 1),
    )
    if organization is not None:
        Affiliation.objects.create(person=person, organization=organization, state="confirmed")
    return person


def make_staff(community: Community, role: str = "coordinator", name: str = "Staff") -> User:
    person = make_person(name)
    RoleGrant.objects.create(
        community=community, person=person, role=role, starts_on=date(2026, 4, 1)
    )
    if role in RoleGrant.DESK_ROLES:
        User.objects.filter(pk=person.pk).update(is_staff=True)
        person.is_staff = True
    return person


def make_format(community: Community, **fields: Any) -> SessionFormat:
    """A plain format of this community. Not among those to choose from, so no list counts it."""
    values = {
        "name": "Plain",
        "kind": "learning_session",
        "minutes": 90,
        "roles": ["facilitator"],
        "is_active": False,
    } | fields
    return SessionFormat.objects.get_or_create(
        community=community, code=values.pop("code", "plain"), defaults=values
    )[0]


def make_meeting(community: Community, **fields: Any) -> Meeting:
    """With a format and one step as long as the meeting (MT1); `format=None`: with neither."""
    values = {
        "title": "A good night's work",
        "local_date": date(2026, 12, 10),
        "local_time": time(10, 0),
        "timezone": "America/Vancouver",
        "duration": 90,
        "state": "scheduled",
        "audience": "members_and_allies",
        "join_url": "https://video.example/join/secret-room",
    } | fields
    if "format" not in values:
        values["format"] = make_format(community)
    meeting = Meeting(community=community, **values)
    meeting.derive_instants()
    meeting.save()
    if meeting.format is not None:
        give_agenda(meeting)
    return meeting


def give_agenda(meeting: Meeting) -> None:
    """What announcing asks for (MT1): a format, and one step as long as the meeting."""
    if meeting.format is None:
        meeting.format = make_format(meeting.community)
        Meeting.objects.filter(pk=meeting.pk).update(format=meeting.format)
    AgendaStep.objects.create(meeting=meeting, order=1, title="We meet", minutes=meeting.duration)
