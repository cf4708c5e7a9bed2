"""What staff do with mail that has not left: hold, release, stop, move, or decide an unclear one.

Mail is named by `scope` (the community) and `prefix` (how its keys begin: the fact it tells). A
mail that has begun to leave is never touched: each statement asks the state of the row again.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from outbox.models import Delivery, MailBatch, MailHold, Purpose
from outbox.nudge import nudge_sender

State = Delivery.State
HELD, STOPPED, SETTLED = "held by staff", "stopped by staff", "left as it is"
# Why a single mail may be paused; a person lets it go.
RELEASABLE = (HELD, "waits for release", "restored copy")
UNCLAIMED = {"owner": None, "claimed_at": None}


@transaction.atomic
def hold_mail(
    *,
    scope: str,
    prefix: str,
    by: Any,  # noqa: ANN401  a User, further right
    now: datetime,
    later: bool = False,
    about: Model | None = None,
) -> int:
    """Nothing of it leaves until it is released. Returns how many mails wait.

    `later`: also what will be queued under these keys from now on.
    """
    if later:
        _say_hold(scope, prefix, MailHold.Action.HOLD, by=by, now=now)
    sending = _batches(scope, prefix).filter(state=MailBatch.State.SENDING)
    paused = sending.update(state=MailBatch.State.PAUSED, reason=HELD)
    rows = _not_begun(scope, prefix).exclude(state=State.PAUSED)
    single = rows.filter(batch=None).update(state=State.PAUSED, reason=HELD, **UNCLAIMED)
    if not (later or paused or single):
        raise ActionError(_("There is nothing left to hold: it has left, or it is held already."))
    count = _not_begun(scope, prefix).count()
    _record("mail_held", scope, prefix, count, by=by, about=about)
    return count


@transaction.atomic
def release_mail(
    *,
    scope: str,
    prefix: str,
    by: Any,  # noqa: ANN401
    now: datetime,
    about: Model | None = None,
) -> int:
    """Let go what was held, in its turn. Returns how many mails.

    What has run out meanwhile is skipped by the sender, not sent late. An empty `prefix` means
    all mail of this community that was set aside when a copy of the database was adopted.
    """
    holds = MailHold.objects.filter(scope=scope, prefix=prefix).delete()[0] if prefix else 0
    batches = _batches(scope, prefix).filter(state=MailBatch.State.PAUSED)
    resumed = batches.update(state=MailBatch.State.SENDING, reason="", resumed_at=now)
    rows = _not_begun(scope, prefix).filter(state=State.PAUSED, reason__in=RELEASABLE)
    single = rows.update(state=State.QUEUED, reason="")
    if not (holds or resumed or single):
        raise ActionError(_("Nothing of it is held any more. Perhaps a colleague was faster."))
    count = _not_begun(scope, prefix).count() if resumed else single
    _record("mail_released", scope, prefix, count, by=by, about=about)
    nudge_sender()
    return count


@transaction.atomic
def cancel_mail(
    *,
    scope: str,
    prefix: str,
    by: Any,  # noqa: ANN401
    now: datetime,
    later: bool = False,
    about: Model | None = None,
) -> int:
    """Whoever has not got it yet will not get it. Returns how many mails that are.

    `later`: what would be queued under these keys will not leave either; releasing ends that.
    """
    if later:
        _say_hold(scope, prefix, MailHold.Action.CANCEL, by=by, now=now)
    open_states = [MailBatch.State.SENDING, MailBatch.State.PAUSED]
    batches = _batches(scope, prefix).filter(state__in=open_states)
    # The batch first: from then on its mails pass no fence.
    stopped = batches.update(state=MailBatch.State.CANCELLED, reason=STOPPED)
    count = _not_begun(scope, prefix).update(
        state=State.CANCELLED, reason=STOPPED, ended_at=now, **UNCLAIMED
    )
    if not (later or stopped or count):
        raise ActionError(_("It is too late: this mail has left already."))
    _record("mail_cancelled", scope, prefix, count, by=by, about=about)
    return count


@transaction.atomic
def reschedule_mail(
    *,
    scope: str,
    prefix: str,
    due_at: datetime,
    by: Any,  # noqa: ANN401
    now: datetime,
    about: Model | None = None,
) -> int:
    """Another moment for mail that waits. Not for reminders: their moment follows the meeting."""
    rows = _not_begun(scope, prefix).filter(batch=None).exclude(purpose=Purpose.REMINDER)
    rows = rows.filter(state__in=[State.QUEUED, State.PAUSED])
    if due_at < now:
        raise ActionError(_("This moment has gone by. Choose a later one."))
    if rows.filter(expires_at__lte=due_at).exists():
        raise ActionError(_("By then it would be of no use any more. Choose an earlier moment."))
    count = rows.update(due_at=due_at)
    if not count:
        raise ActionError(_("It is too late: this mail has left already."))
    _record("mail_rescheduled", scope, prefix, count, by=by, about=about)
    return count


@transaction.atomic
def resend_uncertain(*, ids: Collection[UUID], scope: str, by: Any, now: datetime) -> int:  # noqa: ANN401
    """Send unclear mails once more, with the same Message-ID. Returns how many."""
    rows = _unclear(ids, scope).filter(Q(expires_at=None) | Q(expires_at__gt=now), purged_at=None)
    again = list(rows.select_for_update())
    if not again:
        raise ActionError(
            _("This cannot be sent again: somebody decided already, or it came to be too late.")
        )
    Delivery.objects.filter(pk__in=[row.pk for row in again]).update(
        state=State.QUEUED,
        reason="possible repeat",
        due_at=now,
        attempts=0,
        ended_at=None,
        started_at=None,
        **UNCLAIMED,
    )
    for row in again:
        audit.record("mail_sent_again", row, by=by, scope=scope)
    nudge_sender()
    return len(again)


@transaction.atomic
def settle_uncertain(*, ids: Collection[UUID], scope: str, by: Any, now: datetime) -> int:  # noqa: ANN401
    """Leave unclear mails as they are: nobody need look at them any more. Returns how many.

    They stay unclear, for that is the truth; only the reason says that a person has seen them.
    """
    rows = list(_unclear(ids, scope).select_for_update())
    if not rows:
        raise ActionError(_("Somebody has decided about this already."))
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(reason=SETTLED)
    for row in rows:
        audit.record("mail_settled", row, by=by, scope=scope)
    return len(rows)


def _unclear(ids: Collection[UUID], scope: str) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(pk__in=ids, scope=scope, state=State.UNCERTAIN)
    return rows.exclude(purpose=Purpose.SECURITY).exclude(reason=SETTLED).order_by("pk")


def _not_begun(scope: str, prefix: str) -> QuerySet[Delivery]:
    """What waits. A mail that a sender has claimed and not begun is still ours to stop."""
    waits = Q(state__in=[State.QUEUED, State.PAUSED])
    claimed = Q(state=State.CLAIMED, started_at__isnull=True)
    rows = Delivery.objects.filter(waits | claimed, scope=scope).exclude(purpose=Purpose.SECURITY)
    if prefix:
        return rows.filter(key__startswith=prefix)
    return rows.filter(state=State.PAUSED, reason="restored copy")


def _batches(scope: str, prefix: str) -> QuerySet[MailBatch]:
    if not prefix:
        return MailBatch.objects.none()
    named = Q(key__startswith=prefix) | Q(key=prefix.removesuffix(":"))
    return MailBatch.objects.filter(named, mailing_list__scope=scope)


def _say_hold(scope: str, prefix: str, action: str, *, by: Any, now: datetime) -> None:  # noqa: ANN401
    if not prefix:
        raise ValueError("a hold needs the beginning of a key")
    MailHold.objects.update_or_create(
        scope=scope, prefix=prefix, defaults={"action": action, "by": by, "at": now}
    )


def _record(
    action: str,
    scope: str,
    prefix: str,
    count: int,
    *,
    by: Any,  # noqa: ANN401
    about: Model | None,
) -> None:
    """In the history of the meeting or issue it tells about, where there is one."""
    if about is None:
        about = MailHold(scope=scope, prefix=prefix)
        about.public_id = (prefix or "restored copy")[:40]
    audit.record(action, about, by=by, scope=scope, reason=str(count))
