"""Samples of the mails that tell of changes: moved, called off, on again, a new way in."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Scene
from meetings import emails
from meetings.models import Meeting, Rsvp
from meetings.queries.told import facts_told
from meetings.samples.meetings import (
    GOING,
    WAITING,
    meeting_sample,
    sample_meeting,
    sample_rsvp,
)


def _changed(scene: Scene, state: str = Rsvp.State.GOING, **facts: object) -> Rsvp:
    """An answer to a meeting that was otherwise a few minutes ago."""
    rsvp = sample_rsvp(scene, state)
    told = facts_told(rsvp.meeting, now=scene.now)
    told["facts"] |= facts
    rsvp.meeting.change_before = told
    return rsvp


def _a_day_earlier(scene: Scene) -> str:
    return (sample_meeting(scene).local_date - timedelta(days=1)).isoformat()


def new_time(scene: Scene) -> Email:
    rsvp = _changed(
        scene, Rsvp.State.NEEDS_CONFIRMATION, local_date=_a_day_earlier(scene), local_time="13:00"
    )
    return emails.changed(rsvp, rsvp.meeting).email


def changed(scene: Scene) -> Email:
    place = scene.said("Cedar House, 12 Alder Road, Nelson", "Maison Cèdre, 12, rue des Aulnes")
    rsvp = _changed(scene, mode=Meeting.Mode.IN_PERSON, place=place, join_url="", duration=60)
    return emails.changed(rsvp, rsvp.meeting).email


def changed_in_line(scene: Scene) -> Email:
    rsvp = _changed(scene, Rsvp.State.WAITLISTED, local_time="09:45", audience="members_only")
    return emails.changed(rsvp, rsvp.meeting).email


def changed_clock(scene: Scene) -> Email:
    rsvp = sample_rsvp(scene)
    return emails.changed_clock(rsvp, rsvp.meeting).email


def changed_clock_in_line(scene: Scene) -> Email:
    rsvp = sample_rsvp(scene, Rsvp.State.WAITLISTED)
    return emails.changed_clock(rsvp, rsvp.meeting).email


def cancelled(scene: Scene) -> Email:
    rsvp = sample_rsvp(scene)
    rsvp.meeting.state = Meeting.State.CANCELLED
    return emails.cancelled(rsvp, rsvp.meeting).email


def cancelled_with_new_day(scene: Scene) -> Email:
    rsvp = sample_rsvp(scene)
    rsvp.meeting.state = Meeting.State.CANCELLED
    make_up = sample_meeting(scene)
    make_up.local_date += timedelta(weeks=1)
    make_up.derive_instants()
    return emails.cancelled(rsvp, rsvp.meeting, make_up=make_up).email


def restored(scene: Scene) -> Email:
    rsvp = sample_rsvp(scene)
    return emails.restored(rsvp, rsvp.meeting).email


def link_replaced(scene: Scene) -> Email:
    rsvp = sample_rsvp(scene)
    return emails.link_replaced(rsvp, rsvp.meeting).email


CLOCK = _("a government changed its clock rules, and a coordinator let the mail go")
SAMPLES = [
    meeting_sample(
        "changed_time",
        _("New time, please answer again"),
        GOING,
        _("the time of the meeting changed"),
        new_time,
        "changed",
    ),
    meeting_sample("changed", _("Meeting changed"), GOING, _("place or link changed"), changed),
    meeting_sample(
        "changed_waiting",
        _("Meeting changed, for those in line"),
        WAITING,
        _("time, place or link changed"),
        changed_in_line,
        "changed",
    ),
    meeting_sample(
        "changed_clock",
        _("Same clock time, corrected calendar entry"),
        GOING,
        CLOCK,
        changed_clock,
    ),
    meeting_sample(
        "changed_clock_waiting",
        _("Same clock time, for those in line"),
        WAITING,
        CLOCK,
        changed_clock_in_line,
        "changed_clock",
    ),
    meeting_sample(
        "cancelled", _("Meeting cancelled"), GOING, _("the meeting is cancelled"), cancelled
    ),
    meeting_sample(
        "cancelled_new_day",
        _("Meeting cancelled, with a new day"),
        GOING,
        _("the meeting is cancelled and a make-up day is given"),
        cancelled_with_new_day,
        "cancelled",
    ),
    meeting_sample(
        "restored",
        _("Takes place after all"),
        GOING,
        _("a cancelled meeting is taken up again"),
        restored,
    ),
    meeting_sample(
        "link_replaced",
        _("A new join link"),
        GOING,
        _("a coordinator replaced a link that got out"),
        link_replaced,
    ),
]
