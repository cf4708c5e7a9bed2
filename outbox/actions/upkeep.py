"""The hourly look: what is kept no longer, and whether all the counts still add up."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, F, Q, QuerySet

from outbox.models import Delivery, MailAlarm, MailBatch, MailHold

State = Delivery.State
# Address and content go 90 days after the end, the row itself after 13 months.
CONTENT_DAYS, ROW_DAYS = 90, 396
# A word about mail yet to come concerns the coming week.
HOLD_DAYS = 60
AT_ONCE = 5000
# What a person has looked at and left as it is.
SETTLED = "left as it is"
# The alarms that this look raises and clears; others belong to whoever raised them.
PREFIXES = ("count:", "held:", "late", "paused:", "unclear:")
WAITS_TOO_LONG = timedelta(minutes=30)
PURGE = """
WITH old AS (
  SELECT id FROM outbox_delivery
  WHERE purged_at IS NULL AND ended_at < %(before)s
  ORDER BY ended_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
UPDATE outbox_delivery d
SET purged_at = %(now)s, address = '', subject = '', text = '', html = '', calendar = '',
    reply_to = '', last_answer = '', digest_title = '', digest_path = ''
FROM old WHERE d.id = old.id
"""
FORGET = """
WITH old AS (
  SELECT id FROM outbox_delivery
  WHERE ended_at < %(before)s AND purged_at IS NOT NULL
  ORDER BY ended_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
DELETE FROM outbox_delivery d USING old WHERE d.id = old.id
"""


def purge_old_mail(*, now: datetime) -> int:
    """Wipe what is 90 days past its end; drop rows after 13 months. At most 5,000 each a run."""
    with connection.cursor() as cursor:
        cursor.execute(
            PURGE, {"now": now, "before": now - timedelta(days=CONTENT_DAYS), "limit": AT_ONCE}
        )
        wiped = cursor.rowcount
        cursor.execute(FORGET, {"before": now - timedelta(days=ROW_DAYS), "limit": AT_ONCE})
    MailHold.objects.filter(at__lt=now - timedelta(days=HOLD_DAYS)).delete()
    old = MailBatch.objects.filter(frozen_at__lt=now - timedelta(days=CONTENT_DAYS + 7))
    old.exclude(contents={}).filter(~Q(deliveries__ended_at=None)).update(contents={})
    return wiped


def reconcile_mail(*, now: datetime) -> list[str]:
    """Compare what must hold with what is; returns the names of all alarms in force.

    An alarm stays until a later look finds the matter mended.
    """
    found = {
        alarm.name: alarm for alarm in [*_batches(now), *_waiting(now), *_unclear(now), *_held(now)]
    }
    ours = Q()
    for prefix in PREFIXES:
        ours |= Q(name__startswith=prefix)
    MailAlarm.objects.filter(ours).exclude(name__in=found).delete()
    MailAlarm.objects.bulk_create(
        found.values(),
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["detail", "scope"],
    )
    return sorted(found)


def _batches(now: datetime) -> list[MailAlarm]:
    """Paused ones, and those whose rows are not as many as were frozen."""
    recent = MailBatch.objects.filter(frozen_at__gt=now - timedelta(days=CONTENT_DAYS))
    counted = recent.select_related("mailing_list").annotate(rows=Count("deliveries"))
    wrong = counted.exclude(rows=F("recipients"))
    paused = recent.select_related("mailing_list").filter(state=MailBatch.State.PAUSED)
    return [
        *(
            _alarm(f"count:{batch.key}", batch.mailing_list.scope, f"{batch.rows}", now)
            for batch in wrong
        ),
        *(
            _alarm(f"paused:{batch.key}", batch.mailing_list.scope, batch.reason, now)
            for batch in paused
        ),
    ]


def _waiting(now: datetime) -> list[MailAlarm]:
    late = Delivery.objects.due(now - WAITS_TOO_LONG)
    late = late.filter(Q(batch=None) | Q(batch__state=MailBatch.State.SENDING))
    count = late.count()
    return [_alarm("late", "", str(count), now)] if count else []


def _unclear(now: datetime) -> list[MailAlarm]:
    rows = Delivery.objects.filter(state=State.UNCERTAIN, purged_at__isnull=True)
    rows = rows.exclude(reason=SETTLED)
    return _by_scope("unclear", rows, now)


def _held(now: datetime) -> list[MailAlarm]:
    """Mail that the site itself held back for a person to release."""
    rows = Delivery.objects.filter(state=State.PAUSED, reason="waits for release")
    by_scope = rows.values("scope").annotate(count=Count("pk")).order_by("scope")
    return [
        _alarm(f"held:{row['scope']}", row["scope"], str(row["count"]), now) for row in by_scope
    ]


def _by_scope(name: str, rows: QuerySet[Delivery], now: datetime) -> list[MailAlarm]:
    counts = rows.values("scope").annotate(count=Count("pk")).order_by("scope")
    return [
        _alarm(f"{name}:{row['scope']}", row["scope"], str(row["count"]), now) for row in counts
    ]


def _alarm(name: str, scope: str, detail: str, now: datetime) -> MailAlarm:
    return MailAlarm(name=name[:80], scope=scope, detail=detail[:200], since=now)
