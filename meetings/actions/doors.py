"""The join address got into the wrong hands: a new one, and the old ways in are dead (MT8)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from meetings import emails
from meetings.actions.seats import lock_meeting
from meetings.actions.states import note_state, set_values
from meetings.models import Meeting, Rsvp
from members.models import User
from outbox.actions import cancel_deliveries, queue_emails


@transaction.atomic
def replace_door(
    *, meeting: Meeting, join_url: str, dial_in: str = "", by: User, now: datetime
) -> Meeting:
    """Every personal join link of before leads nowhere; who comes gets a new one by mail."""
    row = lock_meeting(meeting)
    if row.state != Meeting.State.SCHEDULED or row.ends_at <= now or not row.is_online:
        raise ActionError(
            _("Only an online meeting that is announced and not over has a link to replace.")
        )
    if not join_url or join_url == row.join_url:
        raise ActionError(_("This is the link that got out. Make a new one at the video service."))
    if row.dial_in and dial_in == row.dial_in:
        raise ActionError(
            _("This dial-in code got out too. Make a new one, or leave the field empty.")
        )
    told = row.change_before
    if told:
        # A mail about other changes, should one be waiting, need not tell of the link again.
        told["facts"] |= {"join_url": join_url, "dial_in": dial_in}
    set_values(
        row, now, join_url=join_url, dial_in=dial_in, door_version=row.door_version + 1,
        sequence=row.sequence + 1, sequence_at=now, change_before=told,
    )  # fmt: skip
    _tell(row, now)
    # Never the address itself: the history outlives it.
    note_state("meeting_link_replaced", row, by=by, old=row.state)
    return row


def _tell(row: Meeting, now: datetime) -> None:
    for kind in ("reminder", "link_replaced"):
        cancel_deliveries(prefix=f"{kind}:{row.public_id}:", reason="meeting changed", now=now)
    coming = row.rsvps.filter(state__in=Rsvp.COMING).still_admitted()
    mails = []
    for rsvp in coming.select_related("person__meeting_choices").order_by("pk"):
        key = f"link_replaced:{row.public_id}:{rsvp.person_id}:{row.sequence}"
        letter = emails.link_replaced(rsvp, row)
        mails.append(letter.outgoing(key, due_at=now, expires_at=row.ends_at))
    queue_emails(mails, now=now)
