"""Samples of the letters to those who have a part in a meeting."""

from datetime import time, timedelta

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Scene
from meetings.emails import roles
from meetings.emails.parts import News, part_news
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
    return roles.prep_letter(call, sample_person(scene), is_off=is_cancelled).email


def prep(scene: Scene) -> Email:
    return _call(scene, is_cancelled=False)


def no_prep(scene: Scene) -> Email:
    return _call(scene, is_cancelled=True)


def moved(scene: Scene) -> Email:
    return part_news(sample_meeting(scene), sample_person(scene), News.MOVED, _role(scene)).email


def off(scene: Scene) -> Email:
    person = sample_person(scene)
    return part_news(sample_meeting(scene), person, News.CANCELLED, _role(scene)).email


def on_again(scene: Scene) -> Email:
    return part_news(sample_meeting(scene), sample_person(scene), News.RESTORED, None).email


def replaced(scene: Scene) -> Email:
    return part_news(sample_meeting(scene), sample_person(scene), News.REPLACED, _role(scene)).email


SAMPLES = [
    meeting_sample("role_invitation", _("Asked to take a part"), WHO,
                   _("a coordinator asks"), invitation),
    meeting_sample("role_withdrawn", _("Somebody cannot come"), _("the facilitator"),
                   _("somebody with a part says no"), withdrawn),
    meeting_sample("backup_called", _("You step in"), _("the backup"),
                   _("a coordinator lets the backup step in"), backup),
    meeting_sample("part_news", _("Your part: something changed"), WHO,
                   _("the meeting moves, and they gave no answer of their own"), moved,
                   "part_news"),
    meeting_sample("part_cancelled", _("Your part: cancelled"), WHO,
                   _("the meeting is called off, likewise"), off, "part_news"),
    meeting_sample("part_restored", _("Your part: it takes place after all"), WHO,
                   _("the cancelled meeting is restored"), on_again, "part_news"),
    meeting_sample("part_replaced", _("Somebody steps in for you"), WHO,
                   _("the backup takes the part of whoever had been asked"), replaced, "part_news"),
    meeting_sample("prep_call", _("A short call to prepare"), WHO,
                   _("the call is planned or moved"), prep),
    meeting_sample("prep_call_cancelled", _("The preparation call is off"), WHO,
                   _("the call is called off"), no_prep),
]  # fmt: skip
