"""What leaves by the clock: scheduled issues, and those of communities that chose so.

Each issue is looked at under its row lock, so any number of clocks may tick at once.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from members.models import User
from newsletter.actions.link_checks import want_link_checks
from newsletter.actions.scheduling import back_to_approved, planned_instant
from newsletter.actions.sending import UNDO, State, check_everything, freeze
from newsletter.checking import find_problems
from newsletter.deliveries import was_taken_back
from newsletter.editor_mail import (
    has_told,
    leaves_key,
    missed_key,
    queue_leaves_by_itself,
    queue_missed,
)
from newsletter.models import NewsletterIssue
from newsletter.recipients import editors_of

logger = logging.getLogger(__name__)
# Later than this after its hour an issue is not sent by itself: news of this morning at midnight
# helps nobody, and whoever restarted the site should see what leaves.
TOO_LATE = timedelta(hours=6)
# Editors hear of it three days before; a clock that stood still has a day to catch up.
NOTICE, GRACE = timedelta(days=3), timedelta(days=1)
# A planned day that went by is spoken of this long.
SPEAKS_FOR = timedelta(days=7)
# A community that sends itself approves by being silent; an approval does no harm.
MAY_LEAVE = (State.DRAFT, State.EDITING, State.TEST_SENT, State.APPROVED)
# Where one language is missing the other one stands: that is no reason to stay.
HAS_A_STAND_IN = {"language"}
# So long before its hour the links are tried once more.
TRIES_LINKS = timedelta(hours=1)
WAS_AWAY = gettext_lazy("The site was not running at that hour, and six hours went by.")
NOT_TOLD = gettext_lazy("Nobody could be told three days before, so it waits for a person.")
Reason = Callable[[], str]


def send_scheduled(*, now: datetime) -> int:
    """Freeze what is due in five minutes; tell editors of what cannot leave. Returns how many
    issues are on their way. Safe to repeat, and to run twice at once."""
    sent = 0
    for issue in _due(now):
        sent += _safely(_leave_on_schedule, issue, now)
    for issue in _sending_themselves(now):
        sent += _safely(_leave_by_itself, issue, now)
    return sent


def _safely(leave: Callable[..., bool], issue: NewsletterIssue, now: datetime) -> bool:
    """One issue's trouble must not stop the others."""
    try:
        with transaction.atomic():
            mine = _lock(issue)
            return mine is not None and leave(mine, now=now)
    except Exception:
        logger.exception("scheduled_issue_failed", extra={"issue": issue.public_id})
        return False


def _lock(issue: NewsletterIssue) -> NewsletterIssue | None:
    """None: another clock has it in hand, or something happened to it meanwhile."""
    rows = NewsletterIssue.objects.select_related("community")
    rows = rows.select_for_update(of=("self",), skip_locked=True)
    return rows.filter(pk=issue.pk, state=issue.state, version=issue.version).first()


def _due(now: datetime) -> list[NewsletterIssue]:
    rows = NewsletterIssue.objects.filter(state=State.SCHEDULED, scheduled_at__lte=now + UNDO)
    return list(rows.order_by("scheduled_at", "pk"))


def _leave_on_schedule(issue: NewsletterIssue, *, now: datetime) -> bool:
    at, key = issue.scheduled_at, missed_key(issue, issue.scheduled_at)
    if at is None or at > now + UNDO:
        return False  # moved to a later hour in the moment before the lock
    if now - at > TOO_LATE:
        back_to_approved(issue, "issue_missed", by=None, reason="too late")
        _tell_missed(issue, key, lambda: str(WAS_AWAY), now=now)
        return False
    confirmed = issue.is_thin_confirmed
    if _try_to_leave(issue, at, states=(State.SCHEDULED,), confirmed=confirmed, now=now):
        return True
    back_to_approved(issue, "issue_missed", by=None, reason="stopped")
    _tell_missed(issue, key, lambda: _obstacle(issue, confirmed=confirmed, now=now), now=now)
    return False


def _try_to_leave(
    issue: NewsletterIssue,
    at: datetime,
    *,
    states: tuple[str, ...],
    confirmed: bool,
    now: datetime,
) -> bool:
    old = issue.state, issue.sent_at
    try:
        with transaction.atomic():
            sent_at = max(at, now + UNDO)
            freeze(issue, states=states, sent_at=sent_at, by=None, now=now, confirmed=confirmed)
    except ActionError:
        issue.state, issue.sent_at = old
        return False
    return True


def _obstacle(issue: NewsletterIssue, *, confirmed: bool, now: datetime) -> str:
    """The first thing in the way, in the active language. Empty: there is nothing."""
    try:
        check_everything(issue, now=now, confirmed=confirmed)
    except ActionError as error:
        return str(error)
    return ""


def _sending_themselves(now: datetime) -> list[NewsletterIssue]:
    """Around their planned day, from the notice before to some days after. One query."""
    today = now.date()
    rows = NewsletterIssue.objects.filter(
        community__newsletter_sends_itself=True,
        state__in=MAY_LEAVE,
        send_on__gte=today - SPEAKS_FOR,
        send_on__lte=today + NOTICE + GRACE,
    )
    return list(rows.select_related("community").order_by("send_on", "pk"))


def _leave_by_itself(issue: NewsletterIssue, *, now: datetime) -> bool:
    if was_taken_back(issue):
        return False  # somebody stopped it with their own hands
    at = planned_instant(issue)
    if now < at - UNDO:
        if at - NOTICE <= now < at - NOTICE + GRACE:
            _tell_leaves(issue, at, now=now)
        if now >= at - TRIES_LINKS:
            want_link_checks(issue=issue, now=now)
        return False
    key = missed_key(issue, at)
    if has_told(key):
        return False
    reason = _why_it_stays(issue, at, now=now)
    leaves = reason is None and _try_to_leave(issue, at, states=MAY_LEAVE, confirmed=False, now=now)
    if not leaves:
        why = reason or (lambda: _obstacle(issue, confirmed=False, now=now))
        _tell_missed(issue, key, why, now=now)
    return leaves


def _why_it_stays(issue: NewsletterIssue, at: datetime, *, now: datetime) -> Reason | None:
    if now - at > TOO_LATE:
        return lambda: str(WAS_AWAY)
    if not has_told(leaves_key(issue, at), arrived=True):
        return lambda: str(NOT_TOLD)
    return None if _is_flawless(issue, now=now) else lambda: _flaws(issue, now=now)


def _is_flawless(issue: NewsletterIssue, *, now: datetime) -> bool:
    return not _flaws(issue, now=now)


def _flaws(issue: NewsletterIssue, *, now: datetime) -> str:
    """What a person should look at before it leaves, in the active language. Empty: nothing."""
    found = [one for one in find_problems(issue, now=now) if one.code not in HAS_A_STAND_IN]
    return found[0].text if found else _obstacle(issue, confirmed=False, now=now)


def _people(issue: NewsletterIssue, now: datetime) -> list[User]:
    # Roles hold by the day, in UTC, as everywhere.
    return list(editors_of(issue.community, on=now.date()))


def _tell_leaves(issue: NewsletterIssue, at: datetime, *, now: datetime) -> None:
    for person in _people(issue, now):
        queue_leaves_by_itself(issue, person, at=at)


def _tell_missed(issue: NewsletterIssue, key: str, reason: Reason, *, now: datetime) -> None:
    """To each editor once, with the reason in their language."""
    said: dict[str, str] = {}
    for person in _people(issue, now):
        if person.language not in said:
            with translation.override(person.language):
                said[person.language] = reason()
        queue_missed(issue, person, key=key, reason=said[person.language])
