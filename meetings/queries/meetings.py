"""The meetings of one person, and the numbers that may be shown of one meeting."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q

from meetings.models import Attendance, Meeting, Rsvp
from members.access import has_role
from members.models import Community, RoleGrant, User
from members.queries.communities import audiences_here, holds_here, is_walled_here

Visitor = User | AnonymousUser
CURRENT_AFFILIATION = ("claimed", "confirmed", "disputed")


def next_meeting(community: Community, person: Visitor, now: datetime) -> Meeting | None:
    """The next meeting this person may see, with `my_state`."""
    rows = Meeting.objects.visible_to(person).filter(community=community).upcoming(now)
    rows = rows.with_my_answer(person).select_related("community")
    return rows.order_by("starts_at", "pk").first()


def next_hidden_meeting(
    community: Community, person: Visitor, now: datetime, *, before: Meeting | None = None
) -> Meeting | None:
    """The next one this person may not see: a page may tell its day and for whom it is, no more.

    `before`: only where it comes no later than this one, which the person may see.
    """
    rows = Meeting.objects.filter(community=community).upcoming(now)
    if before is not None:
        rows = rows.filter(starts_at__lte=before.starts_at).exclude(pk=before.pk)
        # Mostly there is none, and whether this person may see it costs much more to ask.
        if not rows.exists():
            return None
    hidden = rows.exclude(pk__in=Meeting.objects.visible_to(person).values("pk"))
    return hidden.exclude(kind=Meeting.Kind.WORKING_GROUP).order_by("starts_at", "pk").first()


def my_upcoming(person: User, now: datetime) -> list[Meeting]:
    """What this person said yes to (or waits for), in all communities, soonest first."""
    rows = (
        Meeting.objects.visible_to(person)
        .upcoming(now)
        .filter(pk__in=Rsvp.objects.filter(person=person).involved().values("meeting"))
    )
    rows = rows.with_my_answer(person).select_related("community")
    return list(rows.order_by("starts_at", "pk"))


@dataclass(frozen=True)
class Turnout:
    """How many said yes, and from how many organizations: numbers, never names (AT5)."""

    people: int
    organizations: int
    # Counted at the meeting, not by what was said before it.
    is_counted: bool = False


def turnout(meeting: Meeting, person: Visitor) -> Turnout | None:
    """None where the numbers are not this person's, or so small that they would point at people."""
    if not person.is_authenticated:
        return None
    if meeting.my_state is None and not _is_inside(person, meeting):
        return None
    if meeting.attendance_saved_at:
        rows = meeting.attendances.filter(state__in=Attendance.WAS_THERE)
    else:
        rows = meeting.rsvps.filter(state__in=Rsvp.COMING)
    count = rows.aggregate(
        people=Count("person", distinct=True),
        organizations=Count(
            "person__affiliations__organization",
            filter=Q(person__affiliations__state__in=CURRENT_AFFILIATION),
            distinct=True,
        ),
    )
    small = count["people"] < meeting.community.anonymity_min_n
    if small and not _is_staff(person, meeting.community):
        return None
    if meeting.attendance_saved_at:
        count |= {"people": count["people"] + meeting.unidentified_count, "is_counted": True}
    return Turnout(**count)


def _is_staff(person: Visitor, community: Community) -> bool:
    if hasattr(community, "i_am") and not person.is_superuser:
        staff = person.sees_as_member_of is None and holds_here(community, *RoleGrant.DESK_ROLES)
        return staff and not is_walled_here(community, person)
    return has_role(person, community, *RoleGrant.DESK_ROLES)


def _is_inside(person: Visitor, meeting: Meeting) -> bool:
    known = audiences_here(meeting.community, person)
    if known is not None:
        return "members_and_allies" in known
    inside = Community.objects.opening(person, "members_and_allies")
    return inside.filter(pk=meeting.community_id).exists()


def place_in_line(rsvp: Rsvp) -> int:
    """1 is the next to get a free seat."""
    waiting = Rsvp.objects.in_line().filter(meeting=rsvp.meeting_id)
    return waiting.filter(wait_ticket__lte=rsvp.wait_ticket).count()
