"""People and where they work, many at a time. No password: they sign in by a code (3.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from members.actions.directory import refresh_profiles
from members.actions.imports.history import Notes
from members.models import Affiliation, Community, Organization, User

State = Affiliation.State
BATCH = 2000


@dataclass
class Tie:
    """`was`: the one there is already. `is_sure`: no other community decides about it."""

    person: User
    organization: Organization
    role_title: str = ""
    role_group: str = ""
    is_contact: bool | None = None
    is_sure: bool = True
    was: Affiliation | None = None


def find_people(emails: Iterable[str]) -> dict[str, User]:
    """Address -> account, by the address they sign in with or another one they have shown."""
    wanted = set(emails)
    found = {person.email.lower(): person for person in User.objects.filter(email__in=wanted)}
    others = EmailAddress.objects.filter(email__in=wanted - set(found), verified=True)
    for address in others.select_related("user"):
        found.setdefault(address.email.lower(), address.user)
    return found


def make_people(wanted: list[tuple[str, str, str]], community: Community) -> dict[str, User]:
    """(address, name, language) of each -> address: account, the address still to be shown."""
    people = [
        User(
            email=email,
            display_name=name,
            language=language or "en",
            timezone=community.timezone,
            password=make_password(None),
        )
        for email, name, language in wanted
    ]
    User.objects.bulk_create(people, batch_size=BATCH)
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=one, email=one.email, primary=True, verified=False) for one in people],
        batch_size=BATCH,
    )
    return {one.email: one for one in people}


def ties_of(people: Iterable[User]) -> dict[int, list[Affiliation]]:
    """Person -> their current ties."""
    found: dict[int, list[Affiliation]] = {}
    rows = Affiliation.objects.filter(person__in=[one.pk for one in people])
    for row in rows.exclude(state=State.ENDED).select_related("organization").order_by("pk"):
        found.setdefault(row.person_id, []).append(row)
    return found


def write_ties(ties: list[Tie], *, community: Community, by: User, now: datetime) -> None:
    """In the caller's transaction. The list of an organization confirms (roster, 2.5)."""
    current = ties_of(tie.person for tie in ties)
    for tie in ties:
        mine = current.get(tie.person.pk, [])
        same = (row for row in mine if row.organization_id == tie.organization.pk)
        tie.was = next(same, None)
    notes = Notes(by, community)
    new = [tie for tie in ties if tie.was is None]
    have_one = set(current)
    rows = []
    for tie in new:
        rows.append(_new_row(tie, now, is_primary=tie.person.pk not in have_one))
        have_one.add(tie.person.pk)
    Affiliation.objects.bulk_create(rows, batch_size=BATCH)
    for row in rows:
        action = "confirmed" if row.state == State.CONFIRMED else "claimed"
        notes.add(f"affiliation_{action}", row, new=row.state, reason=row.confirmed_by)
    _update([tie for tie in ties if tie.was is not None], notes, now)
    notes.write()
    listed = {tie.person.pk: tie.person for tie in ties if tie.person.pk in current}
    for person in User.objects.filter(pk__in=listed, profiles__isnull=False).distinct():
        refresh_profiles(person)


def _new_row(tie: Tie, now: datetime, *, is_primary: bool) -> Affiliation:
    row = Affiliation(
        person=tie.person,
        organization=tie.organization,
        role_title=tie.role_title,
        role_group=tie.role_group or Affiliation.RoleGroup.FRONT_LINE,
        is_primary=is_primary,
        is_contact=bool(tie.is_contact),
    )
    if tie.is_sure:
        row.state, row.confirmed_by, row.confirmed_at = State.CONFIRMED, "roster", now
    return row


def _update(ties: list[Tie], notes: Notes, now: datetime) -> None:
    rows = []
    for tie in ties:
        row = tie.was
        row.role_title = tie.role_title or row.role_title
        row.role_group = tie.role_group or row.role_group
        if tie.is_contact is not None and tie.is_contact != row.is_contact:
            row.is_contact = tie.is_contact
            # Who speaks for an organization sees its people: a line of its own.
            notes.add("affiliation_changed", row, reason="is_contact")
        if row.state == State.CLAIMED and tie.is_sure:
            row.state, row.confirmed_by, row.confirmed_at = State.CONFIRMED, "roster", now
            reason = row.confirmed_by
            notes.add(
                "affiliation_confirmed", row, old=State.CLAIMED, new=State.CONFIRMED, reason=reason
            )
        rows.append(row)
    fields = ["role_title", "role_group", "is_contact", "state", "confirmed_by", "confirmed_at"]
    Affiliation.objects.bulk_update(rows, fields, batch_size=500)
