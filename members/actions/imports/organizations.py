"""A list of organizations: compared with those we know, then taken over."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from members.actions.imports.columns import fold
from members.actions.imports.known import Found, KnownOrganizations, current_contacts
from members.actions.imports.plans import EVERY, Line, Progress
from members.actions.imports.resources import OrganizationRow
from members.actions.imports.ties import find_people
from members.cities import find_city
from members.models import Community, Organization, Site, User
from members.queries.organizations import digits_of, host_of

Status = Organization.Status
# Those who regulate or fund stand behind the wall from the start (P4); the desk can undo it.
WALLED = {Organization.Kind.FUNDER, Organization.Kind.GOVERNMENT}
SITE_FACTS = ("address", "services", "beds", "region")


def plan_organizations(
    rows: Iterable[OrganizationRow], *, community: Community, by: User, progress: Progress
) -> list[Line]:
    """What each row means today. Nothing is written."""
    rows = list(rows)
    known = KnownOrganizations(community, by)
    known.accounts = set(find_people({row.contact_email for row in rows} - {""}))
    houses: dict[int, list[Site]] = defaultdict(list)
    for site in Site.objects.filter(closed_on=None).order_by("pk"):
        houses[site.organization_id].append(site)
    contacts = current_contacts(known.rows)
    seen: dict[tuple[str, str], int] = {}
    lines = []
    for count, row in enumerate(rows, start=1):
        key = (fold(row.name), fold(row.city))
        if row.name and key in seen:
            text = _("The same organization stands in row %(row)s.") % {"row": seen[key]}
            lines.append(Line(row, "duplicate", text))
        else:
            seen[key] = row.number
            lines.append(_plan(row, known, houses, contacts))
        if count % EVERY == 0:
            progress(count)
    return lines


def _plan(
    row: OrganizationRow,
    known: KnownOrganizations,
    houses: dict[int, list[Site]],
    contacts: set[tuple[int, str]],
) -> Line:
    if wrong := _what_is_wrong(row):
        return Line(row, "wrong", wrong)
    hosts = [*row.domains, *([host_of(row.web)] if row.web else [])]
    found = known.find(
        name=row.name, legal_name=row.legal_name, city=row.city, hosts=hosts, phone=row.phone
    )
    if _would_wall(row, found, known):
        return Line(
            row, "wrong", _("People say themselves that they work for a funder or regulator.")
        )
    if found is None:
        return Line(row, "new")
    target = found.organization
    if target.status == Status.CLOSED and found.is_sure:
        return Line(row, "wrong", _("This organization is closed at the desk."))
    if not known.may_change(target):
        what = {}
        reason = _("Another community knows it already: what stands there stays as it is.")
    else:
        what = changes_of(row, target, houses[target.pk], contacts, only_gaps=not found.is_sure)
        reason = _say_changes(what)
    if not found.is_sure:
        return Line(row, "duplicate", found.reason, target, what)
    return Line(row, "changed" if what else "unchanged", reason, target, what)


def _would_wall(row: OrganizationRow, found: Found | None, known: KnownOrganizations) -> bool:
    """It would close member spaces to them everywhere (P4): no list decides that."""
    is_walled = found.organization.is_regulator_or_funder if found else row.kind in WALLED
    return is_walled and row.contact_email in known.accounts


def _what_is_wrong(row: OrganizationRow) -> str:
    if not row.name:
        return _("The name is missing.")
    if bool(row.contact_email) != bool(row.contact_name):
        return _("A contact needs both a name and an e-mail address.")
    if has_house(row) and not region_of(row):
        return _("We do not know this town. Fill in its health region.")
    return ""


def has_house(row: OrganizationRow) -> bool:
    """Does the row say anything about a house, beyond the town?"""
    return any(getattr(row, name) for name in SITE_FACTS) or row.beds is not None


def region_of(row: OrganizationRow) -> str:
    city = find_city(row.city)
    return row.region or (city.region if city else "")


def changes_of(
    row: OrganizationRow,
    target: Organization,
    houses: list[Site],
    contacts: set[tuple[int, str]],
    *,
    only_gaps: bool,
) -> dict[str, Any]:
    """The facts that would change: `facts` of it, `house`, `contact`. Empty cells change nothing.

    `only_gaps`: it may be another one after all, so what we know is not overwritten.
    """
    facts: dict[str, Any] = {}
    for name in ("legal_name", "kind", "city", "phone", "web"):
        new, old = getattr(row, name), getattr(target, name)
        if new and not _is_same(name, old, new) and not (only_gaps and old):
            facts[name] = new
    new_domains = [one for one in row.domains if one not in target.domains]
    if new_domains and not (only_gaps and target.domains):
        facts["domains"] = [*target.domains, *new_domains]
    what: dict[str, Any] = {"facts": facts} if facts else {}
    if house := _house_changes(row, houses, only_gaps=only_gaps):
        what["house"] = house
    if row.contact_email and (target.pk, row.contact_email) not in contacts and not only_gaps:
        what["contact"] = row.contact_email
    return what


def _house_changes(row: OrganizationRow, houses: list[Site], *, only_gaps: bool) -> dict[str, Any]:
    """`site`: None for a first one. Of several houses the list cannot say which it means."""
    if not has_house(row) or (houses and only_gaps):
        return {}
    facts = {"address": row.address, "services": row.services, "beds": row.beds}
    facts |= {"city": row.city, "region": region_of(row)}
    if not houses:
        return {"site": None, "facts": facts}
    if len(houses) > 1:
        return {}
    site = houses[0]
    changed = {
        name: new
        for name, new in facts.items()
        if new not in ("", None, []) and not _is_same(name, getattr(site, name), new)
    }
    return {"site": site, "facts": changed} if changed else {}


def _is_same(name: str, old: Any, new: Any) -> bool:  # noqa: ANN401
    if name == "services":
        return set(old) == set(new)
    if name == "phone":
        return (digits_of(old) or old) == (digits_of(new) or new)
    if name in ("beds", "kind", "region"):
        return bool(old == new)
    if name == "web":
        return str(old).rstrip("/") == str(new).rstrip("/")
    return fold(str(old)) == fold(str(new))


def _say_changes(what: dict[str, Any]) -> str:
    fields = [Organization._meta.get_field(name) for name in what.get("facts", {})]
    house = what.get("house") or {"site": None, "facts": {}}
    if house["site"] is not None:
        fields += [Site._meta.get_field(name) for name in house["facts"]]
    words = [str(one.verbose_name) for one in fields]
    if "house" in what and house["site"] is None:
        words.append(_("a first house"))
    if "contact" in what:
        words.append(_("a contact"))
    return ", ".join(dict.fromkeys(words))
