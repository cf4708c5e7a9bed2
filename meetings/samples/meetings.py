"""Samples of the mails about a meeting, and of the welcome, which names the next one."""

from collections.abc import Callable
from datetime import date, time, timedelta

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Sample, Scene, Words
from meetings import emails
from meetings.models import Meeting, Rsvp
from members.emails import TEMPLATES, WHY
from members.mailing import community_email
from members.samples import APPLICANT, sample_community, sample_person

WEEK = timedelta(weeks=1)


def _thursday(scene: Scene) -> date:
    day = scene.now.date() + WEEK
    return day + timedelta(days=(3 - day.weekday()) % 7)


def sample_meeting(scene: Scene, *, in_person: bool = False) -> Meeting:
    meeting = Meeting(
        community=sample_community(scene),
        title=scene.said("A good night's work", "Une bonne nuit de travail"),
        local_date=_thursday(scene),
        local_time=time(10, 0),
        duration=90,
        mode=Meeting.Mode.HYBRID if in_person else Meeting.Mode.VIRTUAL,
        place=scene.said("Cedar House, 12 Alder Road, Nelson", "Maison Cèdre, 12, rue des Aulnes"),
        join_url="https://video.example/j/98765432100?pwd=c2FtcGxlLW9ubHk",
        dial_in=scene.said("604 555 0123, code 4321", "604 555-0123, code 4321"),
        content_note=scene.said("We talk about loss.", "Nous parlons de deuil."),
        cancel_reason=scene.said(
            "The facilitator is ill. We look for a new day.",
            "L'animatrice est malade. Nous cherchons une nouvelle date.",
        ),
        state=Meeting.State.SCHEDULED,
        updated_at=scene.now,
    )
    meeting.derive_instants()
    return meeting


def sample_rsvp(scene: Scene, state: str = Rsvp.State.GOING, *, in_person: bool = False) -> Rsvp:
    meeting = sample_meeting(scene, in_person=in_person)
    person = sample_person(scene)
    # Two clocks in one mail: the reader lives an hour ahead of the community.
    person.timezone = "America/Edmonton"
    return Rsvp(meeting=meeting, person=person, state=state)


def welcome(scene: Scene) -> Email:
    message = scene.said(
        "Good to have you with us.\n\nMaya", "Heureuse de vous compter parmi nous.\n\nMaya"
    )
    return community_email(
        community=sample_community(scene),
        person=sample_person(scene),
        template=TEMPLATES["welcome"],
        why=WHY,
        context={"category": "member", "message": message, "meeting": sample_meeting(scene)},
    )


def confirmed(scene: Scene) -> Email:
    rsvp = sample_rsvp(scene, in_person=True)
    return emails.rsvp_confirmed(rsvp.meeting, rsvp.person, now=scene.now).email


def confirmed_late(scene: Scene) -> Email:
    rsvp = sample_rsvp(scene)
    return emails.rsvp_confirmed(rsvp.meeting, rsvp.person, now=rsvp.meeting.starts_at).email


def promoted(scene: Scene) -> Email:
    rsvp = sample_rsvp(scene)
    return emails.promoted(rsvp.meeting, rsvp.person).email


def day_before(scene: Scene) -> Email:
    return emails.reminder(sample_rsvp(scene), "day_before").email


def link(scene: Scene) -> Email:
    return emails.reminder(sample_rsvp(scene), "link").email


GOING = _("whoever said yes")
WAITING = _("whoever is in line for a seat")


def meeting_sample(
    name: str,
    title: Words,
    to: Words,
    trigger: Words,
    build: Callable[[Scene], Email],
    kind: str = "",
) -> Sample:
    kind = kind or name
    return Sample(name, kind, f"meetings/email/{kind}", title, to, trigger, build)


WELCOME = Sample(
    "welcome",
    "welcome",
    TEMPLATES["welcome"],
    _("Welcome"),
    APPLICANT,
    _("the reviewer says yes"),
    welcome,
)
SAMPLES = [
    meeting_sample(
        "rsvp_confirmed", _("You are coming"), GOING, _("as soon as they said yes"), confirmed
    ),
    meeting_sample(
        "rsvp_confirmed_late",
        _("You are coming, with the link"),
        GOING,
        _("they said yes in the last half hour"),
        confirmed_late,
        "rsvp_confirmed",
    ),
    meeting_sample(
        "promoted", _("A seat is free for you"), WAITING, _("a seat became free"), promoted
    ),
    meeting_sample(
        "reminder_day_before", _("Reminder, the day before"), GOING, _("a day before"), day_before
    ),
    meeting_sample(
        "reminder_link", _("Reminder with the link"), GOING, _("half an hour before"), link
    ),
]
