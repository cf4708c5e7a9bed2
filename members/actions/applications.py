from collections.abc import Collection
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from cop.core.uploads import CheckedUpload
from members.actions.decisions import approve_at_once
from members.actions.documents import add_evidence
from members.calendar import first_answer_due
from members.emails import queue_application_email
from members.models import (
    Affiliation,
    Community,
    Criterion,
    Evidence,
    Membership,
    MembershipApplication,
    Organization,
    ParticipationAgreement,
    User,
)
from members.queries import organization_is_eligible
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
    motivation: str = "",
) -> MembershipApplication:
    """Ask to join. An unticked list means never. Some need no reviewer: `_is_fast` (AM1)."""
    _check_may_apply(community, person)
    try:
        with transaction.atomic():
            if organization is None:
                organization = _propose(proposed_name, proposed_city, applying_as)
            affiliation = _claim(person, organization, role_title, role_group, now=now)
            application = MembershipApplication.objects.create(
                community=community,
                person=person,
                applying_as=applying_as,
                organization=organization,
                agreement=agreement,
                motivation=motivation,
                submitted_at=now,
                due_on=first_answer_due(now, community.timezone),
            )
            _record(application, "application_submitted", by=person, new=State.SUBMITTED)
            if criterion is not None:
                add_evidence(
                    application=application,
                    criterion=criterion,
                    reference=reference,
                    document=document,
                    now=now,
                )
            _keep_choices(application, lists, now=now)
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
    application: MembershipApplication, affiliation: Affiliation, *, now: datetime
) -> None:
    if _is_fast(application, affiliation, now=now):
        approve_at_once(application=application, now=now)
    else:
        queue_application_email("received", application)


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


def _claim(
    person: User, organization: Organization, role_title: str, role_group: str, *, now: datetime
) -> Affiliation:
    """Say where one works. An address at a domain of the organization confirms it (A1)."""
    current = person.affiliations.exclude(state=Affiliation.State.ENDED)
    affiliation = current.filter(organization=organization).first()
    if affiliation is None:
        affiliation = Affiliation.objects.create(
            person=person,
            organization=organization,
            role_title=role_title.strip()[:120],
            role_group=role_group,
            is_primary=not current.exists(),
            started_on=None,
        )
    if affiliation.state == Affiliation.State.CLAIMED and _has_address_of(person, organization):
        affiliation.state, affiliation.confirmed_by = Affiliation.State.CONFIRMED, "email_domain"
        affiliation.save(update_fields=["state", "confirmed_by"])
        audit.record(
            "affiliation_confirmed",
            affiliation,
            by=None,
            reason="email_domain",
            old=Affiliation.State.CLAIMED,
            new=Affiliation.State.CONFIRMED,
        )
    return affiliation


def _has_address_of(person: User, organization: Organization) -> bool:
    addresses = EmailAddress.objects.filter(user=person, verified=True)
    domains = {address.email.rpartition("@")[2].lower() for address in addresses}
    return bool(domains & {domain.lower().lstrip("@") for domain in organization.domains})


def _is_fast(
    application: MembershipApplication, affiliation: Affiliation, *, now: datetime
) -> bool:
    """No person needs to look: an open community, or an eligible house and its own mail (AM1)."""
    community, person = application.community, application.person
    # Whoever was removed or suspended before is a matter for people.
    if community.memberships.filter(person=person, state=Membership.State.REMOVED).exists():
        return False
    if community.admission_policy == Community.Admission.OPEN:
        return EmailAddress.objects.filter(user=person, verified=True).exists()
    return (
        application.applying_as == ApplyingAs.PROVIDER
        and affiliation.state == Affiliation.State.CONFIRMED
        and affiliation.confirmed_by == "email_domain"
        and not person.affiliations.filter(organization__is_regulator_or_funder=True).exists()
        and organization_is_eligible(application.organization, community, now.date())
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
