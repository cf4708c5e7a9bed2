"""Asking to join: the application, where one works, the first paper and the choices of mail."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from cop.core.uploads import CheckedUpload
from members.actions.affiliations import claim_affiliation
from members.actions.contacts import ask_contacts
from members.actions.decisions import approve_at_once
from members.actions.documents import add_evidence
from members.actions.fast_path import is_fast
from members.actions.organizations import flag_duplicates
from members.calendar import first_answer_due
from members.emails import queue_application_email
from members.models import (
    Affiliation,
    AgreementAcceptance,
    Community,
    Criterion,
    Membership,
    MembershipApplication,
    Organization,
    ParticipationAgreement,
    Site,
    User,
)
from outbox.actions import update_subscriptions

State = MembershipApplication.State
ApplyingAs = MembershipApplication.ApplyingAs
PROPOSED_KIND = {
    ApplyingAs.PROVIDER: Organization.Kind.SERVICE_PROVIDER,
    ApplyingAs.ALLY_GOVERNMENT: Organization.Kind.GOVERNMENT,
    ApplyingAs.ALLY_RESEARCHER: Organization.Kind.ACADEMIC,
    ApplyingAs.ALLY_PEER: Organization.Kind.PEER_NETWORK,
    ApplyingAs.ALLY_OTHER: Organization.Kind.OTHER,
}


def submit_application(
    *,
    community: Community,
    person: User,
    applying_as: str,
    agreement: ParticipationAgreement | None,
    now: datetime,
    organization: Organization | None = None,
    proposed_name: str = "",
    proposed_city: str = "",
    criterion: Criterion | None = None,
    reference: str = "",
    document: CheckedUpload | None = None,
    facts: dict[str, Any] | None = None,
    lists: Collection[str] = (),
    role_title: str = "",
    role_group: str = Affiliation.RoleGroup.FRONT_LINE,
    site: Site | None = None,
    motivation: str = "",
    heard_from: str = "",
) -> MembershipApplication:
    """Ask to join. An unticked list means never. Some need no reviewer: `is_fast` (AM1).

    `facts`: what else the paper says (kind, issuer, site, holder_name, valid_from, valid_to).
    """
    try:
        with transaction.atomic():
            # Two taps at once: the second one waits here, and then reads what the first one did.
            User.objects.select_for_update(no_key=True).get(pk=person.pk)
            _check_may_apply(community, person, applying_as)
            if organization is None and applying_as != ApplyingAs.INDIVIDUAL:
                organization = _propose(proposed_name, proposed_city, applying_as)
            affiliation = None
            if organization is not None:
                affiliation = claim_affiliation(
                    person=person,
                    organization=organization,
                    site=site,
                    role_title=role_title,
                    role_group=role_group,
                    now=now,
                )
            application = _write(
                community, person, organization, agreement, now,
                applying_as=applying_as, motivation=motivation, heard_from=heard_from.strip()[:120],
            )  # fmt: skip
            if criterion is not None and organization is not None:
                add_evidence(
                    application=application,
                    criterion=criterion,
                    reference=reference,
                    document=document,
                    now=now,
                    **(facts or {}),
                )
            _keep_choices(application, lists, now=now)
            if organization is not None and organization.status == Organization.Status.PROPOSED:
                flag_duplicates(organization=organization, community=community, now=now)
            _answer_first(application, affiliation, now=now)
            return application
    except IntegrityError as error:
        if "application_one_open" not in str(error):
            raise
        raise _open_already(community) from error


def _write(
    community: Community,
    person: User,
    organization: Organization | None,
    agreement: ParticipationAgreement | None,
    now: datetime,
    **words: str,
) -> MembershipApplication:
    application = MembershipApplication.objects.create(
        community=community,
        person=person,
        organization=organization,
        agreement=agreement,
        submitted_at=now,
        due_on=first_answer_due(now, community.timezone),
        **words,
    )
    scope = community.public_id
    audit.record("application_submitted", application, by=person, scope=scope, new=State.SUBMITTED)
    if agreement is not None:
        accept_agreement(person=person, agreement=agreement, now=now)
    return application


def accept_agreement(*, person: User, agreement: ParticipationAgreement, now: datetime) -> None:
    """Note that somebody takes part in this spirit; once for each version."""
    AgreementAcceptance.objects.get_or_create(
        agreement=agreement, person=person, defaults={"at": now}
    )


def _keep_choices(
    application: MembershipApplication, lists: Collection[str], *, now: datetime
) -> None:
    update_subscriptions(
        person=application.person,
        scope=application.community.public_id,
        kinds=set(lists),
        source="application",
        now=now,
    )


def _answer_first(
    application: MembershipApplication, affiliation: Affiliation | None, *, now: datetime
) -> None:
    """Approved by the rule, or received: then the organization is asked whether it knows them."""
    if is_fast(application, affiliation, now=now):
        approve_at_once(application=application, now=now)
        return
    queue_application_email("received", application)
    if affiliation is not None and affiliation.state == Affiliation.State.CLAIMED:
        ask_contacts(affiliation=affiliation, now=now)


def _check_may_apply(community: Community, person: User, applying_as: str) -> None:
    if not community.takes_applications:
        raise ActionError(_("%(community)s takes no applications now.") % {"community": community})
    standing = community.memberships.filter(person=person)
    if standing.filter(state__in=Membership.CURRENT_STATES).exists():
        raise ActionError(_("You already belong to %(community)s.") % {"community": community})
    if standing.filter(state=Membership.State.SUSPENDED).exists():
        raise ActionError(_("Your membership is on hold. Please write to the coordinator."))
    waiting = community.applications.filter(person=person)
    if waiting.filter(state__in=MembershipApplication.OPEN_STATES).exists():
        raise _open_already(community)
    if (
        applying_as == ApplyingAs.INDIVIDUAL
        and community.admission_policy != Community.Admission.OPEN
    ):
        raise ActionError(
            _("%(community)s takes people who come from an organization or a peer network.")
            % {"community": community}
        )


def _open_already(community: Community) -> ActionError:
    return ActionError(
        _("You already have an open application to %(community)s. You find it on your page.")
        % {"community": community}
    )


def _propose(name: str, city: str, applying_as: str) -> Organization:
    return Organization.objects.create(
        name=name.strip()[:255],
        city=city.strip()[:80],
        status=Organization.Status.PROPOSED,
        kind=PROPOSED_KIND[ApplyingAs(applying_as)],
        # Behind the wall until a reviewer has looked: the other way round could not be undone.
        is_regulator_or_funder=applying_as == ApplyingAs.ALLY_GOVERNMENT,
    )
