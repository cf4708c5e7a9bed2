"""The start fence: the last question before a mail is handed over, and the record of the last one.

Both go to PostgreSQL in one round trip and one commit. The statements are separate, so that the
fence sees everything that was committed before it, up to the unsubscribing of a moment ago.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from django.contrib.auth import get_user_model
from django.db import connection

from outbox.addresses import address_hash
from outbox.budget import MONTH, ROOM, WEEK
from outbox.circles import EVERYBODY, Circle
from outbox.models import Delivery, Purpose, Subscription
from outbox.rendering import recipient_address

# The space of the locks that keep one person's budgeted mails apart (EM1).
BUDGET_LOCK = 7001
FENCE = """
UPDATE outbox_delivery d SET started_at = {now}, dated_at = COALESCE(d.dated_at, {now})
WHERE d.id = {id} AND d.owner = {owner} AND d.attempts = {attempts}
  AND d.state = 'claimed' AND d.started_at IS NULL
  AND (d.expires_at IS NULL OR d.expires_at > {now})
  AND EXISTS (SELECT FROM outbox_sendgate g WHERE g.is_open AND g.environment = {installation})
  AND (d.batch_id IS NULL OR EXISTS (
    SELECT FROM outbox_mailbatch b WHERE b.id = d.batch_id AND b.state = 'sending'))
"""
# Security mail answers a request of this minute: it asks for no consent and heeds no bounce.
ADDRESSEE = """
  AND (d.person_id IS NULL OR EXISTS (
    SELECT FROM members_user u WHERE u.id = d.person_id AND u.is_active))
  AND NOT EXISTS (
    SELECT FROM outbox_suppression s
    WHERE s.address_hash = {hash} AND s.scope = ANY({scopes}) AND s.lifted_at IS NULL)
"""
CONSENT = """
  AND EXISTS (
    SELECT FROM outbox_subscription c
    WHERE c.id = {subscription} AND c.mailing_list_id = d.mailing_list_id
      AND c.person_id IS NOT DISTINCT FROM d.person_id AND c.state = 'subscribed'
      AND (c.expires_at IS NULL OR c.expires_at > {now})
      AND (c.paused_until IS NULL OR c.paused_until <= {now})
      AND NOT c.in_digest)
"""


# The parameters of the prepared statements, in this order. Planning would cost more than running.
PARAMETERS = {
    "now": "timestamptz",
    "id": "uuid",
    "owner": "bigint",
    "attempts": "smallint",
    "installation": "text",
    "hash": "text",
    "scopes": "text[]",
    "subscription": "bigint",
    "week": "timestamptz",
    "month": "timestamptz",
    "today": "date",
}
# The columns that an outcome may write.
COLUMNS = {
    "attempts": "smallint",
    "batch_id": "bigint",
    "calendar": "text",
    "claimed_at": "timestamptz",
    "due_at": "timestamptz",
    "ended_at": "timestamptz",
    "html": "text",
    "last_answer": "text",
    "owner": "bigint",
    "reason": "text",
    "started_at": "timestamptz",
    "state": "text",
    "subject": "text",
    "text": "text",
}
# What each open connection has prepared.
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


@dataclass
class Result:
    """What is to be written about one delivery: column -> value. Ours only, as long as it is."""

    delivery: Delivery
    owner: int
    changes: dict[str, Any] = field(default_factory=dict)

    def statement(self, cursor: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401
        """The call of a prepared statement, and its values."""
        columns = tuple(sorted(self.changes))
        name = "result_" + "_".join(column[:4] for column in columns)
        types = [COLUMNS[column] for column in columns]
        sets = ", ".join(f"{column} = ${n}" for n, column in enumerate(columns, start=4))
        _prepare(
            cursor,
            name,
            ["uuid", "bigint", "smallint", *types],
            f"UPDATE outbox_delivery SET {sets} "  # noqa: S608  the names are ours
            "WHERE id = $1 AND owner = $2 AND attempts = $3 AND state = 'claimed'",
        )
        values = {f"new_{column}": self.changes[column] for column in columns}
        places = "".join(f", %({value})s" for value in values)
        sql = f"EXECUTE {name} (%(done_id)s, %(done_owner)s, %(done_attempts)s{places})"
        values |= {
            "done_id": self.delivery.pk,
            "done_owner": self.owner,
            "done_attempts": self.delivery.attempts,
        }
        return sql, values


def write_result(result: Result) -> bool:
    """Record one outcome by itself. False: the row is no longer ours."""
    with connection.cursor() as cursor:
        cursor.execute(*result.statement(cursor))
        return cursor.rowcount == 1


def _prepare(cursor: Any, name: str, types: Iterable[str], sql: str) -> None:  # noqa: ANN401
    known = _prepared.setdefault(connection.connection, set())
    if name not in known:
        cursor.execute(f"PREPARE {name} ({', '.join(types)}) AS {sql}")
        known.add(name)


def begin_sending(
    delivery: Delivery,
    *,
    owner: int,
    installation: str,
    now: datetime,
    subscription: Subscription | None = None,
    circle: Circle = EVERYBODY,
    last: Result | None = None,
) -> bool:
    """Record `last`, and ask whether this mail may go. True: it is marked as begun.

    `circle`: those for whom the text of its batch was written.
    """
    statements = []
    if delivery.budgeted and delivery.person_id:
        # Until the end of this transaction no other sender counts this person's mails.
        statements.append(f"SELECT pg_advisory_xact_lock({BUDGET_LOCK}, {delivery.person_id})")
    values: dict[str, Any] = {
        "now": now,
        "id": delivery.pk,
        "owner": owner,
        "attempts": delivery.attempts,
        "installation": installation,
        "hash": address_hash(recipient_address(delivery)),
        "scopes": _scopes(delivery),
        "subscription": subscription.pk if subscription else None,
        "week": now - WEEK,
        "month": now - MONTH,
        "today": now.date(),
    }
    with connection.cursor() as cursor:
        if last is not None:
            done, about_last = last.statement(cursor)
            statements.insert(0, done)
            values |= about_last
        statements.append(_fence(cursor, delivery, circle))
        cursor.execute(";\n".join(statements), values)
        return cursor.rowcount == 1


def _fence(cursor: Any, delivery: Delivery, circle: Circle) -> str:  # noqa: ANN401
    """The call of the prepared statement that asks what has to be asked of this mail."""
    asks = [
        delivery.purpose != Purpose.SECURITY,
        delivery.mailing_list_id is not None,
        delivery.budgeted and delivery.person_id is not None,
    ]
    circle = circle if delivery.person_id is not None else EVERYBODY
    name = "fence_" + "".join(str(int(ask)) for ask in asks) + circle.name
    _prepare(cursor, name, PARAMETERS.values(), _fence_sql(*asks, circle))
    return f"EXECUTE {name} ({', '.join(f'%({key})s' for key in PARAMETERS)})"


@cache
def _fence_sql(is_not_security: bool, is_listed: bool, is_budgeted: bool, circle: Circle) -> str:
    sql = FENCE
    if is_not_security:
        sql += ADDRESSEE.replace("members_user", get_user_model()._meta.db_table)
        sql += CONSENT if is_listed else ""
        sql += f"  AND {ROOM}" if is_budgeted else ""
        sql += f"  AND {circle.belongs}" if circle.belongs else ""
    places = {key: f"${number}" for number, key in enumerate(PARAMETERS, start=1)}
    return sql.format(**places)


def _scopes(delivery: Delivery) -> list[str]:
    scopes = ["all"]
    if delivery.mailing_list_id:
        scopes.append(delivery.mailing_list.public_id)
    return scopes
