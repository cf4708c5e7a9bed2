"""Samples of the mails of a membership's own way, of the directory and of mentorship."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Sample, Scene, Words
from members.emails import affiliations, directory, memberships, mentorship
from members.mailing import community_email
from members.models import (
    Affiliation,
    Introduction,
    Membership,
    MentorshipCheckIn,
    MentorshipMatch,
    MentorshipRequest,
    Organization,
    User,
)
from members.samples.applications import sample_community, sample_person

CONTACT = _("whoever speaks for the organization")
MEMBER = _("the member")
URL = "https://site.example/m/sample/"


def _membership(scene: Scene) -> Membership:
    day = scene.now.date() + timedelta(days=30)
    return Membership(
        community=sample_community(scene),
        person=sample_person(scene),
        grace_until=day,
        suspended_until=day,
        ended_on=scene.now.date(),
    )


def _house(scene: Scene) -> Organization:
    return Organization(name=scene.said("Cedar House", "Maison Cèdre"))


def _other(scene: Scene) -> User:
    return User(email="x@house.example", display_name=scene.words or "Luc Théberge")


def _membership_mail(kind: str) -> Callable[[Scene], Email]:
    def build(scene: Scene) -> Email:
        row = _membership(scene)
        words = scene.said(
            "We need to talk about what was said in the meeting of May.",
            "Nous devons parler de ce qui a été dit à la rencontre de mai.",
        )
        why = memberships.WHY_NOT if kind in memberships.AFTERWARDS else memberships.WHY
        return _mail(
            scene, memberships.TEMPLATES[kind], why, memberships.membership_context(row, words)
        )

    return build


def _mail(scene: Scene, template: str, why: Any, context: dict[str, Any]) -> Email:  # noqa: ANN401
    return community_email(
        community=sample_community(scene),
        person=sample_person(scene),
        template=template,
        why=why,
        context=context,
    )


def renewal(scene: Scene) -> Email:
    context = {
        "membership": _membership(scene),
        "organization": _house(scene),
        "url": URL,
        "is_reminder": True,
        "is_last": True,
    }
    return _mail(scene, memberships.CONFIRM, memberships.WHY, context)


def check(scene: Scene) -> Email:
    rows = [Affiliation(person=sample_person(scene), organization=_house(scene))]
    context = affiliations.check_context(sample_person(scene), rows)
    return _mail(scene, affiliations.TEMPLATE, affiliations.WHY, context | {"url": URL})


def _letter(template: str, why: Words) -> Callable[[Scene], Email]:
    def build(scene: Scene) -> Email:
        words = scene.said("How do you roster your nights?", "Comment planifiez-vous vos nuits?")
        row = Introduction(community=sample_community(scene), sender=_other(scene))
        return _mail(scene, template, why, directory.letter_context(row, words))

    return build


def _match(scene: Scene) -> MentorshipMatch:
    topics = scene.said("night rosters", "horaires de nuit")
    return MentorshipMatch(
        community=sample_community(scene),
        mentor=_other(scene),
        mentee=sample_person(scene),
        request=MentorshipRequest(topics=topics),
        ends_on=scene.now.date() + timedelta(days=182),
    )


def _match_mail(kind: str) -> Callable[[Scene], Email]:
    def build(scene: Scene) -> Email:
        match = _match(scene)
        context = mentorship.match_context(match, match.mentee) | {
            "other": match.mentor,
            "is_mentor": True,
        }
        return _mail(scene, mentorship.TEMPLATES[kind], mentorship.WHY, context)

    return build


def check_in(scene: Scene) -> Email:
    row = MentorshipCheckIn(match=_match(scene), person=sample_person(scene))
    context = {"other": _other(scene), "check_in": row, "url": URL}
    return _mail(scene, mentorship.CHECK_IN, mentorship.WHY, context)


def _sample(
    template: str,
    title: Words,
    trigger: Words,
    build: Callable[[Scene], Email],
    to: Words = MEMBER,
    **more: Any,  # noqa: ANN401
) -> Sample:
    name = template.rpartition("/")[2]
    return Sample(name, name, template, title, to, trigger, build, **more)


ABOUT_MEMBERSHIP = {
    "moved": (_("Have you moved?"), _("the last tie to an eligible organization has ended")),
    "grace": (_("A paper is out of date"), _("two weeks before the grace ends")),
    "lapsed": (_("Membership lapsed"), _("the grace is over, or a year without a word")),
    "suspended": (_("Membership on hold"), _("a coordinator puts it on hold")),
    "suspension_ended": (_("Hold is over"), _("its day has come, or a coordinator ends it")),
    "removed": (_("Membership ended by the team"), _("a coordinator ends it")),
}
ABOUT_MATCH = {
    "asked": (_("Asked for peer mentorship"), _("somebody picks a mentor")),
    "began": (_("Peer mentorship begins"), _("both have said yes")),
    "declined": (_("Peer mentorship: not now"), _("the other says no, or nothing for two weeks")),
    "ended": (_("Peer mentorship ended"), _("either of the two ends it")),
}
SAMPLES = [
    _sample(
        affiliations.TEMPLATE, _("Does this person work with you?"),
        _("somebody says that they work there; once more after three days"), check, CONTACT,
    ),
    *[
        _sample(memberships.TEMPLATES[kind], title, trigger, _membership_mail(kind))
        for kind, (title, trigger) in ABOUT_MEMBERSHIP.items()
    ],
    _sample(
        memberships.CONFIRM, _("Still there?"), _("in April, and twice more without an answer"),
        renewal, is_budgeted=True,
    ),
    _sample(
        directory.INTRODUCTION, _("Letter from the directory"), _("somebody writes to you there"),
        _letter(directory.INTRODUCTION, directory.WHY),
        stop=_("in the directory: take no messages"),
    ),
    _sample(
        directory.REPLY, _("Answer to a letter"), _("they write back"),
        _letter(directory.REPLY, directory.WHY_REPLY),
    ),
    *[
        _sample(mentorship.TEMPLATES[kind], title, trigger, _match_mail(kind))
        for kind, (title, trigger) in ABOUT_MATCH.items()
    ],
    _sample(
        mentorship.CHECK_IN, _("How is the mentorship going?"),
        _("after two weeks, three months and at the end"), check_in,
    ),
]  # fmt: skip
