"""To the proposer of a topic, privately: opened, joined, put aside, or it has a meeting."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from cop.core.mail import Email
from meetings.models import Meeting, TopicProposal
from members.mailing import community_email, queue_community_email
from outbox.models import Purpose

WHY = _("You get this because you proposed this topic.")
TEMPLATE = "meetings/email/topic_news"
LIVES = timedelta(days=14)


def tell_proposer(topic: TopicProposal, *, now: datetime, meeting: Meeting | None = None) -> None:
    """Once for each step on its way."""
    person = topic.proposed_by
    if person is None or not person.is_active:
        return
    step = meeting.public_id if meeting else f"{topic.state}:{now:%Y%m%d}"
    queue_community_email(
        community=topic.community,
        person=person,
        key=f"topic_news:{topic.public_id}:{step}",
        kind="topic_news",
        purpose=Purpose.TRANSACTIONAL,
        template=TEMPLATE,
        why=WHY,
        context=_context(topic, meeting),
        due_at=now,
        expires_at=now + LIVES,
    )


def _context(topic: TopicProposal, meeting: Meeting | None) -> dict[str, object]:
    return {
        "topic": topic,
        "meeting": meeting,
        "topic_url": absolute(topic.get_absolute_url()),
    }


def sample(topic: TopicProposal, meeting: Meeting | None, person: object) -> Email:
    return community_email(
        community=topic.community,
        person=person,
        template=TEMPLATE,
        why=WHY,
        context=_context(topic, meeting),
    )
