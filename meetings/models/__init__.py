from meetings.models.attendance import (
    Attendance,
    AttendanceImport,
    AttendanceImportRow,
    Certificate,
    Feedback,
    MeetingNotes,
)
from meetings.models.board import BoardRoom, BoardSlot, BoardTopic
from meetings.models.feeds import CalendarFeed, MeetingChoices
from meetings.models.formats import AgendaStep, FormatStep, Part, Recording, Room, SessionFormat
from meetings.models.meetings import Meeting
from meetings.models.roles import MeetingRole, PrepCall
from meetings.models.rsvps import Rsvp
from meetings.models.series import Audience, MeetingSeries
from meetings.models.topics import Ballot, BallotMark, BallotOption, BallotPaper, TopicProposal

__all__ = [
    "AgendaStep",
    "Attendance",
    "AttendanceImport",
    "AttendanceImportRow",
    "Audience",
    "Ballot",
    "BallotMark",
    "BallotOption",
    "BallotPaper",
    "BoardRoom",
    "BoardSlot",
    "BoardTopic",
    "CalendarFeed",
    "Certificate",
    "Feedback",
    "FormatStep",
    "Meeting",
    "MeetingChoices",
    "MeetingNotes",
    "MeetingRole",
    "MeetingSeries",
    "Part",
    "PrepCall",
    "Recording",
    "Room",
    "Rsvp",
    "SessionFormat",
    "TopicProposal",
]
