"""Samples of the letters to those who have a part in a meeting."""

from datetime import time, timedelta

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Scene
from meetings.emails import roles
from meetings.models import MeetingRole, PrepCall
from meetings.samples.meetings import meeting_sample, sample_meeting
from members.samples import sample_person

WHO = _("whoever has a part")


def _role(scene: Scene, **fields: object) -> MeetingRole:
    return MeetingRole(
        meeting=sample_meeting(scene), person=sample_person(scene), part="issue_holder", **fields
    )


def invitation(scene: Scene) -> Email:
    return roles.invitation_letter(_role(scene)).email


def withdrawn(scene: Scene) -> Email:
    return roles.withdrawn_letter(_role(scene), sample_person(scene)).email


def backup(scene: Scene) -> Email:
    return roles.backup_letter(_role(scene)).email


def _call(scene: Scene, *, is_cancelled: bool) -> Email:
    meeting = sample_meeting(scene)
    call = PrepCall(
        meeting=meeting, local_date=meeting.local_date - timedelta(days=7), local_time=time(9, 0),
        timezone=meeting.timezone, join_url="https://video.example/j/prep",
        updated_at=scene.now, is_cancelled=is_cancelled,
    )  # fmt: skip
    call.derive_instants()
    return roles.prep_letter(call, sample_person(scene)).email


def prep(scene: Scene) -> Email:
    return _call(scene, is_cancelled=False)


def no_prep(scene: Scene) -> Email:
    return _call(scene, is_cancelled=True)


SAMPLES = [
    meeting_sample("role_invitation", _("Asked to take a part"), WHO,
                   _("a coordinator asks"), invitation),
    meeting_sample("role_withdrawn", _("Somebody cannot come"), _("the facilitator"),
                   _("somebody with a part says no"), withdrawn),
    meeting_sample("backup_called", _("You step in"), _("the backup"),
                   _("a coordinator lets the backup step in"), backup),
    meeting_sample("prep_call", _("A short call to prepare"), WHO,
                   _("the call is planned or moved"), prep),
    meeting_sample("prep_call_cancelled", _("The preparation call is off"), WHO,
                   _("the call is called off"), no_prep),
]  # fmt: skip
