"""Series and meetings of the demo: seven held, one announced with answers, two drafts."""

import random
from datetime import date, datetime, time, timedelta
from typing import Any

from cop.demo.dates import DemoCalendar, at
from cop.demo.outcomes import make_outcomes, make_parts
from meetings.actions import answer_rsvp, draft_meeting, mark_held, schedule_meeting
from meetings.actions.agenda import assign_format
from meetings.models import Meeting, MeetingSeries, Rsvp, SessionFormat
from members.models import Community, Stream, User

WRAPPED = {"wrapped", "held"}
AVAILABLE = {kind.value for kind in Meeting.Kind}


def make_series(community: Community, row: dict[str, Any]) -> MeetingSeries:
    return MeetingSeries.objects.create(
        stream=community.streams.get(kind=Stream.Kind.LEARN),
        title=row["title"],
        weekday=3,
        nth=row["nth"],
        local_time=time.fromisoformat(row["local_time"]),
        timezone=row["timezone"],
        duration=row["duration"],
        skip_months=row["skip_months"],
        target_count=row["target_count"],
    )


def make_meetings(
    community: Community,
    series: MeetingSeries,
    rows: list[dict[str, Any]],
    people: dict[str, User],
    texts: dict[str, Any],
    days: DemoCalendar,
    rng: random.Random,
) -> dict[int, Meeting]:
    made = {}
    for row in rows:
        day = days.meeting(row["n"])
        meeting = Meeting(
            community=community,
            stream=series.stream,
            series=series,
            series_slot=day,
            title=row["title"],
            description=texts["meetings"].get(row["title"], ""),
            kind=row["kind"],
            format=SessionFormat.objects.filter(community=None, code=row["format"]).first(),
            local_date=day,
            local_time=series.local_time,
            timezone=series.timezone,
            duration=row["min"],
            audience=row["audience"],
            capacity=row.get("capacity"),
            join_url=f"https://video.example/every-door-{row['n']}",
            dial_in="236-555-0142, code 555 014#",
            facilitator=people[row["facilitator"]],
            content_note="This session talks about death." if row.get("content_note") else "",
            support_person=people["ravi"].display_name if row.get("content_note") else "",
        )
        made[row["n"]] = _live(meeting, row["state"], day, people["priya"])
        make_parts(made[row["n"]], row, people)
        if row["state"] in WRAPPED:
            _past_answers(made[row["n"]], row["stats"], rng)
            notes = texts["notes"].get(row["n"], "")
            make_outcomes(made[row["n"]], row, notes, rng)
    return made


def _live(meeting: Meeting, state: str, day: date, by: User) -> Meeting:
    """Walk a meeting through the states it had by now."""
    then = at(day - timedelta(days=45))
    meeting = draft_meeting(meeting=meeting, by=by)
    _give_agenda(meeting, by, then)
    if state == "draft":
        return meeting
    meeting = schedule_meeting(meeting=meeting, by=by, now=then)
    if state in WRAPPED:
        meeting = mark_held(meeting=meeting, by=by, now=meeting.ends_at + timedelta(minutes=15))
    if state == "wrapped":
        Meeting.objects.filter(pk=meeting.pk).update(state=Meeting.State.WRAPPED)
        meeting.refresh_from_db()
    return meeting


def _give_agenda(meeting: Meeting, by: User, now: datetime) -> None:
    """Nothing is announced without a format and an agenda that fills its time (MT1)."""
    if meeting.format is not None:
        assign_format(meeting=meeting, format=meeting.format, by=by, now=now)
        meeting.refresh_from_db()
        return
    meeting.format, _new = SessionFormat.objects.get_or_create(
        community=meeting.community,
        code="plain",
        defaults={
            "name": "Open talk", "name_fr": "Échange libre", "kind": meeting.kind,
            "minutes": meeting.duration,
        },
    )  # fmt: skip
    Meeting.objects.filter(pk=meeting.pk).update(format=meeting.format)
    meeting.agenda.create(order=1, title=meeting.title, minutes=meeting.duration)


def _past_answers(meeting: Meeting, stats: dict[str, int], rng: random.Random) -> None:
    """Who said they would come, as it stood at the start: the numbers of the fixtures."""
    members = list(
        User.objects.filter(
            memberships__community=meeting.community, memberships__category="member"
        ).order_by("pk")
    )
    rng.shuffle(members)
    going, waiting = stats["going"], stats["waitlisted"]
    chosen = members[: going + waiting]
    Rsvp.objects.bulk_create(
        Rsvp(
            meeting=meeting,
            person=person,
            state="going" if number < going else "waitlisted",
            holds_seat=number < going,
            wait_ticket=None if number < going else number - going + 1,
            answered_at=meeting.starts_at - timedelta(days=rng.randint(1, 14)),
        )
        for number, person in enumerate(chosen)
    )
    Meeting.objects.filter(pk=meeting.pk).update(going_count=min(going, len(chosen)))


def make_answers(
    meeting: Meeting, people: dict[str, User], days: DemoCalendar, rng: random.Random
) -> None:
    """Answers to the next meeting. The people one can sign in as have given none yet."""
    open_to = {"ravi", "dani"}
    members = User.objects.filter(
        memberships__community=meeting.community,
        memberships__category="member",
        memberships__state="active",
    ).exclude(pk__in=[people[key].pk for key in open_to])
    members = list(members.order_by("pk"))
    rng.shuffle(members)
    answers = ["going"] * 27 + ["not_going"] * 4 + ["send_materials"] * 3
    for person, answer in zip(members, answers, strict=False):
        answer_rsvp(meeting=meeting, person=person, answer=answer, now=days.now)


def make_social_meetings(
    community: Community, raw: dict[str, Any], by: User, texts: dict[str, Any], days: DemoCalendar
) -> None:
    for stream_row in raw["streams"]:
        stream = community.streams.get(kind=stream_row["kind"])
        for row in stream_row.get("meetings", []):
            day = days.shifted_weeks(row["date"])
            learning = stream.kind == Stream.Kind.LEARN
            meeting = Meeting(
                community=community,
                stream=stream,
                title=row["title"],
                description=texts["meetings"].get(row["title"], ""),
                kind=Meeting.Kind.LEARNING if learning else Meeting.Kind.DIALOGUE,
                language=row["lang"],
                local_date=day,
                local_time=time.fromisoformat(row.get("time", "13:00")),
                timezone=community.timezone,
                duration=row["min"],
                audience="members_only" if community.slug.startswith("incl") else "public",
                join_url=f"https://video.example/{community.slug}",
                facilitator=by,
            )
            _live(meeting, row["state"], day, by)
