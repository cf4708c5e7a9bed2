"""One function for each message about a meeting. They render; actions queue what they return."""

from meetings.emails.letters import (
    LINK_BEFORE,
    Letter,
    cancelled,
    changed,
    changed_clock,
    link_replaced,
    promoted,
    reminder,
    restored,
    rsvp_confirmed,
    rsvp_url,
    wants_link,
)

__all__ = [
    "LINK_BEFORE",
    "Letter",
    "cancelled",
    "changed",
    "changed_clock",
    "link_replaced",
    "promoted",
    "reminder",
    "restored",
    "rsvp_confirmed",
    "rsvp_url",
    "wants_link",
]
