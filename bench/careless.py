"""The site with its protection off: look how many sit there, then sit down. The control of F14."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cop.settings")
application = get_wsgi_application()

from datetime import datetime  # noqa: E402

from meetings.actions import rsvp  # noqa: E402  apps are ready now
from meetings.models import Meeting  # noqa: E402


def look_first(meeting: Meeting, *, now: datetime) -> bool:
    return meeting.rsvps.filter(holds_seat=True).count() < (meeting.capacity or 0)


rsvp.take_seat = look_first
