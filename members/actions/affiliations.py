"""Where people work: said by them, confirmed by their organization (A1 to A5)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.actions.contacts import ask_all_contacts, remind_contacts
from members.actions.directory import refresh_profiles
from members.actions.fast_path import approve_waiting
from members.actions.grace import review_person
from members.actions.tasks import close_tasks_of_tie, open_review_task
from members.calendar import add_business_days
from members.models import (
    Affiliation,
    Community,
    MembershipApplication,
    Organization,
    ReviewTask,
    Site,
    User,
)

State = Affiliation.State
Method = Affiliation.Method
DISPUTE_DAYS = 5


@transaction.atomic
def claim_affiliation(
    *,
    person: User,
    organization: Organization,
    role_title: str,
    role_group: str,
    now: datetime,
    site: Site | None = None,
) -> Affiliation:
    """Say where one works. A verified address at a domain of the organization confirms it (A1)."""
    # Two taps at once must not claim twice.
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    current = person.affiliations.exclude(state=State.ENDED)
    affiliation = current.filter(organization=organization).select_related("organization").first()
    if affiliation is None:
        affiliation = Affiliation.objects.create(
            person=person,
            organization=organization,
            site=site,
            role_title=role_title.strip()[:120],
            role_group=role_group,
            is_primary=not current.filter(is_primary=True).exists(),
            started_on=None,
        )
        _record("affiliation_claimed", affiliation, by=person, new=State.CLAIMED)
        refresh_profiles(person)
    if affiliation.state == State.CLAIMED and has_address_of(person, organization):
        _confirm(affiliation, by=None, method=Method.EMAIL_DOMAIN, now=now)
    return affiliation


def has_address_of(person: User, organization: Organization) -> bool:
    """Has the person shown an address at one of the organization's domains?"""
    addresses = EmailAddress.objects.filter(user=person, verified=True)
    domains = {address.email.rpartition("@")[2].lower() for address in addresses}
    return bool(domains & {domain.lower().lstrip("@") for domain in organization.domains})


@transaction.atomic
def confirm_affiliation(
    *, affiliation: Affiliation, by: User | None, method: str, now: datetime
) -> None:
    """The organization knows them. What waited for it goes on at once (AM1, A4)."""
    row = _locked(affiliation)
    if row.state == State.ENDED:
        raise ActionError(_("This has ended in the meantime."))
    if row.state == State.CONFIRMED:
        return
    _confirm(row, by=by, method=method, now=now)
    approve_waiting(row, now=now)
    review_person(row.person, now=now)


@transaction.atomic
def dispute_affiliation(*, affiliation: Affiliation, by: User | None, now: datetime) -> None:
    """The organization says no. A reviewer looks; the person is told nothing but that it is open.

    A tie that was confirmed before is ended, not disputed (A5): the contact once knew them.
    """
    row = _locked(affiliation)
    if row.state == State.CONFIRMED:
        return end_affiliation(affiliation=row, by=by, now=now)
    if row.state != State.CLAIMED:
        return None
    Affiliation.objects.filter(pk=row.pk).update(state=State.DISPUTED)
    _record("affiliation_disputed", row, by=by, old=row.state, new=State.DISPUTED)
    _tell_reviewers(row, ReviewTask.Kind.AFFILIATION_DISPUTED, now)
    return None


@transaction.atomic
def end_affiliation(
    *,
    affiliation: Affiliation,
    by: User | None,
    now: datetime,
    ended_on: date | None = None,
) -> None:
    """Somebody has moved on. What rested on it goes into a time of grace (A4)."""
    row = _locked(affiliation)
    if row.state == State.ENDED:
        return
    today = now.astimezone(ZoneInfo(row.person.timezone)).date()
    ended_on = min(ended_on or today, today)
    Affiliation.objects.filter(pk=row.pk).update(
        state=State.ENDED, ended_on=ended_on, is_contact=False, is_primary=False
    )
    _record("affiliation_ended", row, by=by, old=row.state, new=State.ENDED)
    if row.is_primary:
        _choose_primary(row.person)
    refresh_profiles(row.person)
    review_person(row.person, now=now)


@transaction.atomic
def make_primary(*, affiliation: Affiliation, person: User) -> None:
    """The one that counts in the numbers (A3)."""
    mine = person.affiliations.exclude(state=State.ENDED)
    if not mine.filter(pk=affiliation.pk).exists():
        raise ActionError(_("This is not one of yours."))
    mine.update(is_primary=False)
    mine.filter(pk=affiliation.pk).update(is_primary=True)
    refresh_profiles(person)


@transaction.atomic
def keep_affiliations(*, now: datetime) -> None:
    """Ask the contacts, remind them once after three days, after five hand it to the reviewers."""
    ask_all_contacts(now=now)
    remind_contacts(now=now)
    silent = Affiliation.objects.filter(state=State.CLAIMED, asked_at__isnull=False)
    for row in silent.select_related("person", "organization").order_by("pk"):
        if add_business_days(row.asked_at.date(), DISPUTE_DAYS) < now.date():
            _tell_reviewers(row, ReviewTask.Kind.AFFILIATION_SILENT, now)


def _locked(affiliation: Affiliation) -> Affiliation:
    rows = Affiliation.objects.select_for_update(of=("self",))
    return rows.select_related("person", "organization").get(pk=affiliation.pk)


def _confirm(row: Affiliation, *, by: User | None, method: str, now: datetime) -> None:
    old = row.state
    row.state, row.confirmed_by, row.confirmed_at = State.CONFIRMED, method, now
    row.save(update_fields=["state", "confirmed_by", "confirmed_at"])
    _record("affiliation_confirmed", row, by=by, old=old, new=State.CONFIRMED, reason=method)
    close_tasks_of_tie(affiliation=row, by=by, now=now)


def _choose_primary(person: User) -> None:
    rows = person.affiliations.exclude(state=State.ENDED).order_by("-state", "pk")
    first = rows.values_list("pk", flat=True).first()
    Affiliation.objects.filter(pk=first).update(is_primary=True)


def _tell_reviewers(row: Affiliation, kind: str, now: datetime) -> None:
    """A task in each community where something waits for this tie."""
    waiting = MembershipApplication.objects.filter(
        person=row.person_id,
        organization=row.organization_id,
        state__in=MembershipApplication.OPEN_STATES,
    )
    for community in Community.objects.filter(pk__in=waiting.values("community")).order_by("pk"):
        open_review_task(
            community=community,
            kind=kind,
            now=now,
            due_on=add_business_days(now.astimezone(ZoneInfo(community.timezone)).date(), 5),
            affiliation=row,
            organization=row.organization,
        )


def _record(
    action: str,
    row: Affiliation,
    *,
    by: User | None,
    new: str,
    old: str = "",
    reason: str = "",
) -> None:
    """History in each community that has to do with the person, so that its staff can read it."""
    scopes = set(
        Community.objects.filter(
            Q(applications__person=row.person_id, applications__organization=row.organization_id)
            | Q(memberships__person=row.person_id)
        ).values_list("public_id", flat=True)
    )
    for scope in sorted(scopes) or [""]:
        audit.record(action, row, by=by, scope=scope, old=old, new=new, reason=reason)
