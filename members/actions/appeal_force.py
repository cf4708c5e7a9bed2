"""The day on which an upheld appeal comes into force: today, or one that the clock waits for."""

from datetime import date, datetime

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions.appeals import locked, record
from members.actions.memberships import STANDING_STATES, local_day, make_membership
from members.emails import queue_application_email
from members.emails.appeals import queue_appeal_email
from members.models import (
    Appeal,
    Community,
    Membership,
    MembershipApplication,
    User,
)
from members.queries import category_after_approval, organization_is_eligible

log = structlog.get_logger(__name__)
# Said once, in the history: without it the clock would make a member again of who has left.
SETTLED = ("appeal_in_force", "appeal_not_in_force")


def _rests_on_evidence(application: MembershipApplication) -> bool:
    """As a provider, where the community asks for evidence. All others come without it."""
    organization = application.organization
    return (
        application.applying_as == MembershipApplication.ApplyingAs.PROVIDER
        and application.community.admission_policy != Community.Admission.OPEN
        and organization is not None
        and not organization.is_regulator_or_funder
    )


def counts_on(application: MembershipApplication, on: date) -> bool:
    if not _rests_on_evidence(application):
        return True
    return organization_is_eligible(application.organization, application.community, on)


def be_ally_until_then(row: Appeal, *, by: User | None, now: datetime) -> None:
    application = row.application
    community, person = application.community, application.person
    standing = community.memberships.filter(person=person, state__in=STANDING_STATES)
    if community.allies_allowed and not standing.exists():
        ally = Membership.Category.ALLY
        make_membership(community=community, person=person, category=ally, by=by, now=now)


def bring_in_force(row: Appeal, *, by: User | None, now: datetime) -> None:
    application = row.application
    today = local_day(application.community, now)
    category = category_after_approval(application, today)
    if category == Membership.Category.ALLY and not application.community.allies_allowed:
        raise ActionError(
            _("They could only be an ally, and this community takes no allies. Dismiss it instead.")
        )
    make_membership(
        community=application.community,
        person=application.person,
        category=category,
        by=by,
        now=now,
    )
    record(row, "appeal_in_force", by=by)
    queue_application_email("welcome", application, category=category)


def keep_appeals(*, now: datetime) -> None:
    """Make members of those whose day has come. What was revoked before ends it, with a notice."""
    settled = AuditEvent.objects.filter(
        object_type=Appeal._meta.label_lower,
        object_id=OuterRef("public_id"),
        action__in=SETTLED,
    )
    rows = Appeal.objects.filter(~Exists(settled), state=Appeal.State.UPHELD)
    for row in rows.order_by("effective_on", "pk"):
        try:
            _keep(row, now=now)
        except ActionError as error:
            # Somebody on hold, for example: the next look tries again.
            log.warning("appeal_waits", appeal=row.public_id, why=str(error))


@transaction.atomic
def _keep(appeal: Appeal, *, now: datetime) -> None:
    row = locked(appeal)
    today = local_day(row.application.community, now)
    known = AuditEvent.objects.filter(
        object_type=Appeal._meta.label_lower, object_id=row.public_id, action__in=SETTLED
    )
    if row.effective_on is None or known.exists():
        return
    if _has_gone(row):
        record(row, "appeal_not_in_force", by=None)
        return
    if not counts_on(row.application, max(today, row.effective_on)):
        record(row, "appeal_not_in_force", by=None)
        queue_appeal_email("not_in_force", row)
    elif row.effective_on <= today:
        bring_in_force(row, by=None, now=now)


def _has_gone(row: Appeal) -> bool:
    """Left or removed since the decision, or the community has ended: nothing begins then."""
    community = row.application.community
    if community.status == Community.Status.ARCHIVED or row.decided_at is None:
        return True
    gone = community.memberships.filter(
        person=row.application.person_id,
        state__in=[Membership.State.LEFT, Membership.State.REMOVED],
        ended_on__gte=local_day(community, row.decided_at),
    )
    return gone.exists()
