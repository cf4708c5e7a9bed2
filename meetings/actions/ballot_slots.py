"""The chosen topics go to the next open slots (TP4)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings.actions.ballots import lock_ballot
from meetings.emails import topics as emails
from meetings.models import Ballot, Meeting, TopicProposal
from meetings.queries.ballot_slots import open_slots, waiting_options
from members.models import User

Topic = TopicProposal.State


@transaction.atomic
def attach_topics(*, ballot: Ballot, slots: Mapping[int, int], by: User, now: datetime) -> int:
    """`slots`: option -> meeting. Returns how many topics have a meeting now.

    A topic that got one meanwhile is left alone, so a double click is harmless.
    """
    locked = lock_ballot(ballot)
    if locked.state != Ballot.State.PUBLISHED:
        raise ActionError(_("Publish the result first."))
    if len(set(slots.values())) != len(slots):
        raise ActionError(_("One meeting, one topic: a meeting is chosen twice."))
    waiting = {option.pk: option for option in waiting_options(locked)}
    wanted = {option: meeting for option, meeting in slots.items() if option in waiting}
    free = {meeting.pk: meeting for meeting in open_slots(locked, now)}
    if not set(wanted.values()) <= set(free):
        raise ActionError(_("A meeting is not free any more. Look at the list and try again."))
    for option, meeting in wanted.items():
        _attach(waiting[option].topic, free[meeting], by=by)
        # Privately: nobody else learns whose topic it was.
        emails.tell_proposer(waiting[option].topic, now=now, meeting=free[meeting])
    return len(wanted)


def _attach(topic: TopicProposal, meeting: Meeting, *, by: User) -> None:
    """The condition again in the statement: nobody overwrites a topic of a moment ago."""
    rows = Meeting.objects.filter(pk=meeting.pk, state=Meeting.State.DRAFT, topic=None)
    if not rows.update(topic=topic):
        raise ActionError(_("A meeting is not free any more. Look at the list and try again."))
    TopicProposal.objects.filter(pk=topic.pk, state=Topic.SHORTLISTED).update(state=Topic.SCHEDULED)
    record("topic_scheduled", topic, by=by, scope=meeting.community.public_id,
           old=Topic.SHORTLISTED, new=meeting.public_id)  # fmt: skip
