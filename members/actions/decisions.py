from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from cop.core.time import say_clock, say_date
from members.access import may_review
from members.actions.evidence import mark_open_evidence, verify_open_evidence
from members.actions.memberships import local_day, make_membership
from members.actions.tasks import close_tie_tasks, open_review_task
from members.actions.waiting import last_appeal_day, may_become_ally, note_request
from members.calendar import add_business_days
from members.emails import queue_application_email
from members.models import (
    Affiliation,
    Evidence,
    Membership,
    MembershipApplication,
    Organization,
    ReviewTask,
    User,
)
from members.queries import category_after_approval, is_affiliated

State = MembershipApplication.State
SAMPLE_OF, SAMPLE_DAYS = 10, 20


class AlreadyDecided(ActionError):
    """Somebody else was faster, or the applicant changed it in the meantime."""


@transaction.atomic
def approve_application(
    *,
    application: MembershipApplication,
    by: User,
    seen_version: int,
    now: datetime,
    verify_evidence: bool = False,
    message: str = "",
    **check: Any,  # noqa: ANN401  how it was checked: what verify_open_evidence takes
) -> Membership:
    """Welcome somebody: a member where the organization counts, else an ally."""
    check_may_decide(application, by)
    _decide(application, State.APPROVED, by=by, seen_version=seen_version, now=now, message=message)
    if verify_evidence:
        verify_open_evidence(application, by=by, now=now, **check)
    return _welcome(application, by=by, now=now, message=message)


def approve_at_once(*, application: MembershipApplication, now: datetime) -> Membership:
    """The fast path (AM1), inside the transaction that sends the application in."""
    MembershipApplication.objects.filter(pk=application.pk).update(
        state=State.APPROVED, decided_at=now, is_automatic=True, version=F("version") + 1
    )
    application.refresh_from_db()
    scope = application.community.public_id
    if _is_in_sample(application):
        _open_sample(application, now)
    audit.record(
        "application_auto_approved",
        application,
        by=None,
        scope=scope,
        old=State.SUBMITTED,
        new=State.APPROVED,
    )
    return _welcome(application, by=None, now=now)


def _is_in_sample(application: MembershipApplication) -> bool:
    """One in ten of those that no person saw is looked at later, by chance but not by choice."""
    mark = sha256(application.public_id.encode()).digest()
    return mark[0] % SAMPLE_OF == 0


def _open_sample(application: MembershipApplication, now: datetime) -> None:
    community = application.community
    open_review_task(
        community=community,
        kind=ReviewTask.Kind.SAMPLE,
        now=now,
        due_on=add_business_days(now.astimezone(ZoneInfo(community.timezone)).date(), SAMPLE_DAYS),
        application=application,
        organization=application.organization,
    )


@transaction.atomic
def request_information(
    *,
    application: MembershipApplication,
    by: User,
    seen_version: int,
    message: str,
    reason_codes: Sequence[str],
    now: datetime,
) -> None:
    """Ask the applicant for more. Evidence stays open, or goes at once if it shows clients (E9)."""
    check_may_decide(application, by)
    _check_words(message)
    _decide(
        application,
        State.INFO_REQUESTED,
        by=by,
        seen_version=seen_version,
        now=now,
        message=message,
        reason_codes=reason_codes,
    )
    note_request(application, by=by, message=message, codes=list(reason_codes), now=now)
    mark_open_evidence(application, Evidence.State.DOUBTFUL, reason_codes, by=by, now=now)
    queue_application_email("asked", application, message=message, reason_codes=reason_codes)


@transaction.atomic
def decline_application(
    *,
    application: MembershipApplication,
    by: User,
    seen_version: int,
    message: str,
    reason_codes: Sequence[str],
    now: datetime,
) -> None:
    """Say no, with a reason code and plain words (AM4)."""
    check_may_decide(application, by)
    _check_words(message)
    if not reason_codes:
        raise ActionError(_("Choose at least one reason: it tells the person what would help."))
    _decide(
        application,
        State.DECLINED,
        by=by,
        seen_version=seen_version,
        now=now,
        message=message,
        reason_codes=reason_codes,
    )
    application.appeal_by = last_appeal_day(application, now)
    application.save(update_fields=["appeal_by"])
    mark_open_evidence(application, Evidence.State.REJECTED, reason_codes, by=by, now=now)
    close_tie_tasks(application=application, by=by, now=now)
    queue_application_email(
        "declined",
        application,
        message=message,
        reason_codes=reason_codes,
        may_be_ally=may_become_ally(application),
    )


