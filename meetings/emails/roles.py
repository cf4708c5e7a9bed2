"""Letters to those who have a part in a meeting: asked, the prep call, withdrew, the backup."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cop.core.links import absolute
from cop.core.mail import render_email
from meetings.emails.letters import Letter
from meetings.links import role_url
from meetings.models import Meeting, MeetingRole, Part, PrepCall
from meetings.prep_ics import prep_entry
from members.mailing import footer
from members.models import User

HAS_PART = _("You get this because you have a part in this meeting.")
LOOKS_AFTER = _("You get this because you look after this meeting.")


def invite(role: MeetingRole, *, now: datetime) -> None:
    key = f"role:{role.meeting.public_id}:{role.public_id}:asked"
    letter = invitation_letter(role)
    letter.queue(key, due_at=now, expires_at=role.meeting.starts_at)


def invitation_letter(role: MeetingRole) -> Letter:
    context = {
        "role": role,
        "role_url": role_url(role),
        "is_holder": role.part == Part.ISSUE_HOLDER,
        "format": role.meeting.format,
    }
    return _letter("role_invitation", role.meeting, role.person, HAS_PART, context)


def tell_withdrawn(role: MeetingRole, *, now: datetime) -> None:
    """To the facilitator; the coordinators see it on the meeting's readiness list."""
    person = role.meeting.facilitator
    if person is None or not person.is_active or person == role.person:
        return
    key = f"role:{role.meeting.public_id}:{role.public_id}:withdrawn:{now.timestamp():.0f}"
    letter = withdrawn_letter(role, person)
    letter.queue(key, due_at=now, expires_at=role.meeting.starts_at)


def withdrawn_letter(role: MeetingRole, person: User) -> Letter:
    has_backup = (
        not role.meeting._state.adding
        and role.meeting.roles.filter(is_backup=True, state__in=MeetingRole.IN_FORCE).exists()
    )
    desk = absolute(reverse("admin:meetings_meeting_roles", args=[role.meeting.pk or 0]))
    context = {"role": role, "has_backup": has_backup, "desk_url": desk}
    return _letter("role_withdrawn", role.meeting, person, LOOKS_AFTER, context)


def tell_backup(role: MeetingRole, *, now: datetime) -> None:
    if role.person is None or not role.person.is_active:
        return
    key = f"role:{role.meeting.public_id}:{role.public_id}:called"
    backup_letter(role).queue(key, due_at=now, expires_at=role.meeting.starts_at)


def backup_letter(role: MeetingRole) -> Letter:
    context = {"role": role, "role_url": role_url(role)}
    return _letter("backup_called", role.meeting, role.person, HAS_PART, context)


def tell_prep_call(call: PrepCall, *, now: datetime) -> None:
    """To the issue holder and the facilitator, each with an entry that names only them."""
    meeting = call.meeting
    holders = meeting.roles.filter(
        part=Part.ISSUE_HOLDER, is_backup=False, state__in=MeetingRole.IN_FORCE,
        person__is_active=True,
    )  # fmt: skip
    people = [role.person for role in holders.select_related("person").order_by("pk")]
    if meeting.facilitator is not None and meeting.facilitator.is_active:
        people.append(meeting.facilitator)
    for person in dict.fromkeys(people):
        tell_of_prep_call(call, person, is_off=call.is_cancelled, now=now)


def tell_of_prep_call(call: PrepCall, person: User, *, is_off: bool, now: datetime) -> None:
    """`is_off`: for this person; the call itself may go on with somebody else."""
    if not person.is_active:
        return
    key = f"prep:{call.meeting.public_id}:{person.pk}:{call.sequence}"
    letter = prep_letter(call, person, is_off=is_off)
    letter.queue(key, due_at=now, expires_at=call.meeting.starts_at)


def prep_letter(call: PrepCall, person: User, *, is_off: bool) -> Letter:
    with translation.override(person.language):
        calendar = prep_entry(call, person, is_off=is_off)
    name = "prep_call_cancelled" if is_off else "prep_call"
    return _letter(name, call.meeting, person, HAS_PART, {"call": call}, calendar)


def _letter(
    name: str,
    meeting: Meeting,
    person: User,
    why: str | Promise,
    context: dict[str, Any],
    calendar: tuple[str, str] = ("", ""),
) -> Letter:
    with translation.override(person.language):
        full = {
            "community": meeting.community,
            "meeting": meeting,
            "person": person,
            "zone": person.timezone,
            **footer(meeting.community, language=person.language, why=why, can_stop=False),
            **context,
        }
        text, method = calendar
        email = render_email(
            f"meetings/email/{name}", full, language=person.language, calendar=text, method=method
        )
    return Letter(meeting, person, name, email)
