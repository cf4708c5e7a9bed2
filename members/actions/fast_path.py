"""AM1: who needs no reviewer, asked when an application comes in and when a tie is confirmed."""

from datetime import datetime
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress

from members.actions.decisions import approve_at_once
from members.models import Affiliation, Community, Membership, MembershipApplication
from members.queries import organization_is_eligible

State = MembershipApplication.State
# A reviewer's question stands until its answer: the rule does not overtake a person.
WAITING = (State.SUBMITTED, State.IN_REVIEW)


def is_fast(
    application: MembershipApplication, affiliation: Affiliation | None, *, now: datetime
) -> bool:
    """No person needs to look: an open community, or an eligible house that knows them (AM1)."""
    community, person = application.community, application.person
    # Whoever was removed or suspended before is a matter for people.
    trouble = [Membership.State.REMOVED, Membership.State.SUSPENDED]
    if community.memberships.filter(person=person, state__in=trouble).exists():
        return False
    if not EmailAddress.objects.filter(user=person, verified=True).exists():
        return False
    if community.admission_policy == Community.Admission.OPEN:
        return True
    if affiliation is None or affiliation.state != Affiliation.State.CONFIRMED:
        return False
    return (
        application.applying_as == MembershipApplication.ApplyingAs.PROVIDER
        and not person.affiliations.filter(organization__is_regulator_or_funder=True)
        .exclude(state=Affiliation.State.ENDED)
        .exists()
        and organization_is_eligible(
            affiliation.organization, community, now.astimezone(ZoneInfo(community.timezone)).date()
        )
    )


def approve_waiting(affiliation: Affiliation, *, now: datetime) -> int:
    """The waiting applications that this tie now answers, in the caller's transaction."""
    rows = MembershipApplication.objects.filter(
        person=affiliation.person_id, organization=affiliation.organization_id, state__in=WAITING
    )
    approved = 0
    for row in rows.select_for_update(of=("self",)).select_related("community", "person"):
        if is_fast(row, affiliation, now=now):
            approve_at_once(application=row, now=now)
            approved += 1
    return approved
