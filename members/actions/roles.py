from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.access import has_role
from members.models import Community, RoleGrant, User
from members.models.communities import current_grant

# What people behind the wall may do for a community: read totals, nothing else (P4, PA2).
WALLED_ROLES = frozenset({RoleGrant.Role.EVALUATOR})


@transaction.atomic
def grant_role(
    *,
    community: Community,
    person: User,
    role: str,
    by: User | None,
    now: datetime,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> RoleGrant:
    """Give somebody a role, from today or a later day on. `by=None`: the set-up of a community."""
    _check_coordinates(by, community)
    if person.is_walled() and role not in WALLED_ROLES:
        raise ActionError(
            _("%(person)s also works for a funder or regulator, so this role is closed to them.")
            % {"person": person}
        )
    today = now.date()
    starts_on = starts_on or today
    _check_days(starts_on, ends_on, today)
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    if role == RoleGrant.Role.COORDINATOR and by is not None and ends_on is not None:
        _check_somebody_stays(community, today)
    same = _overlapping(starts_on, ends_on).filter(community=community, person=person, role=role)
    if same.exists():
        raise ActionError(_("%(person)s holds this role already.") % {"person": person})
    grant = RoleGrant.objects.create(
        community=community,
        person=person,
        role=role,
        starts_on=starts_on,
        ends_on=ends_on,
        granted_by=by,
    )
    audit.record("role_granted", grant, by=by, scope=community.public_id, new=role)
    refresh_desk_access(person, today)
    return grant


def _check_days(starts_on: date, ends_on: date | None, today: date) -> None:
    if starts_on < today:
        raise ActionError(_("The first day lies in the past. Choose today or later."))
    if ends_on is not None and ends_on < today:
        raise ActionError(_("The last day lies in the past. Choose today or later."))
    if ends_on is not None and ends_on < starts_on:
        raise ActionError(_("The last day comes before the first. Change one of them."))


def _check_somebody_stays(community: Community, today: date) -> None:
    """A coordinator with a last day stands beside one without (C2)."""
    grants = RoleGrant.objects.filter(current_grant(on=today), community=community, ends_on=None)
    if not grants.filter(role=RoleGrant.Role.COORDINATOR, person__is_active=True).exists():
        raise ActionError(_("Nobody would coordinate after that day. Leave the last day empty."))


def _overlapping(starts_on: date, ends_on: date | None) -> QuerySet[RoleGrant]:
    rows = RoleGrant.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on))
    return rows if ends_on is None else rows.filter(starts_on__lte=ends_on)


@transaction.atomic
def end_role(*, grant: RoleGrant, by: User, now: datetime) -> None:
    """Take a role back at once. The last coordinator stays (C2)."""
    _check_coordinates(by, grant.community)
    _end(grant, by=by, now=now)


@transaction.atomic
def end_all_roles(
    *, community: Community, person: User, now: datetime, by: User | None = None
) -> None:
    """Whoever leaves a community gives back what they did for it."""
    grants = RoleGrant.objects.filter(_not_over(now.date()), person=person)
    for grant in grants.filter(community=community).select_related("community", "person"):
        _end(grant, by=by or person, now=now)


def end_member_roles(*, community: Community, person: User, by: User | None, now: datetime) -> None:
    """Of a membership that has ended: the roles among members go, those at the desk stay.

    A coordinator may well be no member; whose desk role ends is for coordinators to say (C2).
    """
    grants = RoleGrant.objects.filter(_not_over(now.date()), person=person)
    here = grants.filter(community=community).exclude(role__in=RoleGrant.DESK_ROLES)
    for grant in here.select_related("community", "person"):
        _end(grant, by=by, now=now)


def _end(grant: RoleGrant, *, by: User | None, now: datetime) -> None:
    today = now.date()
    # Two coordinators who end each other's role at once must not both succeed.
    Community.objects.select_for_update().get(pk=grant.community_id)
    grants = RoleGrant.objects.filter(_not_over(today), community=grant.community_id)
    if grant.role == RoleGrant.Role.COORDINATOR and grant.starts_on <= today:
        _check_others_coordinate(grant, today)
    row = grants.filter(pk=grant.pk).first()
    if row is not None:
        scope = grant.community.public_id
        audit.record("role_ended", row, by=by, scope=scope, old=row.role)
        _close(row, today)
    refresh_desk_access(grant.person, today)


def _check_others_coordinate(grant: RoleGrant, today: date) -> None:
    """Somebody coordinates today, and with no last day in sight (C2)."""
    others = RoleGrant.objects.filter(
        current_grant(on=today),
        community=grant.community_id,
        role=RoleGrant.Role.COORDINATOR,
        person__is_active=True,
    ).exclude(person=grant.person_id)
    names = {"person": grant.person, "community": grant.community}
    if not others.exists():
        raise ActionError(
            _(
                "%(person)s is the only coordinator of %(community)s. Give the role to somebody "
                "else first."
            )
            % names
        )
    if not others.filter(ends_on=None).exists():
        raise ActionError(
            _(
                "The others coordinate %(community)s only up to a day. Give the role to somebody "
                "without a last day first."
            )
            % names
        )


def _not_over(today: date) -> Q:
    return Q(ends_on__isnull=True) | Q(ends_on__gte=today)


def _close(grant: RoleGrant, today: date) -> None:
    """A grant counts on its last day too: one that ends now had its last day yesterday.

    One that began today, or begins later, had no such day, so nothing of it stays but the history.
    """
    if grant.starts_on >= today:
        grant.delete()
    else:
        RoleGrant.objects.filter(pk=grant.pk).update(ends_on=today - timedelta(days=1))


def _check_coordinates(by: User | None, community: Community) -> None:
    if by is not None and not has_role(by, community, RoleGrant.Role.COORDINATOR):
        raise ActionError(_("Only a coordinator gives and ends roles."))


def refresh_desk_access(person: User, today: date) -> None:
    """The desk opens to those who hold a role with work there (is_staff follows the roles)."""
    grants = RoleGrant.objects.filter(current_grant(on=today), person=person)
    works = grants.filter(role__in=RoleGrant.DESK_ROLES).exists()
    person.is_staff = works or person.is_superuser
    User.objects.filter(pk=person.pk).update(is_staff=person.is_staff)


def keep_roles(*, now: datetime) -> None:
    """The desk closes behind a role whose last day has passed, and opens on the first."""
    today = now.date()
    working = RoleGrant.objects.filter(current_grant(on=today), role__in=RoleGrant.DESK_ROLES)
    people = User.objects.filter(is_superuser=False)
    people.filter(is_staff=True).exclude(pk__in=working.values("person")).update(is_staff=False)
    people.filter(is_staff=False, pk__in=working.values("person")).update(is_staff=True)
