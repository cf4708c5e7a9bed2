"""The sample of the mail of an import."""

from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from cop.core.samples import Sample, Scene
from members.emails import imports
from members.mailing import community_email
from members.models import Membership
from members.samples.applications import sample_community, sample_person


def welcome(scene: Scene) -> Email:
    membership = Membership(community=sample_community(scene), person=sample_person(scene))
    return community_email(
        community=membership.community,
        person=membership.person,
        template=imports.WELCOME,
        why=imports.WHY,
        context=imports.import_welcome_context(membership),
    )


SAMPLES = [
    Sample(
        "import_welcome", "import_welcome", imports.WELCOME, _("On the list of a community"),
        _("whom a list has brought in"),
        _("a coordinator takes a list of people over, and asks for this mail"), welcome,
    ),
]  # fmt: skip
