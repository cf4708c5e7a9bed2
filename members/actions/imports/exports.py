"""The same lists written out: the rows of one community, for its coordinators alone."""

from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _
from import_export.formats.base_formats import CSV, XLSX

from cop.core import audit
from cop.core.errors import ActionError
from members.access import has_role
from members.actions.imports.known import resting_elsewhere
from members.actions.imports.resources import RESOURCES, OrganizationRow, PersonRow
from members.models import Affiliation, Community, Membership, Organization, User
from members.queries import known_organizations

FORMATS = {"csv": CSV, "xlsx": XLSX}
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX.CONTENT_TYPE}
PART = 500


def export_list(
    *, community: Community, kind: str, file_format: str, by: User, now: datetime
) -> bytes:
    """`kind`: organizations or people; `file_format`: csv or xlsx. It leaves a line of history."""
    if not has_role(by, community, "coordinator"):
        raise ActionError(_("Only a coordinator does this."))
    rows = list(_people(community) if kind == "people" else _organizations(community, by))
    dataset = RESOURCES[kind]().export(rows)
    data = FORMATS[file_format]().export_data(dataset)
    scope, reason = community.public_id, f"{kind}, {file_format}"
    audit.record("list_exported", community, by=by, scope=scope, new=str(len(rows)), reason=reason)
    # Excel takes UTF-8 for what it is by this mark alone.
    return data if isinstance(data, bytes) else b"\xef\xbb\xbf" + data.encode()


def export_name(community: Community, kind: str, file_format: str, now: datetime) -> str:
    day = now.astimezone(ZoneInfo(community.timezone)).date()
    return f"{slugify(community.short_name) or 'list'}-{kind}-{day}.{file_format}"


def _people(community: Community) -> Iterator[PersonRow]:
    """Who belongs, with the main one of the places where they work."""
    ties = Affiliation.objects.exclude(state=Affiliation.State.ENDED)
    ties = ties.select_related("organization").order_by("-is_primary", "pk")
    rows = community.memberships.filter(state__in=Membership.CURRENT_STATES)
    rows = rows.exclude(category=Membership.Category.GUEST).select_related("person")
    rows = rows.prefetch_related(Prefetch("person__affiliations", queryset=ties, to_attr="ties"))
    for row in rows.order_by("person__display_name", "pk").iterator(chunk_size=PART):
        person = row.person
        tie = next(iter(person.ties), None)
        yield PersonRow(
            name=person.display_name, email=person.email, language=person.language,
            organization=tie.organization.name if tie else "",
            role=tie.role_title if tie else "", role_group=tie.role_group if tie else "",
            is_contact=tie.is_contact if tie else False,
            category=row.category, member_since=row.joined_on,
        )  # fmt: skip


def _organizations(community: Community, by: User) -> Iterator[OrganizationRow]:
    """Those that have to do with it, with their first open house and one contact."""
    here = Community.objects.filter(pk=community.pk)
    contacts = _contacts(community, by)
    rows = known_organizations(here).filter(
        status__in=[Organization.Status.ACTIVE, Organization.Status.PROPOSED]
    )
    rows = rows.prefetch_related(
        "sites", Prefetch("affiliations", queryset=contacts, to_attr="contacts")
    )
    for row in rows.order_by("name", "pk").iterator(chunk_size=PART):
        houses = sorted((one for one in row.sites.all() if not one.closed_on), key=attrgetter("pk"))
        house = houses[0] if houses else None
        contact = row.contacts[0].person if row.contacts else None
        yield OrganizationRow(
            name=row.name, legal_name=row.legal_name, kind=row.kind,
            city=row.city or (house.city if house else ""), domains=row.domains,
            phone=row.phone, web=row.web,
            region=house.region if house else "", address=house.address if house else "",
            services=house.services if house else [], beds=house.beds if house else None,
            contact_name=contact.display_name if contact else "",
            contact_email=contact.email if contact else "",
        )  # fmt: skip


def _contacts(community: Community, by: User) -> QuerySet[Affiliation]:
    """Contacts whom this community knows: members, applicants, and those whom its own list named.

    Who speaks for a shared organization may belong to another community alone: not ours to tell.
    """
    here = Q(person__memberships__community=community) | Q(
        person__applications__community=community
    )
    nowhere = Q(person__memberships=None, person__applications=None)
    nowhere &= ~Q(organization__in=resting_elsewhere(by))
    ties = Affiliation.objects.filter(is_contact=True, state=Affiliation.State.CONFIRMED)
    shown = ties.filter(here | nowhere).values("pk")
    return ties.filter(pk__in=shown).select_related("person").order_by("pk")
