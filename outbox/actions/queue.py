from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from psycopg2.extras import execute_values

from cop.core.mail import Email
from cop.core.time import database_now
from outbox.addresses import host_of
from outbox.budget import RANK
from outbox.models import PRIORITY, Delivery, MailHold, MailingList, Purpose
from outbox.nudge import nudge_sender

PAGE = 1000
# What a word of staff does to mail that is queued later.
HOLDS = {
    MailHold.Action.HOLD: (Delivery.State.PAUSED, "held by staff"),
    MailHold.Action.CANCEL: (Delivery.State.CANCELLED, "stopped by staff"),
}


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One e-mail to be left in the outbox.

    `key` names the fact that is told: queueing it twice is a no-op. The address of a `person` is
    read at the moment of sending; `address` is for people without an account. `budgeted`: counts
    towards EM1, and where there is no room, `digest_title` and `digest_path` stand in the weekly
    digest instead. `held`: why it waits for a person's release.
    """

    key: str
    kind: str
    purpose: Purpose
    email: Email
    person: Any = None  # a User; this app knows no model to its right
    address: str = ""
    scope: str = ""
    mailing_list: MailingList | None = None
    due_at: datetime | None = None
    expires_at: datetime | None = None
    reply_to: str = ""
    sender_name: str = ""
    budgeted: bool = False
    digest_title: str = ""
    digest_path: str = ""
    held: str = ""


def queue_email(**mail: Any) -> bool:  # noqa: ANN401
    """Leave one e-mail in the outbox, in the caller's transaction. True if it was new.

    Takes what `Outgoing` takes.
    """
    return queue_emails([Outgoing(**mail)]) == 1


@transaction.atomic
def queue_emails(mails: Iterable[Outgoing], *, now: datetime | None = None) -> int:
    """Leave any number of e-mails in the outbox, in a few statements. Returns how many were new."""
    now = now or database_now()
    rows = [_row(mail, now) for mail in mails]
    if not rows:
        return 0
    _apply_holds(rows, now)
    new = _insert(rows)
    if new:
        nudge_sender()
    return new


def _row(mail: Outgoing, now: datetime) -> Delivery:
    address = mail.person.email if mail.person is not None else mail.address
    return Delivery(
        key=mail.key,
        kind=mail.kind,
        purpose=mail.purpose,
        priority=RANK.get(mail.kind, PRIORITY[mail.purpose])
        if mail.budgeted
        else PRIORITY[mail.purpose],
        person=mail.person,
        address="" if mail.person is not None else mail.address,
        host=host_of(address),
        language=getattr(mail.person, "language", "en"),
        scope=mail.scope,
        mailing_list=mail.mailing_list,
        subject=mail.email.subject[:255],
        text=mail.email.text,
        html=mail.email.html,
        calendar=mail.email.calendar,
        calendar_method=mail.email.calendar_method,
        due_at=mail.due_at or now,
        expires_at=mail.expires_at,
        reply_to=mail.reply_to,
        sender_name=mail.sender_name,
        budgeted=mail.budgeted,
        digest_title=mail.digest_title[:200],
        digest_path=mail.digest_path[:200],
        state=Delivery.State.PAUSED if mail.held else Delivery.State.QUEUED,
        reason=mail.held,
        created_at=now,
    )


def _apply_holds(rows: list[Delivery], now: datetime) -> None:
    """What staff said about mail that was yet to come. Security mail is never held."""
    rows = [row for row in rows if row.scope and row.purpose != Purpose.SECURITY]
    scopes = {row.scope for row in rows}
    if not scopes:
        return
    for hold in MailHold.objects.filter(scope__in=scopes):
        state, reason = HOLDS[MailHold.Action(hold.action)]
        for row in rows:
            if row.scope == hold.scope and row.key.startswith(hold.prefix):
                row.state, row.reason = state, reason
                row.ended_at = now if state == Delivery.State.CANCELLED else None


def _insert(rows: list[Delivery]) -> int:
    """Insert what is new by its key; returns how many that were."""
    fields = Delivery._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    values = [
        tuple(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields)
        for row in rows
    ]
    sql = (
        f"INSERT INTO outbox_delivery ({columns}) VALUES %s "  # noqa: S608  the names are ours
        "ON CONFLICT (key) DO NOTHING RETURNING id"
    )
    with connection.cursor() as cursor:
        return len(execute_values(cursor, sql, values, page_size=PAGE, fetch=True))


def cancel_deliveries(*, prefix: str, reason: str, now: datetime) -> int:
    """Take back what has not left yet, by the beginning of its key. Returns how many."""
    waiting = Delivery.objects.waiting().filter(key__startswith=prefix)
    return waiting.update(state=Delivery.State.CANCELLED, reason=reason, ended_at=now)
