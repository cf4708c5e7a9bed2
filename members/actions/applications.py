from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
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
from members.actions.waiting import note_answer
from members.calendar import first_answer_due
from members.emails import queue_application_email
from members.models import (
    Affiliation,
    AgreementAcceptance,
    Community,
    Criterion,
    Evidence,
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
    lists: Collection[str] = (),
    role_title: str = "",
    role_group: str = Affiliation.RoleGroup.FRONT_LINE,
    site: Site | None = None,
    motivation: str = "",
    heard_from: str = "",
) -> MembershipApplication:
    """Ask to join. An unticked list means never. Some need no reviewer: `is_fast` (AM1)."""
    _check_may_apply(community, person)
    try:
        with transaction.atomic():
            affiliation = None
            if organization is None and applying_as != ApplyingAs.INDIVIDUAL:
                organization = _propose(proposed_name, proposed_city, applying_as)
            if organization is not None:
                affiliation = claim_affiliation(
                    person=person,
                    organization=organization,
                    site=site,
                    role_title=role_title,
                    role_group=role_group,
                    now=now,
                )
            application = MembershipApplication.objects.create(
                community=community,
                person=person,
                applying_as=applying_as,
                organization=organization,
                agreement=agreement,
                motivation=motivation,
                heard_from=heard_from,
                submitted_at=now,
                due_on=first_answer_due(now, community.timezone),
            )
            _record(application, "application_submitted", by=person, new=State.SUBMITTED)
            if agreement is not None:
                accept_agreement(person=person, agreement=agreement, now=now)
            if criterion is not None and organization is not None:
                add_evidence(
                    application=application,
                    criterion=criterion,
                    reference=reference,
                    document=document,
                    now=now,
                )
            _keep_choices(application, lists, now=now)
            if organization is not None and organization.status == Organization.Status.PROPOSED:
                flag_duplicates(organization=organization, community=community, now=now)
            _answer_first(application, affiliation, now=now)
            return application
    except IntegrityError as error:
        if "application_one_open" not in str(error):
            raise
        raise ActionError(
            _("You already have an open application to %(community)s. You find it on your page.")
            % {"community": community}
        ) from error


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


def accept_agreement(*, person: User, agreement: ParticipationAgreement, now: datetime) -> None:
    """Note that somebody takes part in this spirit; once for each version."""
    AgreementAcceptance.objects.get_or_create(
        agreement=agreement, person=person, defaults={"at": now}
    )


def _check_may_apply(community: Community, person: User) -> None:
    if not community.takes_applications:
        raise ActionError(_("%(community)s takes no applications now.") % {"community": community})
    standing = community.memberships.filter(person=person)
    if standing.filter(state__in=["active", "grace"]).exists():
        raise ActionError(_("You already belong to %(community)s.") % {"community": community})
    if standing.filter(state=Membership.State.SUSPENDED).exists():
        raise ActionError(_("Your membership is on hold. Please write to the coordinator."))


def _propose(name: str, city: str, applying_as: str) -> Organization:
    return Organization.objects.create(
        name=name.strip()[:160],
        city=city.strip()[:80],
        status=Organization.Status.PROPOSED,
        kind=PROPOSED_KIND[ApplyingAs(applying_as)],
        # Behind the wall until a reviewer has looked: the other way round could not be undone.
        is_regulator_or_funder=applying_as == ApplyingAs.ALLY_GOVERNMENT,
    )


@transaction.atomic
def answer_request(
    *,
    application: MembershipApplication,
    person: User,
    answer: str,
    now: datetime,
    criterion: Criterion | None = None,
    reference: str = "",
    document: CheckedUpload | None = None,
) -> None:
    """The applicant's answer to a reviewer's question; the clock of the reviewer starts again."""
    asked = MembershipApplication.objects.filter(
        pk=application.pk, person=person, state=State.INFO_REQUESTED
    )
    due_on = first_answer_due(now, application.community.timezone)
    changed = asked.update(
        state=State.IN_REVIEW, answer=answer, due_on=due_on, version=F("version") + 1
    )
    if not changed:
        raise ActionError(_("This application waits for no answer now. Look at its state below."))
    application.refresh_from_db()
    asked_state, next_state = State.INFO_REQUESTED, State.IN_REVIEW
    _record(application, "application_answered", by=person, old=asked_state, new=next_state)
    note_answer(application, answer=answer, now=now)
    criterion = criterion or _criterion_so_far(application)
    if criterion is not None and (reference or document):
        add_evidence(
            application=application,
            criterion=criterion,
            reference=reference,
            document=document,
            now=now,
        )


def _criterion_so_far(application: MembershipApplication) -> Criterion | None:
    rows: list[Evidence] = list(
        application.evidence.select_related("criterion").order_by("-submitted_at", "-pk")[:1]
    )
    return rows[0].criterion if rows else None


@transaction.atomic
def withdraw_application(
    *, application: MembershipApplication, person: User, now: datetime
) -> None:
    """Take an open application back. No reason asked."""
    mine = MembershipApplication.objects.filter(
        pk=application.pk, person=person, state__in=MembershipApplication.OPEN_STATES
    )
    if not mine.update(state=State.WITHDRAWN, decided_at=now, version=F("version") + 1):
        raise ActionError(_("This application is closed already. Look at its state below."))
    old = application.state
    application.refresh_from_db()
    _record(application, "application_withdrawn", by=person, old=old, new=State.WITHDRAWN)


def _record(
    application: MembershipApplication, action: str, *, by: User | None, new: str, old: str = ""
) -> None:
    scope = application.community.public_id
    audit.record(action, application, by=by, scope=scope, old=old, new=new)
