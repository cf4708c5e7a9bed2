"""Which application comes next for somebody who works through the queue."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from members.actions.claims import CLAIM_LASTS
from members.models import Affiliation, MembershipApplication, User

State = MembershipApplication.State
# On our desk; with `info_requested` the ball is with the applicant.
OURS = (State.SUBMITTED, State.IN_REVIEW)


def next_in_queue(
    rows: QuerySet[MembershipApplication],
    after: MembershipApplication,
    reader: User,
    now: datetime | None = None,
) -> MembershipApplication | None:
    """The most urgent other one that is free, and that this person may decide (E5)."""
    since = (now or timezone.now()) - CLAIM_LASTS
    free = Q(claimed_by=None) | Q(claimed_by=reader) | Q(claimed_at__lt=since)
    ties = reader.affiliations.exclude(state=Affiliation.State.ENDED)
    waiting = rows.filter(free, state__in=OURS, held_until=None)
    own = Q(organization__in=ties.values("organization")) | Q(person=reader)
    found = waiting.exclude(pk=after.pk).exclude(own)
    return found.select_related("person").order_by("due_on", "pk").first()
