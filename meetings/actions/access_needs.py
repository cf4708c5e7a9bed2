"""What somebody needs to take part: for the facilitator and the coordinators, and not for long."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from meetings.actions.seats import lock_meeting
from meetings.models import Meeting, Rsvp
from members.models import User

LONGEST = Rsvp._meta.get_field("access_need").max_length or 0
KEPT_AFTER = timedelta(days=30)


@transaction.atomic
def say_access_need(*, meeting: Meeting, person: User, need: str, now: datetime) -> Rsvp:
    """Write down, change or (empty) take back what a person who comes needs.

    No mail, no history: nobody but those who prepare the meeting is to read it anywhere.
    """
    need = " ".join(need.split())
    if len(need) > LONGEST:
        raise ActionError(
            _("Please use at most %(n)d signs. You can tell us more by mail.") % {"n": LONGEST}
        )
    fresh = lock_meeting(meeting)
    if fresh.state != Meeting.State.SCHEDULED or fresh.ends_at <= now:
        raise ActionError(
            _("This meeting is over or off, so nobody could prepare for it any more.")
        )
    rsvp = fresh.rsvps.select_for_update().filter(person=person, state__in=Rsvp.INVOLVED).first()
    if rsvp is None:
        raise ActionError(_("Say that you are coming first, then tell us what you need."))
    if rsvp.access_need != need:
        rsvp.access_need = need
        rsvp.save(update_fields=["access_need"])
    return rsvp


def keep_access_needs(*, now: datetime) -> int:
    """Wipe them a month after the meeting; returns how many."""
    old = Rsvp.objects.exclude(access_need="").filter(meeting__ends_at__lte=now - KEPT_AFTER)
    return old.update(access_need="")
