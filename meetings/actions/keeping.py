"""The look at all meetings, each minute. May come late, or twice at once: it changes nothing."""

from collections.abc import Callable
from datetime import datetime

import structlog

from meetings.actions.access_needs import keep_access_needs
from meetings.actions.attendance_imports import keep_attendance_imports
from meetings.actions.ballot_clock import keep_ballots
from meetings.actions.following_up import keep_follow_ups
from meetings.actions.former import free_seats_of_former
from meetings.actions.held import keep_held
from meetings.actions.invitations import keep_invitations
from meetings.actions.nudges import keep_nudges
from meetings.actions.reminders import queue_reminders
from meetings.actions.thanks import keep_thanks
from meetings.actions.topics import keep_topics
from meetings.actions.zones import recheck_timezones

log = structlog.get_logger(__name__)
# In this order. First the times themselves: after an update of the zone data nobody is reminded
# an hour off, and nobody needs to think of it.
PARTS: tuple[Callable[..., object], ...] = (
    recheck_timezones,
    free_seats_of_former,
    queue_reminders,
    keep_invitations,
    keep_nudges,
    keep_held,
    keep_topics,
    keep_thanks,
    keep_attendance_imports,
    keep_follow_ups,
    keep_access_needs,
    keep_ballots,
)


def keep_meetings(*, now: datetime) -> None:
    """All parts, each for itself: one that fails does not keep the others from their minute.

    Raises RuntimeError with the names of those that failed, when all have had their turn.
    """
    failed = [part.__name__ for part in PARTS if not _ran(part, now)]
    if failed:
        raise RuntimeError(f"not kept: {', '.join(failed)}")


def _ran(part: Callable[..., object], now: datetime) -> bool:
    try:
        part(now=now)
    except Exception:
        log.exception("meetings_not_kept", part=part.__name__)
        return False
    return True
