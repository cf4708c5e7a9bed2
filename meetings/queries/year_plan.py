"""One programme year of a community on one page: promised and held, the mix, what lacks (MT10)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

import holidays
from django.db.models import Max, Min
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from meetings.models import Meeting, MeetingSeries, TopicProposal
from meetings.queries.years import year_end, year_start
from members.models import Community

State, Kind = Meeting.State, Meeting.Kind
DONE = (State.HELD, State.WRAPPED)
FORMAL = (Kind.LEARNING, Kind.BUSINESS)
# Front-line staff plan their shifts weeks ahead (MT2).
GOOD_NOTICE = timedelta(days=21)
IN_A_ROW = 3


@dataclass(frozen=True)
class Row:
    """One meeting of the plan, and what it lacks, in words."""

    meeting: Meeting
    lacks: list[str]
    holiday: str = ""


@dataclass
class Month:
    first: date
    rows: list[Row] = field(default_factory=list)
    # Every series leaves this month out: nothing is missing.
    is_left_out: bool = False

    @property
    def is_empty(self) -> bool:
        return not any(row.meeting.state != State.CANCELLED for row in self.rows)


@dataclass(frozen=True)
class Plan:
    """`first`, `last`: days of the programme year. Cancelled meetings count nowhere (MT6)."""

    community: Community
    first: date
    last: date
    months: list[Month]
    promised: int
    counts: Counter[str]
    mix: Counter[str]
    waiting_topics: list[TopicProposal]
    warnings: list[str]
    previous: date | None
    following: date | None

    @property
    def held(self) -> int:
        return sum(self.counts[state] for state in DONE)

    @property
    def scheduled(self) -> int:
        return self.counts[State.SCHEDULED]

    @property
    def drafts(self) -> int:
        return self.counts[State.DRAFT]


def year_plan(community: Community, on: date, now: datetime) -> Plan:
    """The programme year in which this local day lies. Four queries, whatever the size."""
    first = year_start(community, on)
    last = year_end(first)
    rows = Meeting.objects.filter(community=community, local_date__range=(first, last))
    rows = rows.select_related("facilitator", "format", "topic", "series", "community")
    meetings = list(rows.order_by("starts_at", "pk"))
    series = list(MeetingSeries.objects.filter(stream__community=community).order_by("pk"))
    months = _months(first, meetings, series, now)
    counting = [m for m in meetings if m.state != State.CANCELLED]
    chosen = TopicProposal.objects.filter(
        community=community, state=TopicProposal.State.SHORTLISTED
    )
    bounds = Meeting.objects.filter(community=community).aggregate(
        lowest=Min("local_date"), highest=Max("local_date")
    )
    promised = sum(one.target_count for one in series)
    return Plan(
        community=community,
        first=first,
        last=last,
        months=months,
        promised=promised,
        counts=Counter(m.state for m in meetings),
        mix=Counter(m.kind for m in counting),
        waiting_topics=list(chosen.order_by("moderated_at", "pk")[:20]),
        warnings=list(_warnings(months, counting, promised, now)),
        previous=_neighbour(first - timedelta(days=1), bounds["lowest"], back=True),
        following=_neighbour(last + timedelta(days=1), bounds["highest"] or on, back=False),
    )


def _neighbour(day: date, edge: date | None, *, back: bool) -> date | None:
    """The year beside is offered where it holds a meeting; the next one always once."""
    if back:
        return day if edge and edge <= day else None
    return day


def lacks(meeting: Meeting) -> list[str]:
    """What a meeting still needs before people can be told, in words."""
    if meeting.state not in {State.DRAFT, State.SCHEDULED}:
        return []
    needs = {
        _("a facilitator"): meeting.facilitator_id,
        _("a format"): meeting.format_id,
        _("a topic"): meeting.topic_id or meeting.kind in {Kind.ORIENTATION, Kind.WORKING_GROUP},
        _("a join link"): meeting.join_url or not meeting.is_online,
        _("a place"): meeting.place or not meeting.is_in_person,
    }
    return [name for name, given in needs.items() if not given]


def _months(
    first: date, meetings: list[Meeting], series: list[MeetingSeries], now: datetime
) -> list[Month]:
    language = "fr" if (get_language() or "en").startswith("fr") else "en_CA"
    closed = holidays.country_holidays("CA", subdiv="BC", language=language)
    found: dict[tuple[int, int], Month] = {}
    for step in range(12 + (first.day > 1)):
        number = first.year * 12 + first.month - 1 + step
        year, month = number // 12, number % 12 + 1
        left_out = bool(series) and all(month in one.skip_months for one in series)
        found[year, month] = Month(date(year, month, 1), is_left_out=left_out)
    for meeting in meetings:
        day = meeting.local_date
        holiday = closed.get(day, "") if meeting.ends_at > now else ""
        found[day.year, day.month].rows.append(Row(meeting, lacks(meeting), holiday))
    return list(found.values())


def _warnings(
    months: list[Month], meetings: list[Meeting], promised: int, now: datetime
) -> Iterator[str]:
    if promised and len(meetings) < promised:
        missing = promised - len(meetings)
        yield ngettext(
            "%(n)d meeting fewer is planned than was promised.",
            "%(n)d meetings fewer are planned than were promised.",
            missing,
        ) % {"n": missing}
    yield from _formal_in_a_row(meetings)
    yield from _no_room_for_urgent(meetings, now)
    yield from _at_one_time(meetings, now)
    for month in months:
        if month.is_empty and not month.is_left_out and _is_ahead(month, now):
            name = date_format(month.first, "F Y")
            yield _("%(month)s has no meeting.") % {"month": name}
        for row in month.rows:
            if row.holiday and row.meeting.state in {State.DRAFT, State.SCHEDULED}:
                yield _("“%(title)s” falls on a public holiday (%(holiday)s).") % {
                    "title": row.meeting.title,
                    "holiday": row.holiday,
                }
            if row.meeting.state == State.DRAFT and now < row.meeting.starts_at < now + GOOD_NOTICE:
                yield _("“%(title)s” is less than three weeks ahead and not announced.") % {
                    "title": row.meeting.title
                }


def _is_ahead(month: Month, now: datetime) -> bool:
    return (month.first.year, month.first.month) >= (now.year, now.month)


def _formal_in_a_row(meetings: list[Meeting]) -> Iterator[str]:
    """Three formal sessions in a row: people come to talk as well as to listen."""
    run: list[Meeting] = []
    for meeting in [*meetings, None]:
        if meeting is not None and meeting.kind in FORMAL:
            run.append(meeting)
            continue
        if meeting is not None and meeting.kind not in {Kind.DIALOGUE, *FORMAL}:
            # An orientation or a working group is no dialogue for everybody.
            continue
        if len(run) >= IN_A_ROW and run[-1].state in {State.DRAFT, State.SCHEDULED}:
            yield _(
                "%(n)d formal sessions in a row, from %(first)s to %(last)s: try a dialogue."
            ) % {
                "n": len(run),
                "first": date_format(run[0].local_date, "j F"),
                "last": date_format(run[-1].local_date, "j F"),
            }
        run = []


def _no_room_for_urgent(meetings: list[Meeting], now: datetime) -> Iterator[str]:
    """At least one dialogue in each quarter has no topic yet: room for urgent questions (TP6)."""
    quarters: dict[tuple[int, int], list[Meeting]] = {}
    for meeting in meetings:
        if meeting.ends_at > now:
            day = meeting.local_date
            quarters.setdefault((day.year, (day.month - 1) // 3), []).append(meeting)
    for (year, quarter), found in sorted(quarters.items()):
        free = [m for m in found if m.kind == Kind.DIALOGUE and m.topic_id is None]
        if not free:
            names = [date_format(date(year, quarter * 3 + n, 1), "F") for n in (1, 3)]
            yield _(
                "%(first)s to %(last)s %(year)s: no dialogue is kept free for urgent questions."
            ) % {"first": names[0], "last": names[1], "year": year}


def _at_one_time(meetings: list[Meeting], now: datetime) -> Iterator[str]:
    for one, other in pairwise(meetings):
        if other.starts_at < one.ends_at and other.ends_at > now:
            yield _("“%(one)s” and “%(other)s” are at the same time.") % {
                "one": one.title,
                "other": other.title,
            }
