"""The mails of a peer mentorship. None says who ended it, and none shows an address (ME2)."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute, make_token
from members.mailing import queue_community_email
from members.models import MentorshipCheckIn, MentorshipMatch, User
from outbox.models import Purpose

PURPOSE = "check-in"
TEMPLATES = {
    "asked": "members/email/mentor_asked",
    "began": "members/email/mentorship_began",
    "declined": "members/email/mentor_declined",
    "ended": "members/email/mentorship_ended",
}
CHECK_IN = "members/email/mentorship_check_in"
WHY = _("You get this because you take part in the peer mentorship of this community.")


def match_context(match: MentorshipMatch, person: User) -> dict[str, Any]:
    is_mentor = person.pk == match.mentor_id
    return {
        "match": match,
        "other": match.mentee if is_mentor else match.mentor,
        "is_mentor": is_mentor,
        "topics": match.request.topics,
        "url": absolute(reverse("members:mentorship", args=[match.community.slug])),
    }


def queue_match_email(kind: str, match: MentorshipMatch, person: User) -> None:
    """`kind`: a key of TEMPLATES. Once for each match and person."""
    queue_community_email(
        community=match.community,
        person=person,
        key=f"mentorship:{match.public_id}:{kind}:{person.pk}",
        kind=TEMPLATES[kind].rpartition("/")[2],
        purpose=Purpose.TRANSACTIONAL,
        template=TEMPLATES[kind],
        why=WHY,
        context=match_context(match, person),
    )


def check_in_context(check_in: MentorshipCheckIn) -> dict[str, Any]:
    token = make_token(
        PURPOSE, [check_in.match.public_id, check_in.person.public_id, check_in.kind]
    )
    return {
        **match_context(check_in.match, check_in.person),
        "check_in": check_in,
        "url": absolute(reverse("members:check_in", args=[token])),
    }


def queue_check_in(check_in: MentorshipCheckIn) -> None:
    match = check_in.match
    queue_community_email(
        community=match.community,
        person=check_in.person,
        key=f"mentorship:{match.public_id}:{check_in.kind}:{check_in.person_id}",
        kind="mentorship_check_in",
        purpose=Purpose.TRANSACTIONAL,
        template=CHECK_IN,
        why=WHY,
        context=check_in_context(check_in),
        looks_first=True,
    )
