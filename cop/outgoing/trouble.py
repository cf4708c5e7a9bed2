"""What a person must look at: a closed gate, paused sendings, unclear and failed mail, alarms."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cop.core.time import DEFAULT_ZONE
from cop.desk_mail import batch_subject, say_kind, say_why
from cop.outgoing.board import read_batches, read_waiting
from cop.outgoing.lines import Line
from cop.outgoing.scope import Desk, sources_of
from outbox.actions.board import HELD, SETTLED
from outbox.gate import GateState, gate_state
from outbox.models import Delivery, MailAlarm, Purpose

RECENT = timedelta(days=7)
SHOWN = 100
State = Delivery.State


@dataclass(frozen=True)
class Letter:
    """One mail to one person, with what can be said about it."""

    row: Delivery
    zone: str

    @property
    def title(self) -> str:
        return self.row.subject or getattr(self.row, "batch_subject", "") or say_kind(self.row.kind)

    @property
    def person(self) -> str:
        return str(self.row.person) if self.row.person else self.row.address or _("somebody")

    @property
    def at(self) -> datetime:
        return self.row.ended_at or self.row.due_at

    @property
    def why(self) -> str:
        return say_why(self.row.reason)

    @property
    def can_repeat(self) -> bool:
        return self.row.purged_at is None


@dataclass(frozen=True)
class Trouble:
    unclear: list[Letter]
    failed: list[Letter]
    paused: list[Line]
    to_release: list[Line]
    restored: list[Line]
    alarms: list[str]
    gate: GateState | None

    @cached_property
    def count(self) -> int:
        gate = self.gate is not None
        return (
            len([*self.unclear, *self.paused, *self.to_release, *self.restored, *self.alarms])
            + gate
        )


def unclear_mail(desk: Desk) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(desk.mail, state=State.UNCERTAIN)
    return rows.exclude(purpose=Purpose.SECURITY).exclude(reason=SETTLED)


def closed_gate(*, now: datetime) -> GateState | None:
    gate = gate_state(now=now)
    return None if gate.may_send else gate


def count_trouble(desk: Desk, lines: list[Line], gate: GateState | None) -> int:
    """For the tab: as many as stand on the page itself."""
    stuck = [line for line in lines if _paused_by_itself(line)]
    restored = {line.scope for line in lines if line.reason == "restored copy"}
    counts = unclear_mail(desk).count() + len(_alarms(desk)) + len(stuck) + len(restored)
    return counts + (gate is not None)


def read_trouble(desk: Desk, *, now: datetime) -> Trouble:
    lines = read_batches(desk, now=now)
    sources = sources_of({line.prefix for line in lines})
    paused = [
        replace(line, source=sources.get(line.prefix), community=desk.by_scope.get(line.scope))
        for line in lines
        if _paused_by_itself(line) and desk.may_see(line.scope, line.prefix)
    ]
    failed = Delivery.objects.filter(
        desk.mail, state=State.FAILED, purged_at=None, ended_at__gt=now - RECENT
    ).exclude(purpose=Purpose.SECURITY)
    return Trouble(
        unclear=_letters(unclear_mail(desk), desk),
        failed=_letters(failed, desk),
        paused=paused,
        to_release=[
            line for line in read_waiting(desk, now=now) if line.reason == "waits for release"
        ],
        restored=_restored(desk, now),
        alarms=_alarms(desk),
        gate=closed_gate(now=now),
    )


def _paused_by_itself(line: Line) -> bool:
    return line.state == "held" and line.reason not in (HELD, "restored copy")


def _letters(rows: QuerySet[Delivery], desk: Desk) -> list[Letter]:
    rows = rows.select_related("person").annotate(batch_subject=batch_subject())
    rows = rows.defer("text", "html", "calendar").order_by("-ended_at", "-pk")[:SHOWN]
    zones = {scope: one.timezone for scope, one in desk.by_scope.items()}
    return [Letter(row, zones.get(row.scope, DEFAULT_ZONE)) for row in rows]


def _restored(desk: Desk, now: datetime) -> list[Line]:
    """All that was set aside when a copy was adopted, in one line for each community."""
    rows = Delivery.objects.filter(desk.mail, state=State.PAUSED, reason="restored copy").exclude(
        purpose=Purpose.SECURITY
    )
    counts = rows.order_by().values_list("scope").annotate(n=Count("pk"), first=Min("due_at"))
    return [
        Line(
            scope=scope, prefix="", kind="", state="held", count=n, at=first, on=now,
            reason="restored copy", community=desk.by_scope.get(scope),
        )
        for scope, n, first in counts
    ]  # fmt: skip


def _alarms(desk: Desk) -> list[str]:
    """What the hourly look found; what stands on this page anyway is not said twice."""
    mine = Q(scope__in=desk.scopes) | (Q(scope="") if desk.person.is_superuser else Q(pk__in=[]))
    rows = MailAlarm.objects.filter(mine).order_by("since", "pk")
    told = ("paused:", "unclear:", "held:")
    return [_say_alarm(row) for row in rows if not row.name.startswith(told)]


def _say_alarm(alarm: MailAlarm) -> str:
    if alarm.name == "late" and alarm.detail.isdecimal():
        n = int(alarm.detail)
        return ngettext(
            "%(n)s mail should have left half an hour ago and still waits. Whoever runs the site "
            "should look whether the senders are running.",
            "%(n)s mails should have left half an hour ago and still wait. Whoever runs the site "
            "should look whether the senders are running.",
            n,
        ) % {"n": n}
    if alarm.name.startswith("count:"):
        return _(
            "The number of mails of one sending is not the number of its recipients. Whoever runs "
            "the site should look at this: %(name)s."
        ) % {"name": alarm.name.removeprefix("count:")}
    if alarm.name == "bounce mailbox":
        return _(
            "The mailbox where returned mail comes in cannot be read, so we do not hear of "
            "addresses that fail. Whoever runs the site should look: %(detail)s"
        ) % {"detail": alarm.detail}
    if alarm.name == "reply mailbox":
        return _(
            "The mailbox where the answers of calendars come in cannot be read, so who accepts or "
            "declines there is not counted. Whoever runs the site should look: %(detail)s"
        ) % {"detail": alarm.detail}
    return f"{alarm.name}: {alarm.detail}"
