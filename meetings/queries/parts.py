"""Who has a part in a meeting."""

from meetings.models import Meeting, MeetingRole
from members.models import User

ASKED = (MeetingRole.State.INVITED, MeetingRole.State.ACCEPTED)


def holds_parts_unanswered(meeting: Meeting) -> dict[User, MeetingRole | None]:
    """People who count on the meeting without an answer of their own: asked for a part, or its
    facilitator (None). Whoever answered hears of it by that."""
    answered = set(meeting.rsvps.involved().values_list("person_id", flat=True))
    roles = meeting.roles.filter(state__in=ASKED, person__is_active=True).select_related("person")
    people: dict[User, MeetingRole | None] = {
        role.person: role
        for role in roles.select_related("meeting__community").order_by("pk")
        if role.person is not None and role.person_id not in answered
    }
    lead = meeting.facilitator
    if lead is not None and lead.is_active and lead.pk not in answered:
        people.setdefault(lead, None)
    return people
