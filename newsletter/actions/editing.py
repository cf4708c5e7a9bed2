from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.access import has_role
from members.models import RoleGrant, User
from newsletter.emails import queue_test
from newsletter.items import ItemText
from newsletter.models import IssueItem, NewsletterIssue
from newsletter.queries import narrower, open_editions, sources_of
from newsletter.rules import check_editor, check_no_secret_link, other_editors_exist

State = NewsletterIssue.State
WRITTEN = (State.DRAFT, State.TEST_SENT)


def lock_issue(issue: NewsletterIssue) -> NewsletterIssue:
    rows = NewsletterIssue.objects.select_related("community")
    return rows.select_for_update(of=("self",)).get(pk=issue.pk)


def _check_version(issue: NewsletterIssue, version: int | None) -> None:
    """`version`: what the person had in front of them."""
    if version is not None and version != issue.version:
        raise ActionError(
            _(
                "Somebody else saved this issue while you had it open. Your words are still here: "
                "copy what you need, then load the page again."
            )
        )


@transaction.atomic
def update_issue(
    *,
    issue: NewsletterIssue,
    subject: str,
    intro: str,
    items: Sequence[ItemText],
    by: User,
    version: int | None = None,
) -> bool:
    """Save what the editor changed. Any change drops the approval. True if there was one."""
    issue = lock_issue(issue)
    check_editor(by, issue.community)
    if not issue.is_editable:
        raise ActionError(_("This issue has left already, so it stays as it is."))
    _check_version(issue, version)
    texts = [subject, intro, *(part for item in items for part in (item.title, item.text))]
    check_no_secret_link(texts, issue.community)
    changed = _save_items(issue, items)
    if (issue.subject, issue.intro) == (subject, intro) and not changed:
        return False
    old = issue.state
    issue.subject, issue.intro = subject, intro
    issue.version += 1
    issue.edited_by, issue.approved_by = by, None
    if issue.state != State.HELD:
        issue.state = State.DRAFT
    issue.save(update_fields=["subject", "intro", "version", "edited_by", "approved_by", "state"])
    _record(issue, "issue_edited", by=by, old=old)
    return True


def _record(issue: NewsletterIssue, action: str, *, by: User, old: str, reason: str = "") -> None:
    scope = issue.community.public_id
    audit.record(action, issue, by=by, scope=scope, old=old, new=issue.state, reason=reason)


def _save_items(issue: NewsletterIssue, items: Sequence[ItemText]) -> bool:
    rows = {row.pk: row for row in issue.items.all()}
    sources = sources_of(rows.values())
    fields = ("title", "text", "position", "is_included", "edition")
    changed = False
    for item in items:
        row = rows.get(item.pk) if item.pk else IssueItem(issue=issue)
        if row is None:
            raise ActionError(_("One of the items is gone. Load the page again."))
        if all(getattr(row, name) == getattr(item, name) for name in fields) and row.pk:
            continue
        source = sources.get(row.source)
        if source and narrower(item.edition, source.edition) != item.edition:
            raise ActionError(
                _(
                    "“%(title)s” is not open to everybody you chose. Choose a narrower circle, or "
                    "open it up at its own page first."
                )
                % {"title": row.title}
            )
        for name in fields:
            setattr(row, name, getattr(item, name))
        row.save(update_fields=[*fields] if row.pk else None)
        changed = True
    return changed


@transaction.atomic
def approve_issue(
    *, issue: NewsletterIssue, by: User, version: int | None = None
) -> NewsletterIssue:
    """A second pair of eyes says it may leave; one of the two belongs to a coordinator (N4, P2)."""
    issue = lock_issue(issue)
    check_editor(by, issue.community)
    _check_version(issue, version)
    if issue.state not in WRITTEN:
        raise ActionError(_("Only a draft can be approved. Load the page again to see its state."))
    if not issue.subject.strip():
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
    old, issue.state, issue.approved_by = issue.state, State.APPROVED, by
    issue.save(update_fields=["state", "approved_by"])
    _record(issue, "issue_approved", by=by, old=old)
    return issue


def _a_coordinator_saw_it(issue: NewsletterIssue, by: User) -> bool:
    writer = issue.edited_by
    people = [by] if writer is None else [by, writer]
    return any(has_role(one, issue.community, RoleGrant.Role.COORDINATOR) for one in people)


@transaction.atomic
def send_test(*, issue: NewsletterIssue, by: User, now: datetime) -> None:
    """Mail the issue as it stands to the one who asks, in each language."""
    issue = lock_issue(issue)
    check_editor(by, issue.community)
    check_no_secret_link([issue.intro], issue.community)
    queue_test(issue, by, open_editions(by, issue.community)[-1], now=now)
    if issue.state == State.DRAFT:
        old, issue.state = issue.state, State.TEST_SENT
        issue.save(update_fields=["state"])
        _record(issue, "issue_test_sent", by=by, old=old)


@transaction.atomic
def hold_issue(
    *, issue: NewsletterIssue, by: User, reason: str = "", carries_over: bool = True
) -> None:
    """Lay it aside. `carries_over`: the next issue takes its items along; else they are skipped."""
    issue = lock_issue(issue)
    check_editor(by, issue.community)
    if not issue.is_editable or issue.state == State.HELD:
        raise ActionError(_("Only an issue that has not left can be held."))
    old, issue.state, issue.approved_by = issue.state, State.HELD, None
    issue.carries_over = carries_over
    issue.save(update_fields=["state", "approved_by", "carries_over"])
    _record(issue, "issue_held", by=by, old=old, reason=reason)


@transaction.atomic
def resume_issue(*, issue: NewsletterIssue, by: User) -> None:
    issue = lock_issue(issue)
    check_editor(by, issue.community)
    if issue.state != State.HELD:
        raise ActionError(_("This issue is not held."))
    issue.state = State.DRAFT
    issue.save(update_fields=["state"])
    _record(issue, "issue_resumed", by=by, old=State.HELD)
