"""Samples of the letters about a yes."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Sample, Scene, Words
from library.emails.credits import WHY_ASKED, WHY_KEEPER, consent_context, withdrawn_context
from library.models import Resource, ResourceCredit
from library.samples.resources import sample_resource
from members.mailing import community_email
from members.samples import sample_person


def _resource(scene: Scene) -> Resource:
    resource = sample_resource(scene)
    resource.kind = Resource.Kind.RECORDING
    resource.title = scene.said("The night we changed the rota", "La nuit de l'horaire")
    return resource


def _asked(name: str) -> Callable[[Scene], Email]:
    def build(scene: Scene) -> Email:
        resource = _resource(scene)
        person = sample_person(scene)
        credit = ResourceCredit(resource=resource, person=person, part="speaker", is_named=True)
        return community_email(
            community=resource.community,
            person=person,
            template=f"library/email/{name}",
            why=WHY_ASKED,
            context=consent_context(credit, resource.visibility),
        )

    return build


def _withdrawn(scene: Scene) -> Email:
    resource = _resource(scene)
    return community_email(
        community=resource.community,
        person=sample_person(scene),
        template="library/email/consent_withdrawn",
        why=WHY_KEEPER,
        context=withdrawn_context(resource, is_out=True),
    )


def _sample(
    name: str, title: Words, to: Words, trigger: Words, build: Callable[[Scene], Email]
) -> Sample:
    return Sample(name, name, f"library/email/{name}", title, to, trigger, build)


WHO = _("whoever is in a resource")
SAMPLES = [
    _sample("consent_request", _("May we keep it?"), WHO, _("the librarian asks"),
            _asked("consent_request")),
    _sample("consent_reminder", _("Your yes or no is missing"), WHO,
            _("a week without an answer, once"), _asked("consent_reminder")),
    _sample("consent_withdrawn", _("Somebody does not agree"), _("the librarians"),
            _("somebody said no, or took a yes back"), _withdrawn),
]  # fmt: skip
