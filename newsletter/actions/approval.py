"""Looked through, tested, approved by a second person; or laid aside."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from members.access import has_role
from members.models import RoleGrant, User
from newsletter.actions.editing import check_version, lock_issue, record
from newsletter.checking import stops
from newsletter.emails import queue_test
from newsletter.models import IssueItem, NewsletterIssue
from newsletter.queries import open_editions
from newsletter.rules import check_editor, check_no_secret_link, other_editors_exist
from outbox.models import Delivery

State = NewsletterIssue.State
MOST_ADDRESSES, MOST_TESTS, DAY = 5, 40, timedelta(days=1)


@transaction.atomic
def approve_issue(
    *, issue: NewsletterIssue, by: User, now: datetime, version: int | None = None
) -> NewsletterIssue:
    """A second pair of eyes says it may leave; one of the two belongs to a coordinator (N4, P2)."""
    issue = lock_issue(issue)
    check_editor(by, issue.community)
    check_version(issue, version)
    if issue.state not in issue.WRITTEN:
        raise ActionError(_("Only a draft can be approved. Load the page again to see its state."))
    if not (issue.subject or issue.subject_fr).strip():
        raise ActionError(_("The issue has no subject yet. Write one, then approve."))
    if issue.edited_by_id == by.pk and other_editors_exist(by, issue.community):
        raise ActionError(
            _(
                "You wrote the last change, so another editor or a coordinator approves. Ask them "
                "to have a look."
            )
        )
    if not _a_coordinator_saw_it(issue, by):
        raise ActionError(_("A coordinator approves this issue. Ask them to have a look."))
    if wrong := stops(issue, now=now):
        raise ActionError(_("Not yet: %(problem)s") % {"problem": wrong[0].text})
    old, issue.state, issue.approved_by, issue.approved_at = issue.state, State.APPROVED, by, now
    issue.save(update_fields=["state", "approved_by", "approved_at"])
    record(issue, "issue_approved", by=by, old=old)
    return issue


def _a_coordinator_saw_it(issue: NewsletterIssue, by: User) -> bool:
    writer = issue.edited_by
    people = [by] if writer is None else [by, writer]
    return any(has_role(one, issue.community, RoleGrant.Role.COORDINATOR) for one in people)


@transaction.atomic
def send_test(
    *, issue: NewsletterIssue, by: User, now: datetime, addresses: Collection[str] = ()
) -> int:
    """Mail the issue as it stands, in each language, to the one who asks and to `addresses`, which
    get the public edition. Returns to how many."""
    issue = lock_issue(issue)
    check_editor(by, issue.community)
    wanted = _checked_addresses(addresses, by)
    check_no_secret_link([issue.intro, issue.intro_fr], issue.community)
    _check_not_too_many(issue, len(wanted) + 1, now)
    queue_test(issue, by, open_editions(by, issue.community)[-1], now=now)
    for address in wanted:
        queue_test(issue, address, IssueItem.Edition.PUBLIC, now=now)
    if issue.state in {State.DRAFT, State.EDITING}:
        old, issue.state = issue.state, State.TEST_SENT
        issue.save(update_fields=["state"])
        record(issue, "issue_test_sent", by=by, old=old)
    return len(wanted) + 1


def _checked_addresses(addresses: Collection[str], by: User) -> list[str]:
    wanted = list(dict.fromkeys(one.strip().lower() for one in addresses if one.strip()))
    if len(wanted) > MOST_ADDRESSES:
        raise ActionError(_("A test goes to %(n)d more addresses at most.") % {"n": MOST_ADDRESSES})
    for address in wanted:
        try:
            validate_email(address)
        except ValidationError as error:
            raise ActionError(_("“%(address)s” is no address.") % {"address": address}) from error
    return [one for one in wanted if one != by.email.lower()]


def _check_not_too_many(issue: NewsletterIssue, more: int, now: datetime) -> None:
    """Tests are for those who make the issue; they are no way round consent."""
    mine = Delivery.objects.filter(kind="newsletter_test", scope=issue.community.public_id)
    mine = mine.filter(created_at__gt=now - DAY, key__startswith=f"newsletter:{issue.public_id}:")
    if mine.count() + more > MOST_TESTS:
        raise ActionError(_("That is enough tests for one day. The preview shows the rest."))


@transaction.atomic
def hold_issue(
    *, issue: NewsletterIssue, by: User, reason: str = "", carries_over: bool = True
) -> None:
    """Lay it aside. `carries_over`: the next issue takes its items along (merge); else they are
    skipped for good (N9)."""
    issue = lock_issue(issue)
    check_editor(by, issue.community)
    if not issue.is_editable or issue.state == State.HELD:
        raise ActionError(_("Only an issue that has not left can be held."))
    old, issue.state, issue.carries_over = issue.state, State.HELD, carries_over
    issue.approved_by = issue.approved_at = issue.scheduled_at = issue.scheduled_by = None
    issue.save(
        update_fields=[
            "state", "carries_over", "approved_by", "approved_at", "scheduled_at", "scheduled_by",
        ]
    )  # fmt: skip
    record(issue, "issue_held" if carries_over else "issue_skipped", by=by, old=old, reason=reason)


@transaction.atomic
def resume_issue(*, issue: NewsletterIssue, by: User) -> None:
    issue = lock_issue(issue)
    check_editor(by, issue.community)
    if issue.state != State.HELD:
        raise ActionError(_("This issue is not held."))
    issue.state, issue.carries_over = State.EDITING, True
    issue.save(update_fields=["state", "carries_over"])
    record(issue, "issue_resumed", by=by, old=State.HELD)
