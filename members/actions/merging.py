"""Two rows for one organization become one, and nothing is lost (O3).

Everything that points at the source, in any app, is found by the model's own list of relations
and moved to the target; only what could clash has a rule of its own. A new table that points at
organizations moves along without a word here, or fails the merge loudly where it clashes.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import F, ForeignKey, Model
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.actions.affiliations import confirm_affiliation, has_address_of
from members.actions.contacts import ask_contacts
from members.actions.fast_path import approve_waiting
from members.actions.grace import review_standing
from members.models import (
    Affiliation,
    Community,
    Membership,
    MembershipApplication,
    Organization,
    Partner,
    ReviewTask,
    User,
)
from members.queries import communities_of, is_affiliated, rests_with_others
from members.queries.mergers import VOTING, pointing_at

State = Affiliation.State
Status = Organization.Status
# Of two ties of one person the better known one stays; a no of the house is not lost on a claim.
RANK = {State.CONFIRMED: 0, State.DISPUTED: 1, State.CLAIMED: 2}
FILLED = ("legal_name", "phone", "web", "city")


@transaction.atomic
def merge_organizations(
    *, source: Organization, target: Organization, by: User, now: datetime
) -> Organization:
    """Move all of `source` to `target`. The source stays as a name that points there."""
    source, target = _locked(source, target)
    refusal = why_not_merge(source, target, by)
    if refusal:
        raise ActionError(refusal)
    communities = list(communities_of(source, target).order_by("pk"))
    _close_questions(source, by, now)
    _tell_reviewers(source, by)
    for key in pointing_at(Organization):
        SPECIAL.get(key.model, _move)(key, source, target)
    _fill(target, source)
    Organization.objects.filter(merged_into=source).update(merged_into=target)
    old = source.status
    source.status, source.merged_into = Status.MERGED, target
    source.save(update_fields=["status", "merged_into"])
    for scope in [community.public_id for community in communities] or [""]:
        audit.record("organization_merged", source, by=by, scope=scope, old=old, new=source.status)
        audit.record("organization_absorbed", target, by=by, scope=scope)
    _go_on(target, now)
    for community in communities:
        review_standing(community, now=now)
    return target


def why_not_merge(source: Organization, target: Organization, by: User) -> str:
    """A sentence for the staff member, or nothing."""
    if source.pk == target.pk:
        return _("This is the same one.")
    if Status.MERGED in {source.status, target.status} or target.status == Status.CLOSED:
        return _("One of them is merged or closed already. Look at it again.")
    if target.status == Status.PROPOSED and source.status != Status.PROPOSED:
        return _("Keep the known one: merge the proposed one into it.")
    if source.is_regulator_or_funder != target.is_regulator_or_funder:
        return _(
            "One of them regulates or funds members, and the other does not. They stay two, or "
            "somebody corrects that first."
        )
    if not Community.objects.staffed_by(by, "reviewer", "coordinator").exists():
        return _("Only reviewers and coordinators merge organizations.")
    if rests_with_others(source, by):
        return _(
            "Another community rests on the one that would go. Ask the administrator of the site "
            "to merge them."
        )
    if is_affiliated(by, source) or is_affiliated(by, target):
        return _("You belong to one of them yourself. Somebody else decides about it.")
    return ""


def _locked(source: Organization, target: Organization) -> tuple[Organization, Organization]:
    """Both, in one order: two merges the other way round must not wait for each other."""
    rows = Organization.objects.select_for_update(of=("self",)).order_by("pk")
    found = {row.pk: row for row in rows.filter(pk__in=[source.pk, target.pk])}
    return found[source.pk], found[target.pk]


def _move(key: ForeignKey, source: Model, target: Model) -> None:
    key.model._base_manager.filter(**{key.name: source}).update(**{key.name: target})


def _move_affiliations(key: ForeignKey, source: Organization, target: Organization) -> None:
    """Somebody known at both is one tie afterwards: confirmed, the earliest, with all it had."""
    current = Affiliation.objects.select_for_update(of=("self",)).exclude(state=State.ENDED)
    there = {row.person_id: row for row in current.filter(organization=target)}
    for row in current.filter(organization=source, person__in=there).order_by("pk"):
        kept, gone = sorted([there[row.person_id], row], key=_standing)
        _join(kept, gone)
    _move(key, source, target)


def _standing(row: Affiliation) -> tuple[int, float, int]:
    """Sorts the tie first that stays."""
    at = row.confirmed_at.timestamp() if row.confirmed_at else float("inf")
    return RANK[State(row.state)], at, row.pk


def _join(kept: Affiliation, gone: Affiliation) -> None:
    scopes = communities_of(kept.organization, gone.organization).values_list(
        "public_id", flat=True
    )
    for scope in list(scopes) or [""]:
        audit.record("affiliation_joined", kept, by=None, scope=scope, old=gone.public_id)
    for key in pointing_at(Affiliation):
        _move(key, gone, kept)
    # The word of a contact weighs only with the tie confirmed (A5).
    speaks = gone.is_contact and gone.state == State.CONFIRMED
    kept.is_contact = kept.is_contact or speaks
    kept.is_primary = kept.is_primary or gone.is_primary
    kept.role_title = kept.role_title or gone.role_title
    kept.site_id = kept.site_id or gone.site_id
    days = [day for day in (kept.started_on, gone.started_on) if day]
    kept.started_on = min(days, default=None)
    gone.delete()
    kept.save(update_fields=["is_contact", "is_primary", "role_title", "site", "started_on"])


def _move_delegates(key: ForeignKey, source: Organization, target: Organization) -> None:
    """One voice a community, never two: the target's own delegate goes first (O3)."""
    rows = Membership.objects.select_for_update(of=("self",)).filter(
        delegate_for__in=[source, target], state__in=VOTING
    )
    spoken: set[int] = set()
    on_hold = Membership.State.SUSPENDED
    for row in sorted(
        rows, key=lambda r: (r.state == on_hold, r.delegate_for_id != target.pk, r.pk)
    ):
        if row.community_id in spoken:
            Membership.objects.filter(pk=row.pk).update(delegate_for=None)
            scope = row.community.public_id
            audit.record("delegate_ended", row, by=None, scope=scope)
        spoken.add(row.community_id)
    _move(key, source, target)


