"""May an organization be named, to everybody, in the newsletter? Only its own say counts (O1)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.audit import record
from cop.core.errors import ActionError
from members.access import has_role
from members.models import Community, Organization, PersonalConsent, RoleGrant, User
from members.queries import spoken_for_by
from members.queries.naming import communities_of

WORDING = "org-name-1"


@transaction.atomic
def say_organization_named(
    *, organization: Organization, community: Community, by: User, given: bool, now: datetime
) -> None:
    """One dated word more. By a contact of the organization, or by a coordinator who was told.

    Raises ActionError for anybody else. Saying the same again writes nothing.
    """
    speaks = spoken_for_by(by).filter(pk=organization.pk).exists()
    if not speaks and not has_role(by, community, RoleGrant.Role.COORDINATOR):
        raise ActionError(_("Only those who speak for the organization decide about its name."))
    if not communities_of(organization).filter(pk=community.pk).exists():
        raise ActionError(_("Nobody of this organization belongs to that community."))
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    known = PersonalConsent.objects.filter(
        community=community,
        purpose=PersonalConsent.Purpose.ORGANIZATION_NAME,
        host=organization,
    )
    last = known.order_by("-at", "-pk").first()
    if (last.given if last else False) == given:
        return
    PersonalConsent.objects.create(
        person=by,
        community=community,
        purpose=PersonalConsent.Purpose.ORGANIZATION_NAME,
        host=organization,
        given=given,
        wording=WORDING,
        source="contact" if speaks else "told the coordinator",
        at=now,
    )
    action = "organization_may_be_named" if given else "organization_not_named"
    record(action, organization, by=by, scope=community.public_id)
