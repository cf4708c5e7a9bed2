"""Samples of the mails about joining."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Sample, Scene, Words
from members.emails import TEMPLATES, WHY, application_context
from members.mailing import community_email
from members.models import Community, MembershipApplication, Organization, User
from members.reasons import DeclineReason, InfoReason


def sample_person(scene: Scene) -> User:
    return User(
        email="dani@house.example",
        display_name=scene.words or "Dani Achebe-Roy",
        language=scene.language,
        date_joined=timezone.now(),
    )


def sample_community(scene: Scene) -> Community:
    return Community(
        slug="every-door",
        name=scene.words or "Every Door",
        name_fr=scene.words or "Chaque porte",
        short_name=scene.words or scene.said("Every Door", "Chaque porte"),
        contact_email="hello@every-door.example",
        postal_address="Coast Society, 1 Harbour Street, Victoria BC  V8V 0A0, Canada",
    )


def sample_application(scene: Scene) -> MembershipApplication:
    return MembershipApplication(
        community=sample_community(scene),
        person=sample_person(scene),
        organization=Organization(name=scene.said("Cedar House", "Maison Cèdre")),
        submitted_at=scene.now,
        due_on=(scene.now + timedelta(days=10)).date(),
        answer_by=(scene.now + timedelta(days=23)).date(),
        appeal_by=(scene.now + timedelta(days=30)).date(),
    )


def _application_mail(scene: Scene, kind: str, **words: Any) -> Email:  # noqa: ANN401
    application = sample_application(scene)
    return community_email(
        community=application.community,
        person=application.person,
        template=TEMPLATES[kind],
        why=WHY,
        context=application_context(application, **words),
    )


def received(scene: Scene) -> Email:
    return _application_mail(scene, "received")


def asked(scene: Scene) -> Email:
    message = scene.said(
        "Hello Dani, thank you. The second page of the licence is missing.\n\nMaya",
        "Bonjour Dani, merci. Il manque la deuxième page du permis.\n\nMaya",
    )
    return _application_mail(
        scene, "asked", message=message, reason_codes=[InfoReason.UNREADABLE, InfoReason.NO_PERIOD]
    )


def declined(scene: Scene) -> Email:
    message = scene.said(
        "The house is in Alberta. There is a group there that may suit you; write to me.\n\nMaya",
        "La maison est en Alberta. Un groupe là-bas pourrait vous convenir; écrivez-moi.\n\nMaya",
    )
    return _application_mail(
        scene, "declined", message=message, reason_codes=[DeclineReason.NOT_IN_BC], may_be_ally=True
    )


def reminder(scene: Scene) -> Email:
    return _application_mail(scene, "reminder")


def lapsed(scene: Scene) -> Email:
    return _application_mail(scene, "lapsed")


APPLICANT = _("whoever applied")


def _sample(kind: str, title: Words, trigger: Words, build: Any) -> Sample:  # noqa: ANN401
    template = TEMPLATES[kind]
    name = template.rpartition("/")[2]
    return Sample(name, name, template, title, APPLICANT, trigger, build)


SAMPLES = [
    _sample("received", _("Application received"), _("as soon as it has arrived"), received),
    _sample("asked", _("We need one more thing"), _("the reviewer asks for more"), asked),
    _sample(
        "reminder", _("Reminder of our question"), _("7 and 21 days without an answer"), reminder
    ),
    _sample("lapsed", _("Application closed for now"), _("30 days without an answer"), lapsed),
    _sample("declined", _("Application declined"), _("the reviewer says no"), declined),
]
