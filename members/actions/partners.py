"""Who stands behind a community. There is exactly one host at a time (C3, PA1)."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.access import has_role
from members.actions.memberships import local_day
from members.emails.communities import queue_host_notices
from members.models import (
    Community,
    DirectoryProfile,
    Organization,
    Partner,
    User,
)
from members.queries.communities import host_of
from members.queries.consents import people_to_ask

A_DAY = timedelta(days=1)
Role = Partner.Role
OVER = (Organization.Status.MERGED, Organization.Status.CLOSED)


@transaction.atomic
def add_partner(
    *,
    community: Community,
    organization: Organization,
    role: str,
    by: User | None,
    **fields: Any,  # noqa: ANN401
) -> Partner:
    """One more. Raises ActionError for a second host."""
    _check(by, community)
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    if refusal := why_not_partner(community, organization, role):
        raise ActionError(refusal)
    partner = Partner.objects.create(
        community=community, organization=organization, role=role, **fields
    )
    audit.record("partner_added", partner, by=by, scope=community.public_id, new=role)
    return partner


def why_not_partner(community: Community, organization: Organization, role: str) -> str:
    """What stands against it, in a sentence. Empty: nothing."""
    if organization.status in OVER:
        return _("This organization is closed or merged. Choose another one.")
    if role == Role.HOST and organization.is_regulator_or_funder:
        return _("A funder or regulator sees totals only, so it cannot be the host.")
    if role == Role.HOST and host_of(community) is not None:
        return _("There is a host already. Use “Change the host” on the page of the community.")
    same = community.partners.filter(organization=organization, role=role, ends_on=None)
    if same.exists():
        return _("This organization is that already.")
    return ""


@transaction.atomic
def change_partner(*, partner: Partner, by: User, **fields: Any) -> Partner:  # noqa: ANN401
    """Words, order, first day, what it may see. Its role and its end have steps of their own."""
    _check(by, partner.community)
    locked = Partner.objects.select_for_update(of=("self",)).get(pk=partner.pk)
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(fields))
    scope, changed = partner.community.public_id, ", ".join(fields)
    audit.record("partner_changed", locked, by=by, scope=scope, reason=changed)
    return locked


@transaction.atomic
def end_partner(*, partner: Partner, by: User, ends_on: date, now: datetime) -> None:
    """It stands behind the community up to this day. The host stays until there is another one."""
    community = partner.community
    _check(by, community)
    if partner.role == Role.HOST and partner.ends_on is None:
        raise ActionError(_("There is always a host. Change the host instead."))
    if partner.starts_on and ends_on < partner.starts_on:
        raise ActionError(_("It began later than that. Choose a later day."))
    Partner.objects.filter(pk=partner.pk).update(ends_on=ends_on)
    scope = community.public_id
    audit.record("partner_ended", partner, by=by, scope=scope, old=partner.role)


@transaction.atomic
def change_host(
    *, community: Community, organization: Organization, by: User, now: datetime
) -> Partner:
    """Another organization sends the mail and holds the data, from today on (PA1).

    Consents that name the old one are asked again: until the answer, entries in the directory
    are hidden. Everybody who belongs is told by mail.
    """
    _check(by, community)
    Community.objects.select_for_update().get(pk=community.pk)
    old = host_of(community)
    if old is None:
        raise ActionError(_("There is no host yet. Add one as a partner."))
    if old.organization_id == organization.pk:
        raise ActionError(_("This organization is the host already."))
    if organization.status in OVER:
        raise ActionError(_("This organization is closed or merged. Choose another one."))
    # The host holds everything that the wall keeps from funders and regulators (P4, PA2).
    if organization.is_regulator_or_funder:
        raise ActionError(_("A funder or regulator sees totals only, so it cannot be the host."))
    today = local_day(community, now)
    _end_rows(community, old, organization, today)
    new = Partner.objects.create(
        community=community,
        organization=organization,
        role=Role.HOST,
        starts_on=today,
        position=old.position,
    )
    audit.record(
        "host_changed",
        community,
        by=by,
        scope=community.public_id,
        old=old.organization.name[:60],
        new=organization.name[:60],
    )
    _hide_entries(community)
    queue_host_notices(community, today)
    return new


def _end_rows(community: Community, old: Partner, heir: Organization, today: date) -> None:
    """The old host, and whatever else the new one was here until now."""
    rows = community.partners.filter(ends_on=None)
    for row in [old, *rows.filter(organization=heir).order_by("pk")]:
        last = today - A_DAY
        ends_on = max(last, row.starts_on) if row.starts_on else last
        Partner.objects.filter(pk=row.pk).update(ends_on=ends_on)


def _hide_entries(community: Community) -> None:
    shown = DirectoryProfile.objects.filter(
        community=community, person__in=people_to_ask(community), is_listed=True
    )
    shown.update(is_listed=False, search_text="")


def _check(by: User | None, community: Community) -> None:
    if by is not None and not has_role(by, community, "coordinator"):
        raise ActionError(_("Only a coordinator does this."))
