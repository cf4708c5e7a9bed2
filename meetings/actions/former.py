"""Seats of people whose membership has ended or is on hold go to those who wait."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from cop.core.errors import ActionError
from meetings.actions.rsvp import answer_rsvp
from meetings.models import Meeting, Rsvp
from members.models import Membership, RoleGrant
from members.models.communities import current_grant


def free_seats_of_former(*, now: datetime) -> int:
    """Give back what nobody may sit on any more. Returns how many. Safe to repeat.

    The membership knows nothing of meetings, so this looks from here, each minute.
    """
    community = OuterRef("meeting__community")
    belongs = Membership.objects.filter(
        community=community, person=OuterRef("person"), state__in=Membership.CURRENT_STATES
    )
    works = RoleGrant.objects.filter(
        current_grant(on=now.date()), community=community, person=OuterRef("person")
    )
    held = Rsvp.objects.filter(
        ~Exists(belongs),
        ~Exists(works),
        state__in=[Rsvp.State.GOING, Rsvp.State.WAITLISTED, Rsvp.State.NEEDS_CONFIRMATION],
        meeting__state=Meeting.State.SCHEDULED,
        meeting__starts_at__gt=now,
    ).exclude(meeting__audience="public")
    rows = held.select_related("meeting__community", "person").order_by("meeting__starts_at", "pk")
    return sum(_give_back(row, now) for row in rows)


def _give_back(row: Rsvp, now: datetime) -> bool:
    # Guests and administrators may well sit there.
    if Meeting.objects.visible_to(row.person).filter(pk=row.meeting_id).exists():
        return False
    try:
        answer_rsvp(meeting=row.meeting, person=row.person, answer=Rsvp.State.NOT_GOING, now=now)
    except ActionError:
        return False
    return True
