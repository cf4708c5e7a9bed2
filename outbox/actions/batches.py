"""One text for many: the recipients are frozen by one statement, however many they are."""

import re
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet

from cop.core.time import after_quiet
from outbox.budget import RANK
from outbox.models import (
    PRIORITY,
    Delivery,
    MailBatch,
    MailHold,
    MailingList,
    Purpose,
    Subscription,
)
from outbox.nudge import nudge_sender

INSERT = """
INSERT INTO outbox_delivery (
  id, key, purpose, kind, priority, batch_id, mailing_list_id, scope, person_id, address, host,
  budgeted, digest_title, digest_path, language, due_at, state, created_at, attempts, reply_to,
  sender_name, subject, text, html, calendar, calendar_method, reason, last_answer)
SELECT gen_random_uuid(),
  CASE WHEN %(once)s <> '' THEN %(once)s || left(encode(sha256(convert_to(%(pepper)s ||
         lower(CASE WHEN r.person IS NULL THEN r.address::text ELSE r.email::text END), 'UTF8')),
         'hex'), 32)
       WHEN r.person IS NULL THEN %(key)s || ':s' || r.subscription
       ELSE %(key)s || ':p' || r.person END,
  'newsletter', %(kind)s, %(priority)s, %(batch)s, %(list)s, %(scope)s, r.person,
  CASE WHEN r.person IS NULL THEN r.address ELSE '' END,
  left(lower(split_part(CASE WHEN r.person IS NULL THEN r.address::text ELSE r.email::text END,
                        '@', 2)), 120),
  true, '', '',
  CASE WHEN r.language = ANY(%(languages)s) THEN r.language ELSE %(language)s END,
  COALESCE(z.due, %(due)s), 'queued', %(now)s, 0, %(reply_to)s, %(sender)s,
  '', '', '', '', '', '', ''
FROM ({recipients}) AS r (subscription, person, address, email, language, zone)
LEFT JOIN unnest(%(zones)s::text[], %(dues)s::timestamptz[]) AS z (zone, due) ON z.zone = r.zone
ON CONFLICT (key) DO NOTHING
"""


@transaction.atomic
def queue_batch(
    *,
    key: str,
    kind: str,
    mailing_list: MailingList,
    contents: dict[str, dict[str, str]],
    recipients: QuerySet[Subscription],
    now: datetime,
    due_at: datetime | None = None,
    reply_to: str = "",
    language: str = "en",
    once: str = "",
) -> MailBatch:
    """Freeze the recipients of one text and queue one delivery for each. Safe to repeat.

    `contents`: language -> subject, text, html, digest_title, digest_path, with %%MARKS%% that
    sending fills in. Whoever's language is not among them gets `language`. The mail of people in
    their quiet hours is due at their next 07:00. `once`: how the keys of all batches of one fact
    begin; of these each address gets one mail at most, whichever is queued first.
    """
    batch, created = MailBatch.objects.get_or_create(
        key=key, defaults={"mailing_list": mailing_list, "frozen_at": now, "contents": contents}
    )
    if not created:
        return batch
    due = due_at or now
    people = recipients.order_by().annotate(
        r_email=F("person__email"), r_language=F("person__language"), r_zone=F("person__timezone")
    )
    zones = sorted({zone for zone in people.values_list("r_zone", flat=True).distinct() if zone})
    sql, values = people.values_list(
        "pk", "person_id", "address", "r_email", "r_language", "r_zone"
    ).query.sql_with_params()
    batch.recipients = _insert(
        sql,
        values,
        {
            "key": key,
            "once": once,
            "pepper": f"outbox.once:{settings.SECRET_KEY}:{once}:",
            "kind": kind,
            "priority": RANK.get(kind, PRIORITY[Purpose.NEWSLETTER]),
            "batch": batch.pk,
            "list": mailing_list.pk,
            "scope": mailing_list.scope,
            "languages": list(contents),
            "language": language if language in contents else next(iter(contents)),
            "due": due,
            "now": now,
            "reply_to": reply_to,
            "sender": mailing_list.sender_name,
            "zones": zones,
            "dues": [after_quiet(due, zone) for zone in zones],
        },
    )
    _apply_holds(batch, now)
    batch.save(update_fields=["recipients", "state", "reason"])
    nudge_sender()
    return batch


def _insert(recipients: str, positional: tuple[Any, ...], named: dict[str, Any]) -> int:
    """Run INSERT around the query of the recipients, whose parameters are positional."""
    names = {f"q{number}": value for number, value in enumerate(positional)}
    places = iter(names)
    query = re.sub("%s", lambda _place: f"%({next(places)})s", recipients)
    with connection.cursor() as cursor:
        cursor.execute(INSERT.replace("{recipients}", query), named | names)
        return cursor.rowcount


def _apply_holds(batch: MailBatch, now: datetime) -> None:
    """What staff said about this mail before it was queued."""
    scope = batch.mailing_list.scope
    for hold in MailHold.objects.filter(scope=scope):
        if not batch.key.startswith(hold.prefix):
            continue
        if hold.action == MailHold.Action.HOLD:
            batch.state, batch.reason = MailBatch.State.PAUSED, "held by staff"
        else:
            batch.state, batch.reason = MailBatch.State.CANCELLED, "stopped by staff"
            waiting = Delivery.objects.filter(batch=batch, state=Delivery.State.QUEUED)
            waiting.update(state=Delivery.State.CANCELLED, reason="stopped by staff", ended_at=now)
