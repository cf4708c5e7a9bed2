from meetings.models.feeds import CalendarFeed
from meetings.models.meetings import Meeting
from meetings.models.rsvps import Rsvp
from meetings.models.series import Audience, MeetingSeries

__all__ = ["Audience", "CalendarFeed", "Meeting", "MeetingSeries", "Rsvp"]
