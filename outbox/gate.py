"""May this installation send? A restored copy of the database may not, until someone adopts it.

The database remembers the installation it belongs to. Which one we are is asked of PostgreSQL
itself, so that no setting can be copied along by mistake: a dump that is restored anywhere, even
on the same server, lies in a database of another number.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from outbox.models import Delivery, Purpose, SendGate

WHO = """
SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database())
FROM pg_control_system()
"""


@dataclass(frozen=True)
class GateState:
    """`is_ours`: the database belongs to this installation. `may_send`: and nobody closed it."""

    may_send: bool
    is_ours: bool
    reason: str
    resume_at: datetime | None
    failures: int
    installation: str


def installation() -> str:
    """32 hex digits for this database on this server under this address."""
    with connection.cursor() as cursor:
        cursor.execute(WHO)
        system, database = cursor.fetchone()
    parts = [str(system), str(database), settings.SITE_URL, settings.ENVIRONMENT_ID]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def gate_state(*, now: datetime) -> GateState:
    """The gate as it stands. A database that never sent belongs to whoever asks first."""
    ours = installation()
    row = SendGate.objects.filter(pk=1).first()
    if row is None:
        row, _made = SendGate.objects.get_or_create(
            pk=1, defaults={"environment": ours, "changed_at": now}
        )
    is_ours = row.environment == ours
    return GateState(
        may_send=is_ours and row.is_open,
        is_ours=is_ours,
        reason=row.reason,
        resume_at=row.resume_at,
        failures=row.failures,
        installation=ours,
    )


@transaction.atomic
def adopt(*, by_name: str, now: datetime) -> int:
    """Make this installation the one that sends. Returns how many mails it set aside.

    What waited in the copy may long have been sent by the original: it is put on hold, for a
    person to release or cancel on the board of outgoing mail.
    """
    SendGate.objects.update_or_create(
        pk=1,
        defaults={
            "environment": installation(),
            "is_open": True,
            "reason": f"adopted by {by_name}"[:200],
            "resume_at": None,
            "failures": 0,
            "changed_at": now,
        },
    )
    states = Delivery.State
    waiting = Delivery.objects.filter(state__in=[states.QUEUED, states.CLAIMED])
    # A code of another day is of no use to anybody.
    waiting.filter(purpose=Purpose.SECURITY).update(
        state=states.CANCELLED, reason="restored copy", ended_at=now, text="", html="", subject=""
    )
    return waiting.update(
        state=states.PAUSED,
        reason="restored copy",
        owner=None,
        claimed_at=None,
        started_at=None,
    )
