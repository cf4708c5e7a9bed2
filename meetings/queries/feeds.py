"""What a calendar feed is made of: exactly these columns, and nothing besides.

Calendars come back every hour and mostly for nothing, so the feed is told apart by its rows,
without building it; and the SQL of the rows is written once a process, because the ORM takes
longer to write the rule of admission than PostgreSQL takes to answer.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Exists, OuterRef, Q

from meetings.models import Audience, CalendarFeed, Meeting, MeetingChoices, Rsvp
from meetings.models.guests import guest_applications
from members.models import Affiliation, Community, Membership, RoleGrant, User
from members.models.communities import current_grant

# A cancelled meeting stays in the feed, as cancelled, until every calendar has fetched it (ICS-7).
CANCELLED_STAYS = timedelta(days=30)
FEED_REACHES_BACK = timedelta(days=366)
OF_MEETING = (
    "public_id", "title", "place", "mode", "state", "sequence", "starts_at", "ends_at",
    "updated_at",
)  # fmt: skip
OF_COMMUNITY = ("slug", "name", "name_fr", "contact_email", "timezone")
COLUMNS = (*OF_MEETING, *(f"community__{name}" for name in OF_COMMUNITY))
Row = tuple[Any, ...]
# Stand for the values of each visit in the SQL that is written once.
SOMEBODY, SOME_TIME = 987_654_321_012_345, datetime(2000, 1, 1, tzinfo=UTC)


def find_feed(secret: str) -> User | None:
    """Whose feed this is, with no more than a feed needs to know of a person."""
    feeds = CalendarFeed.objects.filter(secret=secret, person__is_active=True)
    found = feeds.values_list(
        "person_id", "person__language", "person__timezone",
        "person__meeting_choices__has_discreet_titles",
    ).first()  # fmt: skip
    if found is None:
        return None
    person = User(pk=found[0], language=found[1], timezone=found[2])
    person.meeting_choices = MeetingChoices(has_discreet_titles=bool(found[3]))
    return person


def feed_rows(person: User, now: datetime) -> list[Row]:
    """The meetings somebody said yes to or waits for, each with the answer at its end."""
    sql, marks = _written()
    with connection.cursor() as cursor:
        cursor.execute(sql, [_value(mark, person, now) for mark in marks])
        return list(cursor.fetchall())


def public_rows(community: Community, now: datetime) -> list[Row]:
    """What anybody may come to; all of it is sure."""
    rows = Meeting.objects.visible_to(AnonymousUser()).filter(_shown(now), community=community)
    rows = rows.order_by("starts_at", "pk")
    return [(*row, Rsvp.State.GOING) for row in rows.values_list(*COLUMNS)]


def feed_meetings(person: User, now: datetime) -> list[Meeting]:
    return [meeting_of(row) for row in feed_rows(person, now)]


def meeting_of(row: Row) -> Meeting:
    """Only what an entry needs is filled in."""
    values = dict(zip(COLUMNS, row, strict=False))
    community = Community(**{name: values[f"community__{name}"] for name in OF_COMMUNITY})
    meeting = Meeting(community=community, **{name: values[name] for name in OF_MEETING})
    meeting.my_state = row[-1]
    return meeting


def asked_anew(person: User, now: datetime) -> Any:  # noqa: ANN401  rows of values
    """The query itself, as the ORM writes it."""
    mine = Rsvp.objects.filter(_shown(now, "meeting__"), _admitted(person), person=person.pk)
    rows = mine.involved().exclude(meeting__community__status=Community.Status.ARCHIVED)
    columns = [f"meeting__{name}" for name in COLUMNS]
    return rows.order_by("meeting__starts_at", "meeting__pk").values_list(*columns, "state")


def _admitted(person: User) -> Q:
    """RsvpQuerySet.still_admitted for one person: what does not hang on the row is asked once."""
    walled = Affiliation.objects.exclude(state="ended").filter(
        person=person.pk, organization__is_regulator_or_funder=True
    )
    waits = guest_applications(
        person=person.pk, community=OuterRef("meeting__community"),
        submitted_at__lte=OuterRef("answered_at"),
    )  # fmt: skip
    inside = Q(meeting__community__in=_where(person, "member")) | Q(
        meeting__community__in=RoleGrant.objects.filter(current_grant(), person=person.pk)
        .exclude(role="evaluator")
        .values("community")
    )
    allied = inside | Q(meeting__community__in=_where(person, "ally")) | Q(Exists(waits))
    return Q(meeting__audience=Audience.PUBLIC) | (
        ~Q(Exists(walled))
        & (
            Q(inside, meeting__audience=Audience.MEMBERS_ONLY)
            | Q(allied, meeting__audience=Audience.MEMBERS_AND_ALLIES)
        )
    )


def _where(person: User, category: str) -> Any:  # noqa: ANN401  a query for `in`
    rows = Membership.objects.filter(
        person=person.pk, state__in=Membership.CURRENT_STATES, category=category
    )
    return rows.values("community")


def _shown(now: datetime, way: str = "") -> Q:
    cancelled = {
        f"{way}state": Meeting.State.CANCELLED,
        f"{way}updated_at__gte": now - CANCELLED_STAYS,
    }
    open_or_over = [Meeting.State.SCHEDULED, Meeting.State.HELD, Meeting.State.WRAPPED]
    shown = Q(**cancelled) | Q(**{f"{way}state__in": open_or_over})
    return shown & Q(**{f"{way}ends_at__gte": now - FEED_REACHES_BACK})


@cache
def _written() -> tuple[str, tuple[Any, ...]]:
    return asked_anew(User(pk=SOMEBODY), SOME_TIME).query.sql_with_params()


def _value(mark: Any, person: User, now: datetime) -> Any:  # noqa: ANN401  as SQL takes it
    if mark == SOMEBODY:
        return person.pk
    if isinstance(mark, datetime):
        return now + (mark - SOME_TIME)
    # The roles in force are those of today.
    return now.date() if isinstance(mark, date) else mark
