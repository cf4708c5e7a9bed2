"""Who may sit on the panel of an appeal (AP1, E5), and what its votes come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from cop.core.models import AuditEvent
from members.models import (
    Affiliation,
    Appeal,
    AppealSeat,
    MembershipApplication,
    Organization,
    RoleGrant,
    User,
)
from members.models.communities import current_grant
from members.models.organizations import Fold

Vote = AppealSeat.Vote
CORE = RoleGrant.Role.CORE_GROUP
# The evaluator reads totals only.
NO_SEAT = (RoleGrant.Role.EVALUATOR,)
SMALLEST_PANEL = 2
APPEAL_WITHIN = timedelta(days=30)
OUTCOME_OF = {Vote.UPHOLD: Appeal.State.UPHELD, Vote.DISMISS: Appeal.State.DISMISSED}


@dataclass(frozen=True)
class Candidate:
    """Somebody who could sit. `is_proposed`: one of those that the house suggests."""

    person: User
    is_core: bool
    is_proposed: bool


def acted_on(application: MembershipApplication) -> set[int]:
    """Everybody who had a part in it: who took it on, asked, checked or decided.

    Opening a paper is no part: whoever only read has decided nothing.
    """
    mine = Q(object_type=application._meta.label_lower, object_id=application.public_id)
    papers = application.evidence.values_list("public_id", flat=True)
    on_papers = Q(object_type="members.evidence", object_id__in=list(papers))
    events = AuditEvent.objects.filter(mine | on_papers).exclude(action="evidence_viewed")
    people = set(events.exclude(actor=None).values_list("actor_id", flat=True))
    people.update(application.requests.values_list("asked_by_id", flat=True))
    people.update(application.inquiries.values_list("proposed_by_id", flat=True))
    people.update(application.review_tasks.values_list("done_by_id", flat=True))
    people.update([application.reviewer_id, application.claimed_by_id, application.person_id])
    return {one for one in people if one is not None}


def _conflicted(appeal: Appeal) -> set[int]:
    """The organizations whose people stay out: the applicant's, the decider's, the named one."""
    application = appeal.application
    current = Affiliation.objects.exclude(state=Affiliation.State.ENDED)
    both = current.filter(person__in=[application.person_id, application.reviewer_id])
    found = set(both.values_list("organization_id", flat=True))
    return found | {one for one in (application.organization_id, appeal.competitor_id) if one}


def without_conflict(appeal: Appeal, people: QuerySet[User]) -> QuerySet[User]:
    """Those of `people` who had no part in it and belong to nobody whom it concerns."""
    ties = Affiliation.objects.exclude(state=Affiliation.State.ENDED).filter(person=OuterRef("pk"))
    close = ties.filter(
        # Whoever works for a funder or regulator stands before the wall here too (P4).
        Q(organization__in=_conflicted(appeal)) | Q(organization__is_regulator_or_funder=True)
    )
    earlier = AppealSeat.objects.filter(
        appeal__application=appeal.application_id, person=OuterRef("pk")
    ).exclude(appeal=appeal)
    free = people.filter(is_active=True).exclude(pk__in=acted_on(appeal.application))
    return free.filter(~Exists(close), ~Exists(earlier))


def has_conflict(appeal: Appeal, person: User) -> bool:
    return not without_conflict(appeal, User.objects.filter(pk=person.pk)).exists()


def panel_candidates(appeal: Appeal, on: date) -> QuerySet[User]:
    """Everybody with a role here on this day who may sit, the core group first."""
    grants = RoleGrant.objects.filter(
        current_grant(on=on), community=appeal.application.community_id, person=OuterRef("pk")
    )
    people = User.objects.filter(Exists(grants.exclude(role__in=NO_SEAT)))
    people = people.annotate(is_core=Exists(grants.filter(role=CORE)))
    return without_conflict(appeal, people).order_by("-is_core", Fold("display_name"), "pk")


def propose_panel(appeal: Appeal, on: date) -> list[Candidate]:
    """All who may sit and do not yet; marked are as many as the panel still lacks."""
    seated = set(appeal.seats.values_list("person_id", flat=True))
    free = [one for one in panel_candidates(appeal, on) if one.pk not in seated]
    lacking = max(SMALLEST_PANEL - len(seated), 0 if has_core(appeal) else 1)
    return [
        Candidate(person, person.is_core, is_proposed=place < lacking)
        for place, person in enumerate(free)
    ]


def has_core(appeal: Appeal) -> bool:
    """Is one of the seated of the core group, on the day they were asked?"""
    for seat in appeal.seats.all():
        grants = RoleGrant.objects.filter(
            current_grant(on=seat.seated_at.date()),
            community=appeal.application.community_id,
            person=seat.person_id,
            role=CORE,
        )
        if grants.exists():
            return True
    return False


def tally(appeal: Appeal) -> str:
    """The state that the votes make, or "" while some are missing.

    More than half decide. A tie, or a majority for it, returns the application for a new review.
    """
    seats = list(appeal.seats.all())
    if what_lacks(appeal, seats):
        return ""
    votes = [seat.vote for seat in seats]
    for vote, state in OUTCOME_OF.items():
        if votes.count(vote) * 2 > len(votes):
            return state
    return Appeal.State.RETURNED


def what_lacks(appeal: Appeal, seats: Sequence[AppealSeat]) -> str:
    """Why the panel cannot decide yet, in a sentence; "" once it can."""
    if len(seats) < SMALLEST_PANEL:
        return _("The panel needs at least two people.")
    if not has_core(appeal):
        return _("At least one of the panel must be of the core group.")
    if not all(seat.vote for seat in seats):
        return _("Not everybody on the panel has voted yet.")
    return ""


def appeals_of_panelist(person: User) -> QuerySet[Appeal]:
    """Those on whose panel this person sits. Nobody else may know that they exist.

    Nor whoever began to work for a funder or regulator since: papers stay inside (P4, E7).
    """
    if person.sees_as_member_of is not None or person.is_walled():
        return Appeal.objects.none()
    rows = Appeal.objects.filter(seats__person=person)
    return rows.select_related(
        "application__community", "application__person", "application__organization", "competitor"
    )


def last_day_to_appeal(application: MembershipApplication) -> date | None:
    if application.appeal_by is not None or application.decided_at is None:
        return application.appeal_by
    zone = ZoneInfo(application.community.timezone)
    return (application.decided_at + APPEAL_WITHIN).astimezone(zone).date()


def may_appeal(application: MembershipApplication, today: date) -> bool:
    last = last_day_to_appeal(application)
    declined = application.state == MembershipApplication.State.DECLINED
    return declined and last is not None and today <= last


def organizations_named(words: str) -> list[Organization]:
    """Known organizations that somebody may mean by these words; exactly one if it is certain."""
    words = " ".join(words.replace("\x00", "").split())
    if not words:
        return []
    rows = list(Organization.objects.suggest(words)[:6])
    same = [row for row in rows if row.name.casefold() == words.casefold()]
    return same if len(same) == 1 else rows


def about_appeal(application: MembershipApplication, today: date) -> dict[str, object]:
    """For the applicant's page (templates/members/_application_appeal.html)."""
    rows = application.appeals.exclude(state=Appeal.State.WITHDRAWN)
    return {
        "appeal": rows.order_by("-opened_at", "-pk").first(),
        "may_appeal": may_appeal(application, today),
        "appeal_until": last_day_to_appeal(application),
    }
