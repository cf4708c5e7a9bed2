"""May a newsletter welcome an organization by its name? Its own people say so (CO1)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.access import has_role
from members.models import Community, Organization, PersonalConsent, User
from members.queries.naming import PURPOSE, latest_word, welcome_communities
from members.queries.organizations import spoken_for_by

# The version of the words beside the switch.
WORDING = "naming 2026-11"
OWN_PAGE, TOLD_THE_TEAM = "own page", "told the team"
MOST_HOW = 200


@transaction.atomic
def say_organization_named(
    *,
    organization: Organization,
    community: Community,
    person: User,
    given: bool,
    source: str,
    now: datetime,
    how: str = "",
) -> bool:
    """Write the word down, if it is another than the last one. True if it is.

    `person`: a contact of the organization on its own page; or, with `how` they said it, a
    coordinator or reviewer who was told. Raises ActionError for anybody else.
    """
    organization = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    _check(organization, community, person, source, how.strip())
    last = latest_word(organization, community)
    if last is not None and last.given == given:
        return False
    PersonalConsent.objects.create(
        person=person,
        community=community,
        purpose=PURPOSE,
        given=given,
        wording=WORDING,
        host=organization,
        source=source,
        at=now,
    )
    audit.record(
        "organization_naming_given" if given else "organization_naming_ended",
        organization,
        by=person,
        scope=community.public_id,
        reason=how.strip()[:MOST_HOW],
    )
    return True


def _check(
    organization: Organization, community: Community, person: User, source: str, how: str
) -> None:
    if organization.status != Organization.Status.ACTIVE:
        raise ActionError(_("This organization is closed or merged, so nothing is noted."))
    if organization.is_regulator_or_funder:
        raise ActionError(_("Funders and regulators are not welcomed by name."))
    if not welcome_communities(organization).filter(pk=community.pk).exists():
        raise ActionError(_("Nobody of this organization belongs to this community now."))
    if source == TOLD_THE_TEAM:
        if not has_role(person, community, "coordinator", "reviewer"):
            raise ActionError(_("Only coordinators and reviewers note this down."))
        if not how:
            raise ActionError(_("Say who told you, when and how: by phone, by mail, in person."))
    elif not spoken_for_by(person).filter(pk=organization.pk).exists():
        raise ActionError(_("Only those who speak for this organization say this."))
