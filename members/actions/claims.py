"""Who has taken an application on, and what is laid aside until a day."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from cop.core.time import say_clock, say_date
from members.actions.decisions import check_may_decide
from members.actions.memberships import local_day
from members.models import MembershipApplication, User

# After a day of silence somebody else may take it on.
CLAIM_LASTS = timedelta(hours=24)
LONGEST_HOLD = timedelta(days=60)


def taken_by(application: MembershipApplication, now: datetime) -> User | None:
    """Who looks after it now; nobody once a claim is a day old."""
    fresh = application.claimed_at is not None and application.claimed_at >= now - CLAIM_LASTS
    return application.claimed_by if fresh and application.is_open else None


def is_laid_aside(application: MembershipApplication, now: datetime) -> bool:
    until = application.held_until
    return until is not None and until > local_day(application.community, now)


@transaction.atomic
def claim_application(*, application: MembershipApplication, by: User, now: datetime) -> None:
    """Take it on. Raises ActionError with the name of whoever was faster."""
    check_may_decide(application, by)
    free = Q(claimed_by=None) | Q(claimed_by=by) | Q(claimed_at__lt=now - CLAIM_LASTS)
    rows = MembershipApplication.objects.filter(
        free, pk=application.pk, state__in=MembershipApplication.OPEN_STATES
    )
    if not rows.update(claimed_by=by, claimed_at=now):
        current = MembershipApplication.objects.select_related("claimed_by").get(pk=application.pk)
        if not current.is_open or current.claimed_by is None:
            raise ActionError(_("This application is closed already. Look at its state below."))
        raise ActionError(
            _(
                "%(who)s took this on, on %(day)s at %(time)s. You can decide all the same; talk "
                "first."
            )
            % {
                "who": current.claimed_by,
                "day": say_date(current.claimed_at, by.timezone),
                "time": say_clock(current.claimed_at.astimezone(ZoneInfo(by.timezone))),
            }
        )
    _record("application_claimed", application, by=by)


@transaction.atomic
def release_application(*, application: MembershipApplication, by: User, now: datetime) -> None:
    """Give it back to the queue."""
    mine = MembershipApplication.objects.filter(pk=application.pk, claimed_by=by)
    if mine.update(claimed_by=None, claimed_at=None):
        _record("application_released", application, by=by)


@transaction.atomic
def hold_application(
    *, application: MembershipApplication, by: User, until: date, reason: str, now: datetime
) -> None:
    """Lay it aside until a day, with a reason for the colleagues. Its first answer waits as long.

    Raises ActionError for a day in the past, or more than 60 days away.
    """
    check_may_decide(application, by)
    today = local_day(application.community, now)
    if not today < until <= today + LONGEST_HOLD:
        raise ActionError(_("Choose a day from tomorrow on, at most sixty days from now."))
    if not reason.strip():
        raise ActionError(_("Say what you wait for: a colleague may look after it."))
    rows = MembershipApplication.objects.filter(
        pk=application.pk, state__in=MembershipApplication.OPEN_STATES
    )
    if not rows.update(held_until=until, hold_reason=reason.strip()[:200]):
        raise ActionError(_("This application is closed already. Look at its state below."))
    _record("application_held", application, by=by)


@transaction.atomic
def resume_application(*, application: MembershipApplication, by: User, now: datetime) -> None:
    check_may_decide(application, by)
    held = MembershipApplication.objects.filter(pk=application.pk, held_until__isnull=False)
    if held.update(held_until=None, hold_reason=""):
        _record("application_resumed", application, by=by)


def _record(action: str, row: MembershipApplication, *, by: User) -> None:
    audit.record(action, row, by=by, scope=row.community.public_id)
