"""Each save of an issue is kept: to see who changed what, to merge with, and to go back to."""

from datetime import datetime, timedelta

from members.models import User
from newsletter.items import IssueText, ItemText, as_content, from_content
from newsletter.models import IssueItem, IssueVersion, NewsletterIssue

# Of what saved itself within such a stretch only the last is of use later on.
STRETCH = timedelta(minutes=10)
# So long others may have a page open that rests on a version.
OPEN_PAGES = timedelta(hours=12)


def text_of(issue: NewsletterIssue) -> IssueText:
    """The issue as it is saved now."""
    rows = issue.items.select_related("picture").defer("picture__content")
    items = tuple(_item(row) for row in rows.order_by("position", "pk"))
    return IssueText(issue.subject, issue.subject_fr, issue.intro, issue.intro_fr, items)


def _item(row: IssueItem) -> ItemText:
    return ItemText(
        pk=row.pk,
        kind=row.kind,
        title=row.title,
        title_fr=row.title_fr,
        text=row.text,
        text_fr=row.text_fr,
        position=row.position,
        is_included=row.is_included,
        edition=row.edition,
        path=row.path,
        person=row.person_id,
        picture=row.picture_id,
        alt=row.picture.alt if row.picture else "",
        alt_fr=row.picture.alt_fr if row.picture else "",
    )


def keep_version(
    issue: NewsletterIssue, *, how: str, by: User | None, now: datetime
) -> IssueVersion:
    """Keep the issue as it stands under its present version number. In the caller's transaction."""
    content = as_content(text_of(issue))
    row = IssueVersion(issue=issue, number=issue.version, how=how, by=by, at=now, content=content)
    IssueVersion.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["issue", "number"],
        update_fields=["how", "by", "at", "content"],
    )
    if how == IssueVersion.How.AUTOSAVED:
        _thin_out(row)
    return row


def _thin_out(last: IssueVersion) -> None:
    """What saved itself every few seconds is no history: one row for each stretch of writing."""
    rows = IssueVersion.objects.filter(issue=last.issue, at__lt=last.at - OPEN_PAGES)
    kept: IssueVersion | None = None
    for row in rows.defer("content").order_by("-number"):
        is_same = kept is not None and (kept.by_id, kept.how) == (row.by_id, row.how)
        if is_same and row.how == IssueVersion.How.AUTOSAVED and kept.at - row.at < STRETCH:
            row.delete()
        else:
            kept = row


def version_at(issue: NewsletterIssue, number: int) -> IssueText | None:
    """What whoever opened the page at this version had in view; None where that is not known."""
    row = issue.versions.filter(number__lte=number).order_by("-number").first()
    return from_content(row.content) if row else None
