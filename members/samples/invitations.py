"""Samples of the mails about invitations to a community, and of the welcome."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Sample, Scene
from members.emails.invitations import TEMPLATE, invitation_email
from members.models import Invitation, User
from members.samples.applications import sample_community, sample_person


def invitation(scene: Scene) -> Email:
    person = sample_person(scene)
    row = Invitation(
        community=sample_community(scene),
        email=person.email,
        words=scene.words
        or scene.said(
            "Your work on night shifts would help us all.\n\nMaya",
            "Votre travail de nuit nous aiderait tous.\n\nMaya",
        ),
        invited_by=User(display_name=scene.words or "Maya Lindqvist"),
        sent_at=scene.now,
        expires_on=(scene.now + timedelta(days=30)).date(),
    )
    return invitation_email(row, person)


SAMPLES = [
    Sample(
        "community_invitation", "community_invitation", TEMPLATE, _("Invitation to a community"),
        _("whoever is invited"), _("a coordinator invites somebody"), invitation,
    ),
]  # fmt: skip
