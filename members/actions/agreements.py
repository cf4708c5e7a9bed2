"""The ground rules in versions, and consents that are asked again."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.access import has_role, membership_of
from members.actions.directory import save_profile
from members.actions.joining import accept_agreement
from members.actions.memberships import local_day
from members.models import Community, ParticipationAgreement, PersonalConsent, User
from members.queries.communities import agreement_to_accept, host_of
from members.queries.consents import consents_to_renew


@transaction.atomic
def save_agreement(
    *,
    community: Community,
    lines: list[str],
    by: User | None,
    now: datetime,
    lines_fr: list[str] | None = None,
    asks_again: bool = False,
) -> ParticipationAgreement:
    """A new version from today on. The old one stays as people accepted it."""
    if by is not None and not has_role(by, community, "coordinator"):
        raise ActionError(_("Only a coordinator does this."))
    if not lines:
        raise ActionError(_("Write at least one line."))
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    last = community.agreements.aggregate(last=Max("version"))["last"] or 0
    agreement = ParticipationAgreement.objects.create(
        community=community,
        version=last + 1,
        lines=lines,
        lines_fr=lines_fr or [],
        published_on=local_day(community, now),
        # The first text is asked of everybody anyway, when they join.
        asks_again=asks_again and last > 0,
    )
    audit.record(
        "agreement_published",
        agreement,
        by=by,
        scope=community.public_id,
        new=str(agreement.version),
    )
    return agreement


@transaction.atomic
def accept_new_agreement(*, community: Community, person: User, now: datetime) -> None:
    """Somebody who belongs has read the changed rules."""
    if membership_of(person, community) is None:
        raise ActionError(_("You do not belong to this community any more."))
    agreement = agreement_to_accept(person, community)
    if agreement is not None:
        accept_agreement(person=person, agreement=agreement, now=now)


@transaction.atomic
def renew_consent(
    *, person: User, community: Community, purpose: str, given: bool, now: datetime
) -> None:
    """The answer to a consent that named the old host (PA1). Nothing asked: nothing happens."""
    asked = [
        row
        for row in consents_to_renew(person)
        if row.community_id == community.pk and row.purpose == purpose
    ]
    if not asked:
        return
    if given and purpose == PersonalConsent.Purpose.DIRECTORY:
        save_profile(
            person=person, community=community, now=now, source="host changed", is_listed=True
        )
        return
    host = host_of(community)
    PersonalConsent.objects.create(
        person=person,
        community=community,
        purpose=purpose,
        given=given,
        wording=asked[0].wording,
        host=host.organization if host else None,
        source="host changed",
        at=now,
    )
    audit.record(
        "consent_renewed" if given else "consent_ended",
        community,
        by=person,
        scope=community.public_id,
        reason=purpose,
    )
