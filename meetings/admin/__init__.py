"""The desk of this app: importing the modules registers their pages."""

from meetings.admin import ballots, meetings, series, topics

__all__ = ["ballots", "meetings", "series", "topics"]
