"""Samples of the mails about something sent in for the library."""

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Sample, Scene, Words
from library.emails import WHY, resource_context
from library.models import Resource
from members.mailing import community_email
from members.samples import sample_community, sample_person


def sample_resource(scene: Scene) -> Resource:
    return Resource(
        community=sample_community(scene),
        kind=Resource.Kind.TOOL,
        title=scene.said("Handover in ten lines", "La relève en dix lignes"),
        return_reason=scene.said(
            "One line shows the name of a resident. Please take it out.",
            "Une ligne montre le nom d'une résidente. Veuillez l'enlever.",
        ),
    )


def _sample(name: str, title: Words, trigger: Words) -> Sample:
    template = f"library/email/{name}"

    def build(scene: Scene) -> Email:
        resource = sample_resource(scene)
        return community_email(
            community=resource.community,
            person=sample_person(scene),
            template=template,
            why=WHY,
            context=resource_context(resource, name),
        )

    return Sample(name, name, template, title, _("whoever sent it in"), trigger, build)


SAMPLES = [
    _sample("resource_published", _("In the library now"), _("the librarian published it")),
    _sample("resource_returned", _("One thing to change"), _("the librarian sent it back")),
]
