"""What comes after a meeting by itself: the materials that were asked for, and thirty days later
the question what happened."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings.emails import after as emails
from meetings.models import Meeting, MeetingRole, Part, Rsvp
from members.models import Community

MONTH = timedelta(days=30)
# After an outage: who was not asked within this time is not asked any more.
STILL_ASKED = timedelta(days=14)
DONE = (Meeting.State.HELD, Meeting.State.WRAPPED)
SILENT = (Community.Status.PAUSED, Community.Status.ARCHIVED)
LONGEST = 4_000


def keep_follow_ups(*, now: datetime) -> None:
    """Both are computed from the rows and unique by key: a doubled run changes nothing."""
    _ask_holders(now)
    _send_materials(now)


def _ask_holders(now: datetime) -> None:
    due = MeetingRole.objects.filter(
        part=Part.ISSUE_HOLDER, is_backup=False, state__in=MeetingRole.IN_FORCE, outcome_at=None,
        person__is_active=True, meeting__state__in=DONE, meeting__ends_at__lte=now - MONTH,
        meeting__ends_at__gt=now - MONTH - STILL_ASKED,
    ).exclude(meeting__community__status__in=SILENT)  # fmt: skip
    for role in due.select_related("meeting__community", "person").order_by("pk"):
        emails.what_happened(role, now=now)


def _send_materials(now: datetime) -> None:
    """To those who could not come and asked, once there is something: when it is wrapped up."""
    wrapped = Meeting.objects.filter(
        state=Meeting.State.WRAPPED, wrapped_at__gt=now - STILL_ASKED, wrapped_at__lte=now
    ).exclude(community__status__in=SILENT)
    asked = Rsvp.objects.filter(state=Rsvp.State.SEND_MATERIALS, meeting__in=wrapped)
    rows = asked.still_admitted().select_related("meeting__community", "person").order_by("pk")
    emails.materials([row for row in rows], now=now)


@transaction.atomic
def tell_outcome(*, role: MeetingRole, text: str, may_be_shared: bool, now: datetime) -> None:
    """The holder's own words, thirty days later. They can be changed as long as the link lives."""
    text = text.strip()
    if not text:
        raise ActionError(_("Write a sentence or two; one is enough."))
    if len(text) > LONGEST:
        raise ActionError(
            _("This is longer than %(most)s signs. Keep what matters most.") % {"most": LONGEST}
        )
    values = {"outcome": text, "outcome_may_be_shared": may_be_shared, "outcome_at": now}
    MeetingRole.objects.filter(pk=role.pk).update(**values)
    meeting = role.meeting
    record("meeting_outcome_told", meeting, by=role.person, scope=meeting.community.public_id)
