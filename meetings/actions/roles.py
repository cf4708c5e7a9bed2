"""Who does what at a meeting: named, asked by mail, said yes, withdrew; the backup steps in."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings.actions.seats import lock_meeting
from meetings.emails import roles as emails
from meetings.models import Meeting, MeetingRole, Part
from members.models import User

State = MeetingRole.State
BRIEF = ("context", "tried", "question")


@transaction.atomic
def name_role(
    *,
    meeting: Meeting,
    part: str,
    person: User | None,
    name: str = "",
    is_backup: bool = False,
    by: User,
) -> MeetingRole:
    """Plan somebody for a part: a person of the community, or a guest by name."""
    row = lock_meeting(meeting)
    name = " ".join(name.split())
    if (person is None) == (not name):
        raise ActionError(_("Choose a person, or write the name of a guest; not both."))
    if is_backup and part != Part.ISSUE_HOLDER:
        raise ActionError(_("Only an issue holder has a backup."))
    if person is not None:
        known = row.roles.filter(part=part, person=person).first()
        if known is not None and known.state != State.WITHDRAWN:
            raise ActionError(_("This person has this part already."))
        if known is not None:
            known.delete()
    role = MeetingRole.objects.create(
        meeting=row, part=part, person=person, name=name[:120], is_backup=is_backup
    )
    _note("meeting_role_named", row, by, part)
    return role


@transaction.atomic
def invite_role(*, role: MeetingRole, by: User, now: datetime) -> MeetingRole:
    """Ask by mail. A second press within the same state writes no second mail."""
    row = _locked(role)
    if row.person is None:
        raise ActionError(_("A guest without an account gets no mail from here. Write to them."))
    if row.state == State.WITHDRAWN:
        raise ActionError(_("This person has withdrawn. Name somebody else."))
    if row.state == State.PLANNED:
        _set(row, state=State.INVITED)
    emails.invite(row, now=now)
    _note("meeting_role_asked", row.meeting, by, row.part)
    return row


@transaction.atomic
def answer_role(*, role: MeetingRole, comes: bool, now: datetime) -> MeetingRole:
    """Yes or no by the link. A no tells the facilitator, who can call the backup."""
    row = _locked(role)
    if row.meeting.starts_at <= now:
        raise ActionError(_("This meeting has begun. Tell the facilitator directly."))
    state = State.ACCEPTED if comes else State.WITHDRAWN
    if row.state == state:
        return row
    _set(row, state=state)
    if not comes:
        emails.tell_withdrawn(row, now=now)
    _note("meeting_role_answered", row.meeting, row.person, row.part)
    return row


@transaction.atomic
def save_brief(*, role: MeetingRole, texts: dict[str, str], now: datetime) -> MeetingRole:
    """The issue holder's page: kept as it is, also half written."""
    row = _locked(role)
    if row.part != Part.ISSUE_HOLDER:
        raise ActionError(_("Only an issue holder writes a brief."))
    values = {name: texts.get(name, "").strip() for name in BRIEF}
    _set(row, **values, brief_at=now)
    return row


@transaction.atomic
def call_backup(*, role: MeetingRole, by: User, now: datetime) -> MeetingRole:
    """The backup takes the place of the issue holder; both are told, once."""
    meeting = lock_meeting(role.meeting)
    row = _locked(role)
    if not row.is_backup or row.state == State.WITHDRAWN:
        raise ActionError(_("This backup has stepped in already, or withdrew."))
    before = meeting.roles.filter(
        part=Part.ISSUE_HOLDER, is_backup=False, state__in=MeetingRole.IN_FORCE
    )
    for other in before.select_related("person", "meeting__community"):
        _set(other, state=State.WITHDRAWN)
    _set(row, is_backup=False)
    emails.tell_backup(row, now=now)
    _note("meeting_backup_called", meeting, by, row.part)
    return row


@transaction.atomic
def remove_role(*, role: MeetingRole, by: User) -> None:
    """Take somebody off the plan. Who has been asked is told by a person, not by us."""
    row = _locked(role)
    meeting, part = row.meeting, row.part
    row.delete()
    _note("meeting_role_removed", meeting, by, part)


def _locked(role: MeetingRole) -> MeetingRole:
    rows = MeetingRole.objects.select_for_update(of=("self",))
    return rows.select_related("meeting__community", "meeting__facilitator", "person").get(
        pk=role.pk
    )


def _set(role: MeetingRole, **values: object) -> None:
    for name, value in values.items():
        setattr(role, name, value)
    role.save(update_fields=list(values))


def _note(action: str, meeting: Meeting, by: User | None, part: str) -> None:
    record(action, meeting, by=by, scope=meeting.community.public_id, new=part)
