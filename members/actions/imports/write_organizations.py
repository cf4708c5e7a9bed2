"""Taking a list of organizations over: the new ones in bulk, the known ones by their actions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from cop.core.time import DEFAULT_ZONE
from members.actions.imports.history import Notes
from members.actions.imports.organizations import WALLED, has_house, region_of
from members.actions.imports.plans import Line, Progress
from members.actions.imports.resources import OrganizationRow
from members.actions.imports.ties import Tie, find_people, make_people, write_ties
from members.actions.organizations import add_site, change_site, update_organization
from members.cities import find_city
from members.models import Affiliation, Community, Organization, Site, User

# A shifted column would send every house to another street; by hand nobody changes so many.
MOST_CHANGES = 1000
BATCH = 1000


def write_organizations(
    lines: list[Line],
    *,
    community: Community,
    by: User,
    now: datetime,
    choices: Mapping[str, str],
    progress: Progress,
) -> dict[str, int]:
    """In the caller's transaction. `choices`: row number -> "new", for those that are not the same.

    Returns how many are new and how many were changed.
    """
    for line in lines:
        if line.outcome == "duplicate" and choices.get(str(line.number)) == "new" and line.target:
            line.outcome, line.target, line.what = "new", None, {}
    new = [line for line in lines if line.outcome == "new"]
    changed = [line for line in lines if line.outcome in ("changed", "duplicate") and line.what]
    _check_size(len(changed))
    _make(new, community, by)
    progress(len(new))
    for count, line in enumerate(changed, start=len(new) + 1):
        _change(line, by, now)
        if count % 50 == 0:
            progress(count)
    _make_contacts([*new, *changed], community, by, now)
    return {"new": len(new), "changed": len(changed)}


def _check_size(count: int) -> None:
    if count > MOST_CHANGES:
        raise ActionError(
            _(
                "More than %(most)s organizations that we know would change. Nothing was taken "
                "over. Is a column in the wrong place? If not, split the list."
            )
            % {"most": f"{MOST_CHANGES:,}"}
        )


def _make(lines: list[Line], community: Community, by: User) -> None:
    notes = Notes(by, community)
    for line in lines:
        row: Any = line.row
        line.target = Organization(
            name=row.name, legal_name=row.legal_name, city=row.city, domains=row.domains,
            kind=row.kind or Organization.Kind.SERVICE_PROVIDER, web=row.web, phone=row.phone,
            language=by.language, is_regulator_or_funder=row.kind in WALLED,
        )  # fmt: skip
        notes.add("organization_added", line.target, new=line.target.status)
    Organization.objects.bulk_create([line.target for line in lines], batch_size=BATCH)
    sites = [_first_house(line.row, line.target) for line in lines if region_of(line.row)]
    Site.objects.bulk_create(sites, batch_size=BATCH)
    notes.write()


def _first_house(row: OrganizationRow, organization: Organization) -> Site:
    city = find_city(row.city)
    return Site(
        organization=organization, name=row.name[:120], city=row.city, region=region_of(row),
        address=row.address, services=row.services, beds=row.beds,
        timezone=city.zone if city else DEFAULT_ZONE,
    )  # fmt: skip


def _change(line: Line, by: User, now: datetime) -> None:
    if facts := line.what.get("facts"):
        update_organization(organization=line.target, by=by, now=now, **facts)
    house = line.what.get("house")
    if house and house["site"] is None and has_house(line.row):
        name = line.target.name[:120]
        add_site(organization=line.target, by=by, now=now, name=name, **house["facts"])
    elif house:
        change_site(site=house["site"], by=by, now=now, **house["facts"])


def _make_contacts(lines: list[Line], community: Community, by: User, now: datetime) -> None:
    """Whoever speaks for it: an account, and a tie that the list vouches for. No membership."""
    wanted = [
        line
        for line in lines
        if line.row.contact_email and (line.outcome == "new" or "contact" in line.what)
    ]
    known = find_people(line.row.contact_email for line in wanted)
    names = {line.row.contact_email: line.row.contact_name for line in wanted}
    missing = {email: name for email, name in names.items() if email not in known}
    people = known | make_people(
        [(email, name, by.language) for email, name in missing.items()], community
    )
    ties = [
        Tie(
            person=people[line.row.contact_email],
            organization=line.target,
            role_group=Affiliation.RoleGroup.MANAGER,
            is_contact=True,
        )
        for line in wanted
        if people[line.row.contact_email].is_active
    ]
    write_ties(ties, community=community, by=by, now=now)
