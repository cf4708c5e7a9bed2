"""What editors write: saved with what others wrote meanwhile, kept in versions, brought back."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core import audit
from cop.core.errors import ActionError
from members.models import Membership, User
from newsletter.actions.versions import keep_version, text_of, version_at
from newsletter.changes import Conflict, merge
from newsletter.items import HEAD, IssueText, ItemText, from_content
from newsletter.models import IssueItem, IssuePicture, IssueVersion, NewsletterIssue
from newsletter.queries import narrower, sources_of
from newsletter.rules import MAX_ITEMS, check_editor, check_no_secret_link

State, How = NewsletterIssue.State, IssueVersion.How
# The history tells of a stretch of writing once, not of each save in it.
STRETCH = timedelta(minutes=10)
FIELDS = ("title", "title_fr", "text", "text_fr", "position", "is_included", "edition", "path")


@dataclass(frozen=True)
class Saved:
    """`version`: what whoever saved has in view now. `conflicts`: words of theirs not saved."""

    changed: bool
    version: int
    conflicts: tuple[Conflict, ...] = ()


def lock_issue(issue: NewsletterIssue) -> NewsletterIssue:
    rows = NewsletterIssue.objects.select_related("community")
    return rows.select_for_update(of=("self",)).get(pk=issue.pk)


def record(
    issue: NewsletterIssue, action: str, *, by: User | None, old: str, reason: str = ""
) -> None:
    scope = issue.community.public_id
    audit.record(action, issue, by=by, scope=scope, old=old, new=issue.state, reason=reason)


def check_version(issue: NewsletterIssue, version: int | None) -> None:
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
    text: IssueText,
    by: User,
    now: datetime,
    version: int | None = None,
    how: str = How.SAVED,
) -> Saved:
    """Save what the editor wrote, together with what others saved since `version` (None: nothing
    was in view, `text` holds as it is). A change drops approval and schedule."""
    issue = lock_issue(issue)
    check_editor(by, issue.community)
    if not issue.is_editable:
        raise ActionError(_("This issue has left already, so it stays as it is."))
    _check_words(issue, text)
    text, conflicts = _with_others(issue, text, version)
    _ensure_version(issue, now)
    changed = _save_items(issue, text.items)
    if not changed and all(getattr(issue, name) == getattr(text, name) for name in HEAD):
        return Saved(False, issue.version, tuple(conflicts))
    for name in HEAD:
        setattr(issue, name, getattr(text, name))
    _note_change(issue, by=by, now=now, how=how)
    return Saved(True, issue.version, tuple(conflicts))


def _note_change(issue: NewsletterIssue, *, by: User, now: datetime, how: str) -> None:
    old = issue.state
    issue.version += 1
    issue.edited_by, issue.approved_by, issue.approved_at = by, None, None
    issue.scheduled_at = issue.scheduled_by = None
    issue.is_thin_confirmed = False
    if issue.state != State.HELD:
        issue.state = State.EDITING
    issue.save(
        update_fields=[
            *HEAD, "version", "edited_by", "approved_by", "approved_at", "scheduled_at",
            "scheduled_by", "is_thin_confirmed", "state",
        ]
    )  # fmt: skip
    last = issue.versions.filter(number__lt=issue.version).order_by("-number").first()
    keep_version(issue, how=how, by=by, now=now)
    goes_on = last and last.by_id == by.pk and last.how == how and now - last.at < STRETCH
    if how != How.AUTOSAVED or old != issue.state or not goes_on:
        record(issue, "issue_edited", by=by, old=old)


def _ensure_version(issue: NewsletterIssue, now: datetime) -> None:
    """What the first who writes had in view is kept too: the next one may still have it open."""
    if not issue.versions.filter(number=issue.version).exists():
        keep_version(issue, how=How.DRAFTED, by=issue.edited_by, now=now)


def _check_words(issue: NewsletterIssue, text: IssueText) -> None:
    head = [getattr(text, name) for name in HEAD]
    texts = [
        part
        for item in text.items
        for part in (item.title, item.title_fr, item.text, item.text_fr, item.path, item.alt)
    ]
    check_no_secret_link([*head, *texts], issue.community)
    if len(text.items) > MAX_ITEMS:
        raise ActionError(
            _("An issue holds %(n)d items at most. Put some together.") % {"n": MAX_ITEMS}
        )


def _with_others(
    issue: NewsletterIssue, text: IssueText, version: int | None
) -> tuple[IssueText, list[Conflict]]:
    if version is None or version == issue.version:
        return text, []
    base = version_at(issue, version)
    if base is None or version > issue.version:
        check_version(issue, version)
    return merge(base or text, text, text_of(issue))


def _save_items(issue: NewsletterIssue, items: tuple[ItemText, ...]) -> bool:
    rows = {row.pk: row for row in issue.items.select_related("picture").defer("picture__content")}
    sources = sources_of(rows.values())
    changed = False
    for item in items:
        row = rows.get(item.pk) if item.pk else IssueItem(issue=issue, kind=_own_kind(item))
        if row is None:
            raise ActionError(_("One of the items is gone. Load the page again."))
        if row.kind not in IssueItem.OWN:
            item = replace(item, path=row.path)
        source = sources.get(row.source)
        if source and narrower(item.edition, source.edition) != item.edition:
            raise ActionError(
                _(
                    "“%(title)s” is not open to everybody you chose. Choose a narrower circle, or "
                    "open it up at its own page first."
                )
                % {"title": row.title}
            )
        changed |= _save_item(issue, row, item)
    return changed


def _own_kind(item: ItemText) -> str:
    if item.kind not in IssueItem.OWN:
        raise ActionError(_("Choose one of the kinds of text that you can add yourself."))
    return item.kind


def _save_item(issue: NewsletterIssue, row: IssueItem, item: ItemText) -> bool:
    changed = _save_picture(issue, row, item)
    old = {name: getattr(row, name) for name in FIELDS} | {"person": row.person_id}
    if row.pk and old == {name: getattr(item, name) for name in old}:
        return changed
    if item.path and not item.path.startswith(("/", "https://", "http://")):
        raise ActionError(_("A link begins with https:// : %(link)s") % {"link": item.path})
    for name in FIELDS:
        setattr(row, name, getattr(item, name))
    if item.person != row.person_id:
        row.person_id = _member(issue, item.person)
    row.save(update_fields=[*FIELDS, "person"] if row.pk else None)
    return True


def _member(issue: NewsletterIssue, person: int | None) -> int | None:
    """Whom a spotlight is about: somebody who belongs to the community."""
    if person is None:
        return None
    current = Membership.CURRENT_STATES
    if not issue.community.memberships.filter(person=person, state__in=current).exists():
        raise ActionError(_("A spotlight is about somebody who belongs to the community."))
    return person


def _save_picture(issue: NewsletterIssue, row: IssueItem, item: ItemText) -> bool:
    changed = False
    if row.picture_id != item.picture:
        row.picture = None
        if item.picture is not None:
            mine = IssuePicture.objects.filter(issue=issue).defer("content")
            row.picture = mine.filter(pk=item.picture).first()
        if row.pk:
            row.save(update_fields=["picture"])
        changed = True
    picture = row.picture
    if picture and (picture.alt, picture.alt_fr) != (item.alt, item.alt_fr):
        picture.alt, picture.alt_fr = item.alt, item.alt_fr
        picture.save(update_fields=["alt", "alt_fr"])
        changed = True
    return changed


@transaction.atomic
def restore_version(*, issue: NewsletterIssue, number: int, by: User, now: datetime) -> Saved:
    """Bring an earlier version back, as a new one: nothing is lost by it. What was added since
    stays in the issue, out of the mail."""
    issue = lock_issue(issue)
    old = issue.versions.filter(number=number).first()
    if old is None:
        raise ActionError(_("That version is not kept any more. Choose another one."))
    present = text_of(issue)
    known = {item.pk for item in present.items}
    text = from_content(old.content)
    items = tuple(item for item in text.items if item.pk in known)
    then = {item.pk for item in items}
    items += tuple(
        replace(item, is_included=False) for item in present.items if item.pk not in then
    )
    return update_issue(
        issue=issue, text=replace(text, items=items), by=by, now=now, how=How.RESTORED
    )
