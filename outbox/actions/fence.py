"""The start fence: the last question before a mail is handed over, and the record of the last one.

Both go to PostgreSQL in one round trip and one commit. The statements are separate, so that the
fence sees everything that was committed before it, up to the unsubscribing of a moment ago.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection

from outbox.addresses import address_hash
from outbox.budget import MONTH, ROOM, WEEK
from outbox.models import Delivery, Purpose
from outbox.rendering import recipient_address

# The space of the locks that keep one person's budgeted mails apart (EM1).
BUDGET_LOCK = 7001
FENCE = """
UPDATE outbox_delivery d SET started_at = %(now)s
WHERE d.id = %(id)s AND d.owner = %(owner)s AND d.attempts = %(attempts)s
  AND d.state = 'claimed' AND d.started_at IS NULL
  AND (d.expires_at IS NULL OR d.expires_at > %(now)s)
  AND EXISTS (SELECT FROM outbox_sendgate g WHERE g.is_open AND g.environment = %(installation)s)
  AND (d.batch_id IS NULL OR EXISTS (
    SELECT FROM outbox_mailbatch b WHERE b.id = d.batch_id AND b.state = 'sending'))
"""
# Security mail answers a request of this minute: it asks for no consent and heeds no bounce.
ADDRESSEE = """
  AND (d.person_id IS NULL OR EXISTS (
    SELECT FROM {people} u WHERE u.id = d.person_id AND u.is_active))
  AND NOT EXISTS (
    SELECT FROM outbox_suppression s
    WHERE s.address_hash = %(hash)s AND s.scope = ANY(%(scopes)s) AND s.lifted_at IS NULL)
"""
CONSENT = """
  AND EXISTS (
    SELECT FROM outbox_subscription c
    WHERE c.mailing_list_id = d.mailing_list_id AND c.state = 'subscribed'
      AND (c.person_id = d.person_id
           OR (d.person_id IS NULL AND c.person_id IS NULL AND c.address = d.address))
      AND (c.expires_at IS NULL OR c.expires_at > %(now)s)
      AND (c.paused_until IS NULL OR c.paused_until <= %(now)s)
      AND NOT c.in_digest)
"""


@dataclass
class Result:
    """What is to be written about one delivery: column -> value. Ours only, as long as it is."""

    delivery: Delivery
    owner: int
    changes: dict[str, Any] = field(default_factory=dict)

    def statement(self) -> tuple[str, dict[str, Any]]:
        columns = ", ".join(f"{name} = %(new_{name})s" for name in self.changes)
        sql = (
            f"UPDATE outbox_delivery SET {columns} "  # noqa: S608  the names are ours
            "WHERE id = %(done_id)s AND owner = %(done_owner)s AND attempts = %(done_attempts)s "
            "AND state = 'claimed'"
        )
        values = {f"new_{name}": value for name, value in self.changes.items()}
        values |= {
            "done_id": self.delivery.pk,
            "done_owner": self.owner,
            "done_attempts": self.delivery.attempts,
        }
        return sql, values


def write_result(result: Result) -> None:
    """Record one outcome by itself."""
    with connection.cursor() as cursor:
        cursor.execute(*result.statement())


def begin_sending(
    delivery: Delivery,
    *,
    owner: int,
    installation: str,
    now: datetime,
    last: Result | None = None,
) -> bool:
    """Record `last`, and ask whether this mail may go. True: it is marked as begun."""
    statements, values = [], {}
    if last is not None:
        done, values = last.statement()
        statements.append(done)
    if delivery.budgeted and delivery.person_id:
        # Until the end of this transaction no other sender counts this person's mails.
        statements.append(f"SELECT pg_advisory_xact_lock({BUDGET_LOCK}, {delivery.person_id})")
    statements.append(_fence(delivery))
    values |= {
        "now": now,
        "id": delivery.pk,
        "owner": owner,
        "attempts": delivery.attempts,
        "installation": installation,
        "hash": address_hash(recipient_address(delivery)),
        "scopes": _scopes(delivery),
        "week": now - WEEK,
        "month": now - MONTH,
    }
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(statements), values)
        return cursor.rowcount == 1


def _fence(delivery: Delivery) -> str:
    sql = FENCE
    if delivery.purpose != Purpose.SECURITY:
        sql += ADDRESSEE.format(people=get_user_model()._meta.db_table)
        if delivery.mailing_list_id:
            sql += CONSENT
        if delivery.budgeted and delivery.person_id:
            sql += f"  AND {ROOM}"
    return sql


def _scopes(delivery: Delivery) -> list[str]:
    scopes = ["all"]
    if delivery.mailing_list_id:
        scopes.append(delivery.mailing_list.public_id)
    return scopes
