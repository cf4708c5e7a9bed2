"""The look at everything that has a date. May run at any hour, late, or twice at once."""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import connection

from members.actions.affiliations import keep_affiliations
from members.actions.appeal_force import keep_appeals
from members.actions.communities import keep_communities
from members.actions.confirmations import keep_confirmations
from members.actions.evidence_dates import keep_evidence
from members.actions.grace import keep_grace
from members.actions.kept_files import drop_old_files
from members.actions.memberships import keep_suspensions
from members.actions.mentorship import keep_mentorships
from members.actions.papers import keep_papers
from members.actions.roles import keep_roles
from members.actions.waiting import keep_applications

log = structlog.get_logger(__name__)
# In this order: what evidence says first, then what rests on it.
PARTS: tuple[Callable[..., object], ...] = (
    keep_evidence,
    keep_affiliations,
    keep_applications,
    keep_appeals,
    keep_suspensions,
    keep_grace,
    keep_confirmations,
    keep_mentorships,
    keep_roles,
    keep_communities,
    keep_papers,
    drop_old_files,
)
LOCK = 0x4B656570


def keep_standing(*, now: datetime) -> None:
    """All parts, each for itself: one that fails does not keep the others from their day.

    Two at once would do the same twice, and the second one waits for nothing: it goes home.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return
    try:
        failed = [part for part in PARTS if not _ran(part, now)]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    if failed:
        names = ", ".join(part.__name__ for part in failed)
        raise RuntimeError(f"not kept: {names}")


def _ran(part: Callable[..., object], now: datetime) -> bool:
    try:
        part(now=now)
    except Exception:
        log.exception("standing_not_kept", part=part.__name__)
        return False
    return True
