"""Samples of the mails about papers that end."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Sample, Scene
from members.emails.evidence import EXPIRED, EXPIRING, WHY, notice_context
from members.mailing import community_email
from members.models import Criterion, Evidence, Organization
from members.samples.applications import sample_community, sample_person

CONTACT = _("whoever speaks for the organization")


def _notice(scene: Scene, days: int) -> Email:
    community, person = sample_community(scene), sample_person(scene)
    criterion = Criterion(
        community=community,
        label=scene.words or "On the Assisted Living Registry",
        label_fr=scene.words or "Inscrite au registre",
    )
    evidence = Evidence(
        organization=Organization(name=scene.words or scene.said("Cedar House", "Maison Cèdre")),
        criterion=criterion,
        valid_to=(scene.now + timedelta(days=days or -1)).date(),
    )
    return community_email(
        community=community,
        person=person,
        template=EXPIRING if days else EXPIRED,
        why=WHY,
        context=notice_context(evidence, days),
    )


def expiring(scene: Scene) -> Email:
    return _notice(scene, 30)


def expired(scene: Scene) -> Email:
    return _notice(scene, 0)


SAMPLES = [
    Sample(
        "evidence_expiring", "evidence_expiring", EXPIRING, _("A paper ends soon"), CONTACT,
        _("60, 30 and 7 days before its last day"), expiring,
    ),
    Sample(
        "evidence_expired", "evidence_expired", EXPIRED, _("A paper has ended"), CONTACT,
        _("the day after its last day"), expired,
    ),
]  # fmt: skip
