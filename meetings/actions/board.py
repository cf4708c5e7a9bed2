"""The Open Space board: everybody at the meeting puts topics into rounds and rooms."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings.actions.seats import lock_meeting
from meetings.actions.step_notes import both_texts
from meetings.models import BoardRoom, BoardSlot, BoardTopic, Meeting, Room
from meetings.queries.board import takes_changes
from meetings.queries.run_sheet import may_run
from members.models import User

MOST_ROOMS, MOST_TOPICS, LONGEST_NOTES = 12, 200, 10_000


@transaction.atomic
def set_up_board(*, meeting: Meeting, rooms: int, by: User) -> None:
    """A round for each step in small groups. Twice changes nothing."""
    row = lock_meeting(meeting)
    if row.board_slots.exists():
        return
    if not 1 <= rooms <= MOST_ROOMS:
        raise ActionError(_("Choose from 1 to %(most)d rooms.") % {"most": MOST_ROOMS})
    slots, minute = [], 0
    for step in row.agenda.order_by("order", "pk"):
        if step.room == Room.BREAKOUT:
            label = _("Round %(number)d") % {"number": len(slots) + 1}
            slots.append(BoardSlot(meeting=row, order=len(slots) + 1, label=label,
                                   starts_minute=minute, minutes=step.minutes))  # fmt: skip
        minute += step.minutes
    if not slots:
        raise ActionError(
            _("The agenda has no step in small groups. Add one, and it becomes a round here.")
        )
    BoardSlot.objects.bulk_create(slots)
    BoardRoom.objects.bulk_create(
        BoardRoom(meeting=row, order=n, name=_("Room %(number)d") % {"number": n})
        for n in range(1, rooms + 1)
    )
    _changed(row)
    record("meeting_board_opened", row, by=by, scope=meeting.community.public_id, new=str(rooms))


@transaction.atomic
def rename_board_room(*, room: BoardRoom, name: str, now: datetime) -> None:
    _must_be_open(room.meeting, now)
    name = " ".join(name.split())
    if not 1 <= len(name) <= 40:
        raise ActionError(_("A room needs a name of at most 40 letters."))
    BoardRoom.objects.filter(pk=room.pk).update(name=name)
    _changed(room.meeting)


@transaction.atomic
def propose_board_topic(*, meeting: Meeting, title: str, by: User, now: datetime) -> BoardTopic:
    """On the wall first. The same words by the same person twice are one topic."""
    _must_be_open(meeting, now)
    row = lock_meeting(meeting)
    title = " ".join(title.split())
    if not 1 <= len(title) <= 140:
        raise ActionError(_("Say your topic in at most 140 letters."))
    topics = BoardTopic.objects.filter(meeting=row)
    same = topics.filter(host=by, title=title).first()
    if same is not None:
        return same
    if topics.count() >= MOST_TOPICS:
        raise ActionError(_("The wall is full. Join a topic that is there."))
    topic = BoardTopic.objects.create(meeting=row, title=title, host=by, created_at=now)
    _changed(row)
    return topic


@transaction.atomic
def place_board_topic(
    *, topic: BoardTopic, slot: BoardSlot | None, room: BoardRoom | None, by: User, now: datetime
) -> None:
    """Into a round and a room, or (neither) back to the wall. The database decides who is first."""
    _must_be_theirs(topic, by, now)
    places = [place for place in (slot, room) if place is not None]
    if len(places) == 1 or any(place.meeting_id != topic.meeting_id for place in places):
        raise ActionError(_("Choose a place on this board."))
    try:
        with transaction.atomic():
            BoardTopic.objects.filter(pk=topic.pk).update(slot=slot, room=room)
    except IntegrityError as error:
        raise ActionError(
            _("Another topic was put there a moment ago. Choose a place that is free.")
        ) from error
    _changed(topic.meeting)


@transaction.atomic
def withdraw_board_topic(*, topic: BoardTopic, by: User, now: datetime) -> None:
    """Gone from the board, unless people have written notes."""
    _must_be_theirs(topic, by, now)
    row = BoardTopic.objects.select_for_update().filter(pk=topic.pk).first()
    if row is None:
        return
    if row.notes:
        raise ActionError(_("There are notes on this topic. Put it back to the wall instead."))
    row.delete()
    _changed(topic.meeting)


@transaction.atomic
def write_board_notes(
    *, topic: BoardTopic, notes: str, version: int, by: User, now: datetime
) -> bool:
    """Says whether somebody else had written meanwhile: then both texts stand in the notes."""
    _must_be_open(topic.meeting, now)
    row = BoardTopic.objects.select_for_update().filter(pk=topic.pk).first()
    if row is None:
        raise ActionError(_("This topic was withdrawn. Copy your notes to another one."))
    notes = notes.replace("\r\n", "\n").strip()
    kept = notes if version == row.notes_version else both_texts(row.notes, notes, str(by))
    if len(kept) > LONGEST_NOTES:
        raise ActionError(_("These notes are too long. Shorten them and save again."))
    is_joined = kept not in {notes, row.notes}
    if kept != row.notes:
        row.notes, row.notes_version = kept, row.notes_version + 1
        row.save(update_fields=["notes", "notes_version"])
        _changed(topic.meeting)
    return is_joined


def _must_be_open(meeting: Meeting, now: datetime) -> None:
    if not takes_changes(meeting, now):
        raise ActionError(
            _("The board takes changes from a day before the meeting until a day after it.")
        )


def _must_be_theirs(topic: BoardTopic, by: User, now: datetime) -> None:
    _must_be_open(topic.meeting, now)
    if topic.host_id != by.pk and not may_run(by, topic.meeting):
        raise ActionError(_("Only the host and those who run the meeting can do this."))


def _changed(meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(board_version=F("board_version") + 1)
