"""Asking the contacts of an organization who works there: one mail a day, one reminder (A2)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from members.emails.affiliations import queue_affiliation_check
from members.models import Affiliation, Membership, MembershipApplication, User
from members.queries import contacts_of

REMIND_AFTER = timedelta(days=3)


@transaction.atomic
def ask_contacts(*, affiliation: Affiliation, now: datetime) -> bool:
    """Ask now, unless each contact has had a mail of this kind today: then the clock asks later.

    False where nobody speaks for the organization: its reviewers decide.
    """
    contacts = list(contacts_of(affiliation.organization).exclude(pk=affiliation.person_id))
    if contacts:
        _ask(contacts, _unasked().filter(organization=affiliation.organization), now)
    return bool(contacts)


def ask_all_contacts(*, now: datetime) -> None:
    """What came in on a day on which its contacts had their mail already."""
    waiting: dict[int, list[Affiliation]] = defaultdict(list)
    for row in _unasked().select_related("organization").order_by("pk"):
        waiting[row.organization_id].append(row)
    for rows in waiting.values():
        contacts = list(contacts_of(rows[0].organization))
        if contacts:
            _ask(contacts, Affiliation.objects.filter(pk__in=[row.pk for row in rows]), now)


def remind_contacts(*, now: datetime) -> None:
    """Once, three days later, about all that is still open there."""
    silent = Affiliation.objects.filter(
        state=Affiliation.State.CLAIMED, asked_at__lte=now - REMIND_AFTER, reminded_at=None
    )
    by_house: dict[int, list[Affiliation]] = defaultdict(list)
    for row in silent.select_related("organization", "person").order_by("pk"):
        by_house[row.organization_id].append(row)
    for rows in by_house.values():
        for contact in contacts_of(rows[0].organization):
            queue_affiliation_check(contact, rows, now=now, is_reminder=True)
        Affiliation.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=now)


def _unasked() -> QuerySet[Affiliation]:
    """Claimed, waited for by an application or a membership, and nobody asked yet."""
    applies = Q(
        person__applications__state__in=MembershipApplication.OPEN_STATES,
        person__applications__organization=F("organization"),
    )
    belongs = Q(person__memberships__state__in=Membership.CURRENT_STATES)
    rows = Affiliation.objects.filter(applies | belongs, asked_at=None)
    return rows.filter(state=Affiliation.State.CLAIMED).distinct()


def _ask(contacts: Iterable[User], rows: QuerySet[Affiliation], now: datetime) -> None:
    listed = list(rows.select_related("person", "organization").order_by("pk"))
    if not listed:
        return
    new = [queue_affiliation_check(contact, listed, now=now) for contact in contacts]
    if any(new):
        Affiliation.objects.filter(pk__in=[row.pk for row in listed]).update(asked_at=now)
