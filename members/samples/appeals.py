"""Samples of the mails of an appeal."""

from collections.abc import Callable
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Sample, Scene, Words
from members.emails.appeals import TEMPLATES, WHY, WHY_SEAT, appeal_context, seat_context
from members.mailing import community_email
from members.models import Appeal
from members.samples.applications import APPLICANT, sample_application

Build = Callable[[Scene], Email]
PANEL = _("whoever is asked onto the panel")


def _appeal(scene: Scene, state: str = "open") -> Appeal:
    return Appeal(
        application=sample_application(scene),
        ground=Appeal.Ground.NEW_EVIDENCE,
        text=scene.said("The health authority funds four beds.", "La régie finance quatre lits."),
        state=state,
        opened_at=scene.now,
        due_on=(scene.now + timedelta(days=28)).date(),
        decided_at=None if state == "open" else scene.now,
        effective_on=(scene.now + timedelta(days=60)).date() if state == "upheld" else None,
        reasons=scene.said(
            "The letter is true. It holds from the day named above.",
            "La lettre est exacte. Elle vaut à partir du jour nommé plus haut.",
        ),
    )


def _mail(scene: Scene, kind: str, state: str = "open") -> Email:
    appeal = _appeal(scene, state)
    is_seat = kind == "seat"
    return community_email(
        community=appeal.application.community,
        person=appeal.application.person,
        template=TEMPLATES[kind],
        why=WHY_SEAT if is_seat else WHY,
        context=seat_context(appeal) if is_seat else appeal_context(appeal),
    )


def received(scene: Scene) -> Email:
    return _mail(scene, "received")


def upheld(scene: Scene) -> Email:
    return _mail(scene, "decided", "upheld")


def dismissed(scene: Scene) -> Email:
    return _mail(scene, "decided", "dismissed")


def returned(scene: Scene) -> Email:
    return _mail(scene, "decided", "returned")


def not_in_force(scene: Scene) -> Email:
    return _mail(scene, "not_in_force", "upheld")


def seat(scene: Scene) -> Email:
    return _mail(scene, "seat")


def _sample(name: str, kind: str, title: Words, who: Words, trigger: Words, build: Build) -> Sample:
    template = TEMPLATES[kind]
    return Sample(name, template.rpartition("/")[2], template, title, who, trigger, build)


SAMPLES = [
    _sample(
        "appeal_received", "received", _("We look at it again"), APPLICANT,
        _("as soon as the request has arrived"), received,
    ),
    _sample(
        "appeal_seat", "seat", _("A seat on a panel"), PANEL,
        _("the coordinator asks somebody onto the panel"), seat,
    ),
    _sample(
        "appeal_decided", "decided", _("The panel has decided: upheld"), APPLICANT,
        _("the decision is written"), upheld,
    ),
    _sample(
        "appeal_dismissed", "decided", _("The panel has decided: dismissed"), APPLICANT,
        _("the decision is written"), dismissed,
    ),
    _sample(
        "appeal_returned", "decided", _("The panel has decided: a new review"), APPLICANT,
        _("the decision is written"), returned,
    ),
    _sample(
        "appeal_not_in_force", "not_in_force", _("A membership that does not begin"), APPLICANT,
        _("the evidence ends before the day of an upheld appeal"), not_in_force,
    ),
]  # fmt: skip
