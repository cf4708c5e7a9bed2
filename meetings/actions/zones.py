"""When governments change their clocks: the wall time is the promise, so the instant moves (TZ4).

An update of the `tzdata` package shifts what 10:00 in a place is in UTC. Every tick compares;
normally nothing differs, and that costs one query.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

import tzdata
from django.db import transaction
from django.db.models import Case, Value, When

from cop.core.audit import record
from cop.core.models import AuditEvent
from cop.core.time import python_zone_data_is_current
from meetings import emails
from meetings.actions.seats import lock_meeting
from meetings.models import Meeting, Rsvp
from members.models import User
from outbox.actions import Outgoing, cancel_deliveries, queue_emails
from outbox.models import Delivery

logger = logging.getLogger(__name__)
ACTION = "meeting_clock_corrected"
HELD = "waits for release"
OPEN = (Meeting.State.DRAFT, Meeting.State.SCHEDULED)
# Further than any two clocks are apart, and any meeting lasts: what is older is certainly over.
SURELY_OVER = timedelta(days=3)
FIELDS = ("pk", "local_date", "local_time", "timezone", "duration", "starts_at", "ends_at")


@dataclass(frozen=True)
class Correction:
    """One meeting whose instant no longer matched its wall time. `letters` wait for a release."""

    meeting: Meeting
    old: datetime
    new: datetime
    letters: int = 0


def zone_data_version() -> str:
    """Such as 2026f: the year and a letter, so that they compare as words."""
    return tzdata.IANA_VERSION


def recheck_timezones(*, now: datetime, by: User | None = None) -> list[Correction]:
    """Put the instants of all coming meetings right, by wall time, zone and today's zone data.

    Nobody's answer changes: the meeting is when it was announced. One mail with the corrected
    calendar entry is left for each person who comes or waits, held for a coordinator's release.
    """
    wrong = find_shifted(now=now)
    if wrong and (not python_zone_data_is_current() or newer_zone_data()):
        logger.error("zone_data_is_old", extra={"version": zone_data_version()})
        return []
    found = [_correct(one.meeting, by=by, now=now) for one in wrong]
    return [one for one in found if one is not None]


def find_shifted(*, now: datetime) -> list[Correction]:
    """What `recheck_timezones` would put right."""
    shifted = list(_shifted(now))
    known = Meeting.objects.select_related("community").in_bulk([pk for pk, _start in shifted])
    return [Correction(known[pk], known[pk].starts_at, start) for pk, start in shifted]


def newer_zone_data() -> str:
    """The version that has corrected meetings here, where it is newer than ours.

    While a site on several computers is being updated, an old one must not put them back.
    """
    newer = AuditEvent.objects.filter(action=ACTION, reason__gt=zone_data_version())
    return newer.order_by("-reason").values_list("reason", flat=True).first() or ""


def _shifted(now: datetime) -> Iterator[tuple[int, datetime]]:
    rows = Meeting.objects.filter(state__in=OPEN, local_date__gte=(now - SURELY_OVER).date())
    for row in rows.only(*FIELDS).order_by("starts_at", "pk"):
        old_start, old_end = row.starts_at, row.ends_at
        try:
            row.derive_instants()
        except ZoneInfoNotFoundError:
            logger.exception("zone_is_unknown", extra={"meeting": row.pk})
            continue
        moved = (row.starts_at, row.ends_at) != (old_start, old_end)
        # What is over by either clock has taken place, and stays as it was.
        if moved and max(row.ends_at, old_end) > now:
            yield row.pk, row.starts_at


@transaction.atomic
def _correct(meeting: Meeting, *, by: User | None, now: datetime) -> Correction | None:
    """None where somebody else was faster."""
    row = lock_meeting(meeting)
    old_start, old_end = row.starts_at, row.ends_at
    row.derive_instants()
    if row.state not in OPEN or (row.starts_at, row.ends_at) == (old_start, old_end):
        return None
    row.updated_at = max(now, row.updated_at)
    values = {name: getattr(row, name) for name in ("starts_at", "ends_at", "updated_at")}
    is_public = row.state == Meeting.State.SCHEDULED
    if is_public:
        row.sequence, row.sequence_at = row.sequence + 1, now
        values |= {"sequence": row.sequence, "sequence_at": now}
    Meeting.objects.filter(pk=row.pk).update(**values)
    record(
        ACTION, row, by=by, scope=row.community.public_id, reason=zone_data_version(),
        old=f"{old_start:%Y-%m-%dT%H:%MZ}", new=f"{row.starts_at:%Y-%m-%dT%H:%MZ}",
    )  # fmt: skip
    letters = _leave_letters(row, now) if is_public else 0
    return Correction(row, old_start, row.starts_at, letters)


def _leave_letters(meeting: Meeting, now: datetime) -> int:
    """One mail each. It takes the place of a change that had not left yet, and tells that too."""
    changed = f"changed:{meeting.public_id}:"
    untold = Delivery.objects.waiting().filter(key__startswith=changed, kind="changed")
    paused = Case(When(state=Delivery.State.PAUSED, then="reason"), default=Value(""))
    reasons = dict(untold.values_list("person_id", paused))
    for prefix in (changed, f"reminder:{meeting.public_id}:"):
        cancel_deliveries(prefix=prefix, reason="meeting changed", now=now)
    if meeting.starts_at <= now:
        return 0
    people = meeting.rsvps.involved().still_admitted().select_related("person__meeting_choices")
    mails = [_letter(meeting, rsvp, reasons, now) for rsvp in people.order_by("pk")]
    return queue_emails(mails, now=now)


def _letter(meeting: Meeting, rsvp: Rsvp, reasons: dict[int, str], now: datetime) -> Outgoing:
    key = f"changed:{meeting.public_id}:{rsvp.person_id}:{meeting.sequence}"
    if rsvp.person_id in reasons:
        # A real change, which must not wait for us: only for what it waited for before.
        letter, held = emails.changed(rsvp, meeting), reasons[rsvp.person_id]
    else:
        letter, held = emails.changed_clock(rsvp, meeting), HELD
    return letter.outgoing(key, due_at=now, expires_at=meeting.starts_at, held=held)
