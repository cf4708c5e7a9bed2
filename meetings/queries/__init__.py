"""Reads over meetings and answers. They return plain rows or data; nothing is written here."""

from meetings.queries.access_needs import access_needs
from meetings.queries.feeds import CANCELLED_STAYS, FEED_REACHES_BACK, feed_meetings, find_feed
from meetings.queries.meetings import (
    Turnout,
    Visitor,
    my_upcoming,
    next_hidden_meeting,
    next_meeting,
    place_in_line,
    turnout,
)

__all__ = [
    "CANCELLED_STAYS",
    "FEED_REACHES_BACK",
    "Turnout",
    "Visitor",
    "access_needs",
    "feed_meetings",
    "find_feed",
    "my_upcoming",
    "next_hidden_meeting",
    "next_meeting",
    "place_in_line",
    "turnout",
]
