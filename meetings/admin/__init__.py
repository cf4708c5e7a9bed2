"""The desk of this app: importing the modules registers their pages."""

from meetings.admin import meetings, series

__all__ = ["meetings", "series"]
