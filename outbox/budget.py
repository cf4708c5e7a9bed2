"""EM1: of the mails that tell rather than answer, at most 2 in any 7 days and 6 in any 30."""

from datetime import datetime, timedelta

from outbox.models import Delivery, Subscription

WEEK, WEEK_LIMIT = timedelta(days=7), 2
MONTH, MONTH_LIMIT = timedelta(days=30), 6
# Who goes first where there is room for one. The number is the delivery's priority.
RANK = {
    "weekly_digest": 30,
    "ballot_last_day": 30,
    "invitation": 31,
    "ballot_open": 31,
    "endorsement_open": 31,
    "newsletter": 32,
    "survey_invite": 33,
    "renewal_confirm": 33,
    "nudge": 34,
}
# These two do not step back for a digest that waits.
URGENT = ("weekly_digest", "ballot_last_day")
COUNTED = (Delivery.State.SENT, Delivery.State.UNCERTAIN)

# Is there room for `d`, a row of outbox_delivery, at {now}? Asked under a lock of the person.
# The last clause keeps a place for the digest, once something waits there for this person.
ROOM = """
(SELECT count(*) FILTER (WHERE x.ended_at > {week} OR x.state = 'claimed') < 2 AND count(*) < 6
 FROM outbox_delivery x
 WHERE x.person_id = d.person_id AND x.budgeted AND x.id <> d.id
   AND ((x.state IN ('sent', 'uncertain') AND x.ended_at > {month})
        OR (x.state = 'claimed' AND x.started_at IS NOT NULL)))
AND (d.kind IN ('weekly_digest', 'ballot_last_day') OR NOT EXISTS (
  SELECT FROM outbox_delivery h
  WHERE h.person_id = d.person_id AND h.scope = d.scope AND h.budgeted
    AND h.state = 'skipped' AND h.reason = 'moved to the digest'
    AND h.ended_at > {now} - interval '8 days'
    AND NOT EXISTS (
      SELECT FROM outbox_delivery g
      WHERE g.person_id = d.person_id AND g.scope = d.scope AND g.budgeted
        AND g.kind = 'weekly_digest' AND g.created_at > h.ended_at
        AND g.state NOT IN ('skipped', 'cancelled', 'failed'))))
"""


def takes_digest(delivery: Delivery, *, now: datetime) -> bool:
    """Would what we hold back find its way into this person's weekly digest?"""
    rows = Subscription.objects.in_force(now)
    return rows.filter(
        person=delivery.person_id,
        mailing_list__scope=delivery.scope,
        mailing_list__kind="weekly_digest",
    ).exists()


def room_from(delivery: Delivery, *, now: datetime) -> datetime:
    """When the next place is free, at the earliest."""
    ended = list(
        Delivery.objects.filter(
            person=delivery.person_id, budgeted=True, state__in=COUNTED, ended_at__gt=now - MONTH
        )
        .order_by("-ended_at")
        .values_list("ended_at", flat=True)[:MONTH_LIMIT]
    )
    waits = [now + timedelta(minutes=10)]
    if len(ended) >= WEEK_LIMIT:
        waits.append(ended[WEEK_LIMIT - 1] + WEEK)
    if len(ended) >= MONTH_LIMIT:
        waits.append(ended[MONTH_LIMIT - 1] + MONTH)
    return max(waits)
