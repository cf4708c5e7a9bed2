from datetime import datetime
from typing import Any

from django.db.models import Max, Min

from outbox.addresses import address_hash
from outbox.models import Delivery, Heartbeat, Subscription, Suppression


def _age(now: datetime, moment: datetime | None) -> float | None:
    return round((now - moment).total_seconds(), 1) if moment else None


def mail_ages(*, now: datetime) -> dict[str, float | int | None]:
    """Seconds since: the oldest mail that should have left, the last tick, the last mail sent."""
    oldest = Delivery.objects.due(now).aggregate(first=Min("due_at"))["first"]
    tick = Heartbeat.objects.filter(name="send").values_list("at", flat=True).first()
    # Of the last ninety days: these have an index, the million before them has none.
    kept = Delivery.objects.filter(purged_at__isnull=True, ended_at__isnull=False)
    sent = kept.filter(state=Delivery.State.SENT).aggregate(last=Max("ended_at"))
    unclear = Delivery.objects.filter(state=Delivery.State.UNCERTAIN, purged_at__isnull=True)
    uncertain = unclear.exclude(reason="left as it is").count()
    return {
        "oldest_due_s": _age(now, oldest),
        "last_tick_s": _age(now, tick),
        "last_sent_s": _age(now, sent["last"]),
        "uncertain": uncertain,
    }


def chosen_lists(person: Any) -> dict[str, set[str]]:  # noqa: ANN401  a User, further right
    """Which kinds of mail a person takes: the community's public id -> kinds."""
    chosen: dict[str, set[str]] = {}
    rows = Subscription.objects.filter(person=person, state=Subscription.State.SUBSCRIBED)
    for scope, kind in rows.values_list("mailing_list__scope", "mailing_list__kind"):
        chosen.setdefault(scope, set()).add(kind)
    return chosen


def returned_mail(person: Any) -> Suppression | None:  # noqa: ANN401
    """Why we write to this person no more: mail came back from the address they have now."""
    return Suppression.objects.filter(
        address_hash=address_hash(person.email),
        scope="all",
        cause=Suppression.Cause.BOUNCED,
        lifted_at__isnull=True,
    ).first()
