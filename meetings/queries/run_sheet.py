"""The run sheet of one meeting: who may open it, and its steps with the hours of the clock."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from meetings.access import prepares
from meetings.models import AgendaStep, Attendance, Meeting, MeetingRole, Part
from members.access import Visitor
from members.models import RoleGrant
from members.models.communities import current_grant
from members.queries.communities import holds_here, is_walled_here

STAFF = (RoleGrant.Role.COORDINATOR, RoleGrant.Role.FACILITATOR)
LISTENS = re.compile(r"listen|écout", re.IGNORECASE)


@dataclass(frozen=True)
class SheetStep:
    step: AgendaStep
    starts_at: datetime
    ends_at: datetime
    # Names of those who lead it; empty where nobody is named yet.
    who: str
    holder_listens: bool


def has_part(person: Visitor, meeting: Meeting) -> bool:
    """Any part in force, the backup's too: who may have to step in reads the plan."""
    if hasattr(meeting, "has_part"):
        return bool(meeting.has_part)
    return roles_in_force(meeting).filter(person=person.pk).exists()


def may_run(person: Visitor, meeting: Meeting) -> bool:
    """Who runs this meeting or could take over. Its notes are theirs: no administrators (P4)."""
    if not person.is_authenticated or person.sees_as_member_of is not None or person.is_walled():
        return False
    if _is_staff(person, meeting):
        return True
    if meeting.state == Meeting.State.DRAFT:
        return False
    if not (prepares(meeting, person) or has_part(person, meeting)):
        return False
    return Meeting.objects.visible_to(person).filter(pk=meeting.pk).exists()


def leads_to_sheet(person: Visitor, meeting: Meeting) -> bool:
    """The same for a meeting that `get_meeting_or_404` let through: without a question."""
    if not person.is_authenticated or person.sees_as_member_of is not None:
        return False
    if is_walled_here(meeting.community, person):
        return False
    staff = holds_here(meeting.community, *STAFF)
    return staff or has_part(person, meeting) or prepares(meeting, person)


def _is_staff(person: Visitor, meeting: Meeting) -> bool:
    grants = person.role_grants.filter(current_grant(), role__in=STAFF)
    return bool(grants.filter(community=meeting.community_id).exists())


def roles_in_force(meeting: Meeting) -> QuerySet[MeetingRole]:
    rows = MeetingRole.objects.filter(meeting=meeting, state__in=MeetingRole.IN_FORCE)
    return rows.select_related("person").order_by("part", "is_backup", "pk")


def briefs(
    meeting: Meeting, roles: list[MeetingRole], *, is_preparing: bool, now: datetime
) -> list[MeetingRole]:
    """Issue holders whose question this reader sees: until it begins, those who prepare it only."""
    if not is_preparing and now < meeting.starts_at:
        return []
    return [
        role
        for role in roles
        if role.part == Part.ISSUE_HOLDER and role.question and (is_preparing or not role.is_backup)
    ]


def sheet_steps(meeting: Meeting, roles: list[MeetingRole]) -> list[SheetStep]:
    """One after the other from the start of the meeting."""
    found, begins = [], meeting.starts_at
    has_holder = any(role.part == Part.ISSUE_HOLDER for role in roles)
    for step in meeting.agenda.order_by("order", "pk"):
        ends = begins + timedelta(minutes=step.minutes)
        listens = has_holder and LISTENS.search(f"{step.title} {step.instruction}") is not None
        found.append(SheetStep(step, begins, ends, _names(meeting, step.lead, roles), listens))
        begins = ends
    return found


def _names(meeting: Meeting, part: str, roles: list[MeetingRole]) -> str:
    names = [role.who for role in roles if role.part == part and not role.is_backup]
    if part == Part.FACILITATOR and meeting.facilitator is not None:
        names.insert(0, str(meeting.facilitator))
    return ", ".join(dict.fromkeys(names))


def first_timers(meeting: Meeting) -> int:
    """How many are here for the first time, for the greeter. A number, not names."""
    rows = Attendance.objects.filter(meeting=meeting, is_first=True)
    return rows.filter(state__in=Attendance.WAS_THERE).count()
