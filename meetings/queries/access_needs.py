"""What people need to take part: read by those who prepare the meeting, and by nobody else."""

from meetings.models import Meeting, Rsvp


def access_needs(meeting: Meeting) -> list[Rsvp]:
    """Ask `meetings.access.prepares` first. Only of those who come or may still get a seat."""
    rows = meeting.rsvps.involved().exclude(access_need="").select_related("person")
    return list(rows.order_by("person__display_name", "pk"))
