"""Who was there, for those who may know it: names for facilitator and coordinator (AT5)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from meetings.models import Attendance, Meeting, Rsvp
from meetings.queries.years import year_end, year_start
from members.models import Community, Membership, User


def first_timers(meeting: Meeting) -> QuerySet[User]:
    """Who comes and has never been to a meeting of this community, for the greeter."""
    before = Attendance.objects.filter(
        person=OuterRef("pk"),
        meeting__community=meeting.community_id,
        meeting__starts_at__lt=meeting.starts_at,
        state__in=Attendance.WAS_THERE,
    )
    coming = Rsvp.objects.filter(meeting=meeting, state__in=Rsvp.COMING, person=OuterRef("pk"))
    came = Attendance.objects.filter(
        meeting=meeting, state__in=Attendance.WAS_THERE, person=OuterRef("pk")
    )
    rows = User.objects.filter(~Exists(before), Exists(coming) | Exists(came), is_active=True)
    return rows.order_by("display_name", "pk")


def sheet(meeting: Meeting, words: str = "", limit: int = 200) -> QuerySet[User]:
    """The people of the attendance sheet, each with `answer`, `known` and `known_source`.

    Without words: those who said yes or are noted already. With words: members of that name.
    """
    mine = {"meeting": meeting, "person": OuterRef("pk")}
    answers = Rsvp.objects.filter(**mine)
    noted = Attendance.objects.filter(**mine)
    rows = User.objects.filter(is_active=True).annotate(
        answer=Subquery(answers.values("state")[:1]),
        known=Subquery(noted.values("state")[:1]),
        known_source=Subquery(noted.values("source")[:1]),
        was_first=Subquery(noted.values("is_first")[:1]),
    )
    if words:
        belongs = Membership.objects.filter(
            community=meeting.community_id,
            person=OuterRef("pk"),
            state__in=Membership.CURRENT_STATES,
        )
        rows = rows.filter(Exists(belongs) | Exists(answers), display_name__icontains=words)
        return rows.order_by("display_name", "pk")[:limit]
    rows = rows.filter(Q(answer__in=Rsvp.INVOLVED) | Q(known__isnull=False))
    return rows.order_by("display_name", "pk")


def candidates(meeting: Meeting) -> QuerySet[User]:
    """Whose name or address may stand in the list of the video service."""
    belongs = Membership.objects.filter(
        community=meeting.community_id,
        person=OuterRef("pk"),
        state__in=Membership.CURRENT_STATES,
    )
    answered = Rsvp.objects.filter(meeting=meeting, person=OuterRef("pk"))
    noted = Attendance.objects.filter(meeting=meeting, person=OuterRef("pk"))
    grants = meeting.community.role_grants.filter(person=OuterRef("pk"))
    found = Exists(belongs) | Exists(answered) | Exists(noted) | Exists(grants)
    return User.objects.filter(found, is_active=True)


def attended_by(person: User, community: Community) -> QuerySet[Attendance]:
    """One person's meetings of one community, latest first."""
    rows = Attendance.objects.filter(
        person=person,
        meeting__community=community,
        state__in=Attendance.WAS_THERE,
        meeting__state__in=[Meeting.State.HELD, Meeting.State.WRAPPED],
    )
    return rows.select_related("meeting").order_by("-meeting__starts_at", "pk")


def in_year(rows: QuerySet[Attendance], first: date) -> QuerySet[Attendance]:
    """Those of the programme year that begins on this day (local days of the meetings)."""
    return rows.filter(meeting__local_date__range=(first, year_end(first)))


@dataclass(frozen=True)
class Year:
    """One programme year of one community, as one person lived it. Latest meeting first."""

    community: Community
    first: date
    last: date
    rows: list[Attendance]

    @property
    def minutes(self) -> int:
        return sum(minutes_of(row) for row in self.rows)


def years_of(person: User) -> list[Year]:
    """All that somebody attended, in one query, the latest year first."""
    rows = Attendance.objects.filter(
        person=person,
        state__in=Attendance.WAS_THERE,
        meeting__state__in=[Meeting.State.HELD, Meeting.State.WRAPPED],
    )
    found: dict[tuple[int, date], Year] = {}
    for row in rows.select_related("meeting__community").order_by("-meeting__starts_at", "pk"):
        community = row.meeting.community
        first = year_start(community, row.meeting.local_date)
        year = found.setdefault((community.pk, first), Year(community, first, year_end(first), []))
        year.rows.append(row)
    return list(found.values())


def minutes_of(row: Attendance) -> int:
    """Measured minutes, else what is left after the arrival; never more than the meeting."""
    full = row.meeting.duration
    if row.minutes is not None:
        return min(row.minutes, full)
    if row.joined_at is None:
        return full
    began: datetime = max(row.joined_at, row.meeting.starts_at)
    left = int((row.meeting.ends_at - began).total_seconds() // 60)
    return min(max(left, 0), full) or full


__all__ = [
    "attended_by",
    "candidates",
    "first_timers",
    "in_year",
    "minutes_of",
    "sheet",
    "years_of",
]
