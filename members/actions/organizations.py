"""Organizations and their houses. Each change leaves a line in every community that knows them."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from cop.core.time import DEFAULT_ZONE
from members.actions.affiliations import end_affiliation
from members.actions.challenges import challenge_evidence_of_site
from members.actions.tasks import open_review_task
from members.calendar import add_business_days
from members.cities import find_city
from members.models import Affiliation, Community, Organization, ReviewTask, Site, User
from members.queries import communities_of, find_duplicates, rests_with_others

# What stands on a registration: a change of it is looked at again (E4).
TIED = ("address", "city", "operator", "services", "closed_on")
# Filled in for the first time is no move.
FILLED_IN = frozenset({"address", "services"})
LOOK_DAYS = 5


@transaction.atomic
def create_organization(
    *,
    community: Community,
    by: User,
    now: datetime,
    **fields: Any,  # noqa: ANN401
) -> Organization:
    """Enter one for this community; its staff know it from now on. Ask `find_duplicates` first."""
    organization = Organization(status=Organization.Status.ACTIVE, **fields)
    organization.save(force_insert=True)
    scope = community.public_id
    audit.record("organization_added", organization, by=by, scope=scope, new=organization.status)
    return organization


@transaction.atomic
def update_organization(
    *,
    organization: Organization,
    by: User,
    now: datetime,
    **fields: Any,  # noqa: ANN401
) -> Organization:
    """Change facts about it. States and mergers have actions of their own."""
    row = _open_row(organization)
    changed = _set(row, fields)
    if changed:
        row.save(update_fields=changed)
        record_everywhere("organization_changed", row, by=by, reason=", ".join(changed))
    return row


@transaction.atomic
def add_site(
    *,
    organization: Organization,
    by: User,
    now: datetime,
    **fields: Any,  # noqa: ANN401
) -> Site:
    """One more house. Region and clock come from the city, where none are given (O2)."""
    site = Site(organization=_open_row(organization), **fill_from_city(fields))
    site.save(force_insert=True)
    record_everywhere("site_added", site.organization, by=by)
    return site


@transaction.atomic
def change_site(*, site: Site, by: User, now: datetime, **fields: Any) -> Site:  # noqa: ANN401
    """Change a house. Moved or in other hands: what is tied to it is looked at again (E4)."""
    row = (
        Site.objects.select_for_update(of=("self",)).select_related("organization").get(pk=site.pk)
    )
    before = {name: getattr(row, name) for name in TIED}
    changed = _set(row, fields)
    if not changed:
        return row
    row.save(update_fields=changed)
    record_everywhere("site_changed", row.organization, by=by, reason=", ".join(changed))
    if any(name in changed and _is_move(name, before[name], getattr(row, name)) for name in TIED):
        challenge_evidence_of_site(site=row, by=by, now=now)
    return row


@transaction.atomic
def close_organization(
    *, organization: Organization, by: User, now: datetime, closed_on: date | None = None
) -> int:
    """It is no more. Its people's ties end that day, and what rests on them goes to grace (O5)."""
    row = _open_row(organization)
    if rests_with_others(row, by):
        raise ActionError(
            _("Another community rests on it too. Ask the administrator of the site to close it.")
        )
    today = now.astimezone(ZoneInfo(by.timezone)).date()
    closed_on = closed_on or today
    if closed_on > today:
        raise ActionError(_("This day is still to come. Close it on the day itself."))
    old, row.status, row.closed_on = row.status, Organization.Status.CLOSED, closed_on
    row.save(update_fields=["status", "closed_on"])
    row.sites.filter(closed_on=None).update(closed_on=closed_on)
    record_everywhere("organization_closed", row, by=by, old=old, new=row.status)
    ties = row.affiliations.exclude(state=Affiliation.State.ENDED).order_by("pk")
    ended = list(ties)
    for tie in ended:
        end_affiliation(affiliation=tie, by=by, now=now, ended_on=closed_on)
    return len(ended)


@transaction.atomic
def flag_duplicates(*, organization: Organization, community: Community, now: datetime) -> bool:
    """An applicant named one that may be known already: a reviewer looks before it counts (O4)."""
    found = find_duplicates(
        name=organization.name,
        legal_name=organization.legal_name,
        domains=organization.domains,
        web=organization.web,
        phone=organization.phone,
        leave_out=organization,
    )
    if found:
        today = now.astimezone(ZoneInfo(community.timezone)).date()
        open_review_task(
            community=community,
            kind=ReviewTask.Kind.POSSIBLE_DUPLICATE,
            now=now,
            due_on=add_business_days(today, LOOK_DAYS),
            organization=organization,
        )
    return bool(found)


def fill_from_city(fields: dict[str, Any]) -> dict[str, Any]:
    """Region and clock of the city, where they are blank. What somebody chose stays."""
    city = find_city(fields.get("city", ""))
    region = fields.get("region") or (city.region if city else "")
    if not region:
        raise ActionError(_("We do not know this town. Choose its health region."))
    zone = fields.get("timezone") or (city.zone if city else DEFAULT_ZONE)
    return {**fields, "region": region, "timezone": zone}


def record_everywhere(action: str, organization: Organization, *, by: User, **words: str) -> None:
    """In each community that knows it, so that its staff can read it."""
    scopes = communities_of(organization).order_by("pk").values_list("public_id", flat=True)
    for scope in list(scopes) or [""]:
        audit.record(action, organization, by=by, scope=scope, **words)


def _open_row(organization: Organization) -> Organization:
    row = Organization.objects.select_for_update(of=("self",)).get(pk=organization.pk)
    if row.status == Organization.Status.MERGED:
        raise ActionError(_("It was merged into another one. Change that one."))
    if row.status == Organization.Status.CLOSED:
        raise ActionError(_("It is closed. Nothing about it changes any more."))
    return row


def _set(row: Organization | Site, fields: dict[str, Any]) -> list[str]:
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, fields[name])
    return changed


def _is_move(name: str, old: Any, new: Any) -> bool:  # noqa: ANN401
    """Another address, operator or class; not capitals, spaces, or a gap that is filled now."""
    if name in FILLED_IN and not old:
        return False
    if name == "services":
        return set(old) != set(new)
    if isinstance(old, str):
        return " ".join(old.casefold().split()) != " ".join(new.casefold().split())
    return old != new
