"""The Open Space board: who is at it, when it takes changes, and how it stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from meetings.models import (
    Attendance,
    BoardRoom,
    BoardSlot,
    BoardTopic,
    Meeting,
    MeetingRole,
    Rsvp,
)
from meetings.queries.run_sheet import STAFF, may_run
from members.access import Visitor
from members.models import RoleGrant, User
from members.models.communities import current_grant

FORMAT = "open_space"
# Topics gather from a day before; a day after the end the board is the harvest.
AROUND = timedelta(hours=24)


@dataclass(frozen=True)
class BoardPlace:
    room: BoardRoom
    topic: BoardTopic | None


@dataclass(frozen=True)
class BoardRound:
    slot: BoardSlot
    starts_at: datetime
    ends_at: datetime
    places: list[BoardPlace]


def takes_changes(meeting: Meeting, now: datetime) -> bool:
    out = {Meeting.State.DRAFT, Meeting.State.CANCELLED}
    is_near = meeting.starts_at - AROUND <= now <= meeting.ends_at + AROUND
    return meeting.state not in out and is_near


def may_see_board(person: Visitor, meeting: Meeting) -> bool:
    """Those who run the meeting, those who are coming, and those who came (admitted all)."""
    if not person.is_authenticated or person.sees_as_member_of is not None:
        return False
    if may_run(person, meeting):
        return True
    rows = Meeting.objects.visible_to(person).filter(pk=meeting.pk)
    return rows.filter(_takes_part(person)).exists()


def _takes_part(person: User) -> Q:
    mine = {"meeting": OuterRef("pk"), "person": person.pk}
    coming = Rsvp.objects.filter(**mine, state__in=Rsvp.COMING)
    came = Attendance.objects.filter(**mine, state__in=Attendance.WAS_THERE)
    return Q(Exists(coming)) | Q(Exists(came))


def is_unchanged(person: Visitor, slug: str, public_id: str, version: str) -> bool:
    """One question for each look in between. Only who takes part or runs it is told so; all
    others, and whoever must be told of a change, go through `may_see_board`."""
    if not version.isdecimal() or len(version) > 9 or person.sees_as_member_of is not None:
        return False
    grants = RoleGrant.objects.filter(
        current_grant(), person=person.pk, community=OuterRef("community"), role__in=STAFF
    )
    roles = MeetingRole.objects.filter(
        meeting=OuterRef("pk"), person=person.pk, state__in=MeetingRole.IN_FORCE
    )
    is_there = _takes_part(person) | Q(Exists(roles)) | Q(Exists(grants))
    rows = Meeting.objects.filter(
        is_there | Q(facilitator=person.pk), community__slug=slug, public_id=public_id,
        board_version=int(version),
    )  # fmt: skip
    return rows.exists()


def topics_of(meeting: Meeting) -> list[BoardTopic]:
    rows = BoardTopic.objects.filter(meeting=meeting).select_related("host", "slot", "room")
    return list(rows.order_by("created_at", "pk"))


def rounds_of(meeting: Meeting, topics: list[BoardTopic]) -> list[BoardRound]:
    rooms = list(meeting.board_rooms.order_by("order"))
    held = {(topic.slot_id, topic.room_id): topic for topic in topics if topic.slot_id}
    return [
        BoardRound(
            slot,
            meeting.starts_at + timedelta(minutes=slot.starts_minute),
            meeting.starts_at + timedelta(minutes=slot.starts_minute + slot.minutes),
            [BoardPlace(room, held.get((slot.pk, room.pk))) for room in rooms],
        )
        for slot in meeting.board_slots.order_by("order")
    ]
