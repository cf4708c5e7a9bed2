"""Samples of the mails about a community itself."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Sample, Scene
from members.emails import communities
from members.mailing import community_email
from members.models import Organization, Partner, User
from members.samples.applications import sample_community, sample_person

EVERYBODY = _("everybody who belongs")


def closing(scene: Scene) -> Email:
    community = sample_community(scene)
    community.closes_on = scene.now.date() + timedelta(days=60)
    return community_email(
        community=community,
        person=sample_person(scene),
        template=communities.CLOSING,
        why=communities.WHY,
        context=communities.closing_context(community),
    )


def host_changed(scene: Scene) -> Email:
    old = Organization(name=scene.said("Tidewater Network", "Réseau Marée"))
    new = Organization(name=scene.words or scene.said("Coast Alliance", "Alliance de la côte"))
    person: User = sample_person(scene)
    context = communities.host_context(
        Partner(organization=old),
        Partner(organization=new, starts_on=scene.now.date()),
        person,
        {person.pk},
    )
    return community_email(
        community=sample_community(scene),
        person=person,
        template=communities.HOST,
        why=communities.WHY,
        context=context,
    )


SAMPLES = [
    Sample(
        "community_closing", "community_closing", communities.CLOSING, _("The community ends"),
        EVERYBODY, _("a coordinator closes it, sixty days before the last day"), closing,
    ),
    Sample(
        "host_changed", "host_changed", communities.HOST, _("A new host"), EVERYBODY,
        _("another organization becomes the host; consents are asked again"), host_changed,
    ),
]  # fmt: skip
