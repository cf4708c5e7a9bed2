"""Sample of the monthly mail about what is due."""

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Sample, Scene
from library.emails.credits import WHY_KEEPER
from library.emails.reviews import NAME, reviews_context
from library.samples.resources import sample_resource
from members.mailing import community_email
from members.samples import sample_person


def _build(scene: Scene) -> Email:
    resource = sample_resource(scene)
    return community_email(
        community=resource.community,
        person=sample_person(scene),
        template=f"library/email/{NAME}",
        why=WHY_KEEPER,
        context=reviews_context([resource] * 12),
    )


SAMPLES = [
    Sample(
        NAME, NAME, f"library/email/{NAME}", _("To look at again"), _("the librarians"),
        _("once a month, while something is due"), _build,
    ),
]  # fmt: skip