def _move_partnerships(key: ForeignKey, source: Organization, target: Organization) -> None:
    """The same part in the same community is shown once."""
    current = Partner.objects.filter(ends_on=None)
    there = {(row.community_id, row.role): row for row in current.filter(organization=target)}
    for row in current.filter(organization=source).order_by("pk"):
        kept = there.get((row.community_id, row.role))
        if kept is None:
            continue
        days = [day for day in (kept.starts_on, row.starts_on) if day]
        kept.starts_on, kept.statement = min(days, default=None), kept.statement or row.statement
        kept.save(update_fields=["starts_on", "statement"])
        row.delete()
    _move(key, source, target)


SPECIAL: dict[type[Model], Callable[[ForeignKey, Organization, Organization], None]] = {
    Affiliation: _move_affiliations,
    Membership: _move_delegates,
    Partner: _move_partnerships,
}


def _fill(target: Organization, source: Organization) -> None:
    """What only the source knew."""
    for name in FILLED:
        setattr(target, name, getattr(target, name) or getattr(source, name))
    target.domains = list(dict.fromkeys([*target.domains, *source.domains]))
    target.is_indigenous_led = target.is_indigenous_led or source.is_indigenous_led
    target.save(update_fields=[*FILLED, "domains", "is_indigenous_led"])


def _close_questions(source: Organization, by: User, now: datetime) -> None:
    """ "Perhaps known already" is answered by the merger."""
    kind = ReviewTask.Kind.POSSIBLE_DUPLICATE
    source.review_tasks.filter(kind=kind, done_at=None).update(done_at=now, done_by=by)


def _tell_reviewers(source: Organization, by: User) -> None:
    """Whoever has one of its applications open reads it again before deciding."""
    rows = source.applications.filter(state__in=MembershipApplication.OPEN_STATES)
    for row in rows.select_related("community").order_by("pk"):
        MembershipApplication.objects.filter(pk=row.pk).update(version=F("version") + 1)
        scope = row.community.public_id
        audit.record("application_organization_merged", row, by=by, scope=scope)


def _go_on(target: Organization, now: datetime) -> None:
    """What waited for the source is answered by what the target has: domain, contacts, evidence."""
    rows = target.affiliations.filter(
        state__in=[State.CLAIMED, State.CONFIRMED],
        person__applications__organization=target,
        person__applications__state__in=MembershipApplication.OPEN_STATES,
    )
    for row in rows.select_related("person", "organization").order_by("pk").distinct():
        if row.state == State.CONFIRMED:
            approve_waiting(row, now=now)
        elif has_address_of(row.person, target):
            method = Affiliation.Method.EMAIL_DOMAIN
            confirm_affiliation(affiliation=row, by=None, method=method, now=now)
        else:
            ask_contacts(affiliation=row, now=now)
