"""The signed links that stand in mails about a meeting: each for one person and one purpose.

They open without signing in. A page opened by GET changes nothing (RS1).
"""

from typing import TYPE_CHECKING

from django.urls import reverse

from cop.core.links import absolute, make_token

if TYPE_CHECKING:
    from meetings.models import BallotPaper, Meeting, MeetingRole
    from members.models import User


def rsvp_url(meeting: "Meeting", person: "User") -> str:
    """The link that answers for one person and one meeting (RS1, RS2)."""
    token = make_token("rsvp", [meeting.public_id, person.public_id])
    return absolute(reverse("rsvp_link", args=[token]))


def join_url(meeting: "Meeting", person: "User") -> str:
    """The way in: it checks, records and leads on. Dead once the address was replaced (MT8)."""
    token = make_token("join", [meeting.public_id, person.public_id, meeting.door_version])
    return absolute(reverse("join_link", args=[token]))


def feedback_url(meeting: "Meeting", person: "User") -> str:
    token = make_token("feedback", [meeting.public_id, person.public_id])
    return absolute(reverse("feedback_link", args=[token]))


def role_url(role: "MeetingRole") -> str:
    """For whoever has a part in a meeting: say yes or no, write the brief, tell what happened."""
    return absolute(reverse("role_link", args=[make_token("role", role.public_id)]))


def notes_url(role: "MeetingRole") -> str:
    """For the issue holder: read the notes, and let them go or not."""
    return absolute(reverse("notes_link", args=[make_token("notes", role.public_id)]))


def outcome_url(role: "MeetingRole") -> str:
    """For the issue holder, thirty days later: what happened."""
    return absolute(reverse("outcome_link", args=[make_token("outcome", role.public_id)]))


def ballot_url(paper: "BallotPaper") -> str:
    """One person's paper in one vote; it can be changed until the vote closes."""
    token = make_token("ballot", [paper.ballot.public_id, paper.person.public_id])
    return absolute(reverse("ballot_link", args=[token]))
