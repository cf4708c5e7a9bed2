"""Who does what at a meeting: named, asked by mail, said yes, withdrew; the backup steps in."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from meetings.actions.prep import hand_over_prep_call
from meetings.actions.seats import lock_meeting
from meetings.emails import roles as emails
from meetings.emails.parts import tell_replaced
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
    now: datetime,
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
            return _again(known, is_backup=is_backup, by=by, now=now)
    role = MeetingRole.objects.create(
        meeting=row, part=part, person=person, name=name[:120], is_backup=is_backup
    )
    _hand_over(role, now=now)
    _note("meeting_role_named", row, by, part)
    return role


def _again(role: MeetingRole, *, is_backup: bool, by: User, now: datetime) -> MeetingRole:
    """Named once more after a no: what they wrote as their brief is still there."""
    _set(role, state=State.PLANNED, is_backup=is_backup)
    _hand_over(role, now=now)
    _note("meeting_role_named", role.meeting, by, role.part)
    return role


def _hand_over(role: MeetingRole, *, left: Iterable[User] = (), now: datetime) -> None:
    """The preparation call follows the issue holder."""
    if role.part != Part.ISSUE_HOLDER:
        return
    takes_it = role.person is not None and not role.is_backup and role.state in role.IN_FORCE
    hand_over_prep_call(role.meeting, left=left, came=[role.person] if takes_it else [], now=now)


@transaction.atomic
def invite_role(*, role: MeetingRole, by: User, now: datetime) -> MeetingRole:
    """Ask by mail. A second press within the same state writes no second mail."""
    row = _locked(role)
    _refuse_when_off(row.meeting, now)
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
    lock_meeting(role.meeting)
    row = _locked(role)
    _refuse_when_off(row.meeting, now)
    before, state = row.state, State.ACCEPTED if comes else State.WITHDRAWN
    if row.state == state:
        return row
    if comes and _somebody_else_does_it(row):
        raise ActionError(
            _("Somebody else has stepped in for you. Write to the facilitator: they decide.")
        )
    _set(row, state=state)
    if comes and before == State.WITHDRAWN:
        _hand_over(row, now=now)
    if not comes:
        emails.tell_withdrawn(row, now=now)
        _hand_over(row, left=_on_the_call(row), now=now)
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
    _refuse_when_off(meeting, now)
    row = _locked(role)
    if not row.is_backup or row.state == State.WITHDRAWN:
        raise ActionError(_("This backup has stepped in already, or withdrew."))
    before = meeting.roles.filter(
        part=Part.ISSUE_HOLDER, is_backup=False, state__in=MeetingRole.IN_FORCE
    )
    left = []
    for other in before.select_related("person", "meeting__community"):
        tell_replaced(other, now=now)
        left += _on_the_call(other)
        _set(other, state=State.WITHDRAWN)
    _set(row, is_backup=False)
    emails.tell_backup(row, now=now)
    _hand_over(row, left=left, now=now)
    _note("meeting_backup_called", meeting, by, row.part)
    return row


@transaction.atomic
def remove_role(*, role: MeetingRole, by: User, now: datetime) -> None:
    """Take somebody off the plan. Who has been asked is told by a person, not by us."""
    lock_meeting(role.meeting)
    row = _locked(role)
    meeting, part = row.meeting, row.part
    if row.part == Part.ISSUE_HOLDER and row.state in row.IN_FORCE:
        hand_over_prep_call(meeting, left=_on_the_call(row), now=now)
    row.delete()
    _note("meeting_role_removed", meeting, by, part)


def _on_the_call(role: MeetingRole) -> list[User]:
    return [role.person] if role.person is not None and not role.is_backup else []


def _somebody_else_does_it(role: MeetingRole) -> bool:
    if role.part != Part.ISSUE_HOLDER or role.is_backup or role.state != State.WITHDRAWN:
        return False
    others = role.meeting.roles.filter(part=role.part, is_backup=False).exclude(pk=role.pk)
    return others.filter(state__in=MeetingRole.IN_FORCE).exists()


def _refuse_when_off(meeting: Meeting, now: datetime) -> None:
    if meeting.state == Meeting.State.CANCELLED:
        raise ActionError(_("This meeting is cancelled, so nobody needs to answer."))
    if meeting.starts_at <= now:
        raise ActionError(_("This meeting has begun. Speak with the facilitator directly."))


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
