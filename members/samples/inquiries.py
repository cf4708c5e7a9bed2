"""Samples of the mails about asking the office that issued a paper."""

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Sample, Scene
from members.emails.inquiries import (
    INQUIRY,
    PROPOSED,
    WHY_PROPOSED,
    inquiry_context,
    issuer_email,
)
from members.mailing import community_email
from members.models import IssuerInquiry
from members.samples.applications import APPLICANT, sample_application


def _inquiry(scene: Scene) -> IssuerInquiry:
    application = sample_application(scene)
    # The office is written to in the first language of the community.
    application.community.languages = [scene.language]
    return IssuerInquiry(
        application=application,
        issuer=scene.said("Licensing Office, Coast", "Bureau des permis, Côte"),
        email="licensing@office.example",
        question=scene.said(
            "Is the house licensed today, and until when?",
            "La maison a-t-elle un permis aujourd’hui, et jusqu’à quand?",
        ),
        proposed_at=scene.now,
    )


def proposed(scene: Scene) -> Email:
    inquiry = _inquiry(scene)
    application = inquiry.application
    return community_email(
        community=application.community,
        person=application.person,
        template=PROPOSED,
        why=WHY_PROPOSED,
        context=inquiry_context(inquiry),
    )


def asked_office(scene: Scene) -> Email:
    return issuer_email(_inquiry(scene))


SAMPLES = [
    Sample(
        "inquiry_proposed", "inquiry_proposed", PROPOSED, _("May we ask an office?"), APPLICANT,
        _("the reviewer would like to ask the office that issued a paper"), proposed,
    ),
    Sample(
        "issuer_inquiry", "issuer_inquiry", INQUIRY, _("Question to an office"),
        _("the office that issued a paper"), _("the applicant says yes to it"), asked_office,
    ),
]  # fmt: skip
