"""The board of outgoing mail: what leaves in the next seven days, by day, and what left lately.

The number of queries is the same for one line and for a thousand.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, Count, Exists, F, Func, Min, OuterRef, Q, Value, When
from django.db.models import Max as Latest
from django.db.models.functions import Concat

from cop.core.time import say_date
from cop.outgoing.lines import OPEN_STATES, Line, Progress
from cop.outgoing.scope import FACTS, Desk, source_url, sources_of
from meetings.forecast import planned_meeting_mails
from newsletter.forecast import planned_newsletters
from outbox.models import Delivery, MailBatch, MailHold, Purpose
from outbox.planned import Planned

AHEAD, BACK = timedelta(days=7), timedelta(days=7)
MOST_BATCHES, MOST_LINES = 60, 1000
State = Delivery.State


@dataclass(frozen=True)
class Day:
    date: date
    words: str
    lines: list[Line]
    is_today: bool


@dataclass(frozen=True)
class Board:
    sending: list[Line]
    days: list[Day]
    done: list[Line]

    @property
    def lines(self) -> list[Line]:
        return [*self.sending, *(line for day in self.days for line in day.lines)]

    @property
    def held(self) -> int:
        return sum(line.state == "held" for line in self.lines)

    @property
    def mails(self) -> int:
        """About how many are to leave."""
        going = [line for line in self.lines if line.state in ("planned", "waiting", "sending")]
        return sum(line.progress.waiting if line.progress else line.count for line in going)


def read_board(desk: Desk, *, now: datetime) -> Board:
    until = now + AHEAD
    lines = [*read_batches(desk, now=now), *_waiting(desk, until)]
    lines += _planned(desk, now, until)
    lines = _finish(lines, desk)
    sending = [line for line in lines if _is_running(line)]
    done = [line for line in lines if line.state == "done" or _is_over(line)]
    others = [line for line in lines if line not in sending and line not in done]
    return Board(sending, _by_day(others, now), done)


def read_sending(desk: Desk, *, now: datetime) -> list[Line]:
    """Only what is being sent, for the part of the page that refreshes itself."""
    return [line for line in _finish(read_batches(desk, now=now), desk) if _is_running(line)]


def read_waiting(desk: Desk, *, now: datetime) -> list[Line]:
    """Single mails that wait, without the mail to many."""
    return _finish(_waiting(desk, now + AHEAD), desk)


def _is_running(line: Line) -> bool:
    """Begun, and not at its end: going, or stopped in the middle of it."""
    if line.progress is None or line.state not in ("sending", "held"):
        return False
    return line.state == "sending" or bool(line.progress.gone)


def _is_over(line: Line) -> bool:
    return line.state == "stopped" and not line.is_planned


def _finish(lines: Iterable[Line], desk: Desk) -> list[Line]:
    """Each with what it tells about, its community, and where to change it."""
    lines = [line for line in lines if desk.may_see(line.scope, line.prefix)]
    sources = sources_of({line.prefix for line in lines if line.source is None})
    finished = []
    for line in lines:
        source = line.source or sources.get(line.prefix)
        community = desk.by_scope.get(line.scope)
        url = source_url(source, desk)
        finished.append(replace(line, source=source, community=community, url=url))
    return finished


def _by_day(lines: list[Line], now: datetime) -> list[Day]:
    days: dict[date, list[Line]] = defaultdict(list)
    todays = set()
    for line in lines:
        zone = ZoneInfo(line.zone)
        # What is late, or held beyond its time, is a matter of today.
        day = max(line.on, now).astimezone(zone).date()
        if day == now.astimezone(zone).date():
            todays.add(day)
        days[day].append(line)
    return [
        Day(day, _say_day(days[day][0], now), sorted(days[day], key=_order), day in todays)
        for day in sorted(days)
    ]


def _say_day(line: Line, now: datetime) -> str:
    return say_date(max(line.on, now), line.zone, now=now)


def _order(line: Line) -> tuple[bool, datetime, str]:
    return line.is_personal, line.on, line.title


def read_batches(desk: Desk, *, now: datetime) -> list[Line]:
    """One text for many, with what became of each mail. Editions of one issue are one line."""
    waits = Delivery.objects.filter(batch=OuterRef("pk"), state__in=OPEN_STATES)
    # What was taken back before anything left is no news: the next sending of it is.
    batches = MailBatch.objects.filter(
        Exists(waits) | Q(frozen_at__gt=now - BACK), mailing_list__scope__in=desk.scopes
    ).exclude(state=MailBatch.State.CANCELLED, reason="taken back")
    batches = batches.select_related("mailing_list").defer("contents")
    rows = list(batches.order_by("-frozen_at", "-pk")[:MOST_BATCHES])
    counts = Delivery.objects.filter(batch__in=rows).order_by()
    counts = counts.values_list("batch", "state", "reason", "kind")
    numbers = defaultdict(list)
    for batch, *values in counts.annotate(n=Count("pk"), first=Min("due_at")):
        numbers[batch].append(values)
    groups: dict[tuple[str, str], list[MailBatch]] = defaultdict(list)
    for row in rows:
        groups[row.mailing_list.scope, _batch_prefix(row.key)].append(row)
    return [
        _batch_line(scope, prefix, group, numbers, now) for (scope, prefix), group in groups.items()
    ]


def _batch_prefix(key: str) -> str:
    """newsletter:<issue>:<version>:<edition> are parts of one sending."""
    return key.rpartition(":")[0] + ":" if key.startswith("newsletter:") else f"{key}:"


def _batch_line(
    scope: str,
    prefix: str,
    batches: list[MailBatch],
    numbers: dict[int, list[list]],
    now: datetime,
) -> Line:
    progress, dues, held_rows = Progress(), [], set()
    kind = prefix.split(":")[0]
    for batch in batches:
        for state, reason, kind, n, first in numbers[batch.pk]:  # noqa: B007  all are of one kind
            progress.add(state, reason, n)
            if state in OPEN_STATES:
                dues.append(first)
            if state == State.PAUSED:
                held_rows.add(reason)
    at = min(dues, default=max(batch.frozen_at for batch in batches))
    paused = [batch for batch in batches if batch.state == MailBatch.State.PAUSED]
    reason = next((batch.reason for batch in paused), "") or next(iter(held_rows), "")
    return Line(
        scope=scope,
        prefix=prefix,
        kind=kind,
        state=_batch_state(batches, progress, bool(paused or held_rows), at <= now),
        count=progress.total,
        at=at,
        on=at,
        reason=reason or next((batch.reason for batch in batches), ""),
        progress=progress,
    )


def _batch_state(
    batches: list[MailBatch], progress: Progress, is_held: bool, has_begun: bool
) -> str:
    if not progress.waiting:
        cancelled = [batch.state == MailBatch.State.CANCELLED for batch in batches]
        return "stopped" if all(cancelled) and not progress.sent else "done"
    if is_held:
        return "held"
    return "sending" if has_begun or progress.gone else "waiting"


def _waiting(desk: Desk, until: datetime) -> list[Line]:
    """Single mails that wait, in one line for each fact. One query."""
    head = Func(F("key"), Value(":"), Value(1), function="split_part", output_field=CharField())
    about = Func(F("key"), Value(":"), Value(2), function="split_part", output_field=CharField())
    is_fact = Q(head__in=FACTS)
    fact = Concat("head", Value(":"), "about", Value(":"), output_field=CharField())
    rows = Delivery.objects.filter(
        Q(state=State.PAUSED) | Q(due_at__lte=until),
        state__in=OPEN_STATES,
        scope__in=desk.scopes,
        batch=None,
    ).exclude(purpose=Purpose.SECURITY)
    rows = rows.annotate(head=head, about=about).order_by()
    rows = rows.annotate(
        prefix=Case(When(is_fact, then=fact), default=Value("")),
        what=Case(When(is_fact, then=F("kind")), default=Value("")),
        held=Case(When(state=State.PAUSED, then=F("reason")), default=Value("")),
        is_held=Case(When(state=State.PAUSED, then=Value(True)), default=Value(False)),
    )
    rows = rows.values_list("scope", "prefix", "what", "is_held", "held")
    rows = rows.annotate(n=Count("pk"), first=Min("due_at"), last=Latest("due_at"))
    return [
        Line(
            scope=scope,
            prefix=prefix,
            kind=kind,
            state="held" if is_held else "waiting",
            count=n,
            at=first,
            last_at=last,
            on=first,
            reason=held,
        )
        for scope, prefix, kind, is_held, held, n, first, last in rows.order_by("first")[
            :MOST_LINES
        ]
    ]


def _planned(desk: Desk, now: datetime, until: datetime) -> list[Line]:
    """What is not queued yet, with what staff said about it beforehand."""
    scopes = [one.public_id for one in desk.communities]
    planned = planned_meeting_mails(scopes, now=now, until=until)
    planned += planned_newsletters(desk.communities, now=now, until=until)
    words = MailHold.objects.filter(scope__in=desk.scopes)
    holds = {(hold.scope, hold.prefix): hold.action for hold in words}
    return [_planned_line(one, holds.get((one.scope, one.prefix), "")) for one in planned]


def _planned_line(one: Planned, word: str) -> Line:
    states = {
        MailHold.Action.HOLD: ("held", "held by staff"),
        MailHold.Action.CANCEL: ("stopped", "stopped by staff"),
    }
    state, reason = states.get(word, ("planned", ""))
    return Line(
        scope=one.scope,
        prefix=one.prefix,
        kind=one.kind,
        state=state,
        reason=reason,
        count=one.count,
        at=one.first_at,
        last_at=one.last_at,
        on=one.on,
        source=one.about,
        at_most=one.at_most,
        is_planned=True,
    )