def check_may_decide(application: MembershipApplication, by: User) -> None:
    """Raises ActionError for people without the role, and for a conflict of interest (E5)."""
    if not may_review(by, application.community):
        raise ActionError(_("Only reviewers and coordinators decide about applications."))
    if by.pk == application.person_id:
        raise ActionError(_("This is your own application. Somebody else decides about it."))
    if is_affiliated(by, application.organization):
        raise ActionError(
            _("You belong to %(organization)s yourself. Somebody else decides about it.")
            % {"organization": application.organization}
        )


def _check_words(message: str) -> None:
    if not message.strip():
        raise ActionError(_("Write a few words: the person reads them in the mail."))


def _decide(
    application: MembershipApplication,
    state: str,
    *,
    by: User,
    seen_version: int,
    now: datetime,
    message: str,
    reason_codes: Sequence[str] = (),
) -> None:
    # Two reviewers may press a button at once: the one who changes the row decides.
    unchanged = MembershipApplication.objects.filter(
        pk=application.pk, version=seen_version, state__in=MembershipApplication.OPEN_STATES
    )
    old = application.state
    changed = unchanged.update(
        state=state,
        reviewer=by,
        decided_at=None if state == State.INFO_REQUESTED else now,
        message=message,
        reason_codes=list(reason_codes),
        held_until=None,
        hold_reason="",
        version=F("version") + 1,
    )
    if not changed:
        raise AlreadyDecided(_say_who_was_faster(application, by))
    application.refresh_from_db()
    audit.record(
        f"application_{state}",
        application,
        by=by,
        scope=application.community.public_id,
        old=old,
        new=state,
        reason=", ".join(reason_codes),
    )


def _say_who_was_faster(application: MembershipApplication, reader: User) -> str:
    current = MembershipApplication.objects.get(pk=application.pk)
    last = (
        AuditEvent.objects.filter(
            object_type=current._meta.label_lower, object_id=current.public_id
        )
        .select_related("actor")
        .order_by("-at", "-pk")
        .first()
    )
    if last is None:
        return _("The application changed while you read it. Read it again.")
    at = last.at.astimezone(ZoneInfo(reader.timezone))
    return _(
        "%(who)s was faster: on %(day)s at %(time)s the state became “%(state)s”. Nothing of yours "
        "was sent. Read the application again."
    ) % {
        "who": last.actor or _("The system"),
        "day": say_date(last.at, reader.timezone),
        "time": say_clock(at),
        "state": current.get_state_display(),
    }


def _welcome(
    application: MembershipApplication, *, by: User | None, now: datetime, message: str = ""
) -> Membership:
    organization = application.organization
    Organization.objects.filter(
        pk=application.organization_id, status=Organization.Status.PROPOSED
    ).update(status=Organization.Status.ACTIVE)
    if by is not None and organization is not None:
        Affiliation.objects.filter(
            person=application.person,
            organization=organization,
            state__in=[Affiliation.State.CLAIMED, Affiliation.State.DISPUTED],
        ).update(
            state=Affiliation.State.CONFIRMED,
            confirmed_by=Affiliation.Method.REVIEWER,
            confirmed_at=now,
        )
    category = category_after_approval(application, local_day(application.community, now))
    community = application.community
    if category == Membership.Category.ALLY and not community.allies_allowed:
        raise ActionError(
            _(
                "%(organization)s is not eligible yet, and this community takes no allies. Verify "
                "the evidence, or ask for more."
            )
            % {"organization": organization or application.person}
        )
    membership = make_membership(
        community=community, person=application.person, category=category, by=by, now=now
    )
    close_tie_tasks(application=application, by=by, now=now)
    queue_application_email("welcome", application, message=message, category=category)
    return membership
