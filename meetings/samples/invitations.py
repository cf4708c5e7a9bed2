"""Samples of the mails that ask who comes, and of the one that asks how it was."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Sample, Scene
from meetings.emails import after, invitations
from meetings.models import Meeting, TopicProposal
from meetings.samples.meetings import meeting_sample, sample_meeting
from members.models import User
from members.samples import sample_person

TAKERS = _("who takes invitations")


def _asked(scene: Scene) -> tuple[Meeting, User]:
    meeting, person = sample_meeting(scene), sample_person(scene)
    meeting.description = scene.said(
        "How do you staff a night so that people stay? Three houses tell what they do.",
        "Comment garder une équipe de nuit? Trois maisons racontent.",
    )
    meeting.capacity = 24
    meeting.topic = TopicProposal(title=meeting.title, source=TopicProposal.Source.SURVEY)
    # Two clocks in one mail: the reader lives an hour ahead of the community.
    person.timezone = "America/Edmonton"
    return meeting, person


def invitation(scene: Scene) -> Email:
    return invitations.invitation(*_asked(scene)).email


def nudge(scene: Scene) -> Email:
    return invitations.nudge(*_asked(scene)).email


def thanks(scene: Scene) -> Email:
    return after.thanks_letter(sample_meeting(scene), sample_person(scene)).email


def _stoppable(sample: Sample) -> Sample:
    return replace(sample, stop=_("with one tap in each mail"), is_budgeted=True)


SAMPLES = [
    _stoppable(meeting_sample("invitation", _("Invitation to a meeting"), TAKERS,
                              _("the meeting is announced"), invitation)),
    _stoppable(meeting_sample("nudge", _("Reminder to answer"),
                              _("regulars who have not answered"), _("a week before"), nudge)),
    meeting_sample("thanks_feedback", _("Thank you, how was it?"), _("whoever was there"),
                   _("an hour after the end"), thanks),
]  # fmt: skip
