"""Links whose clicks are counted: how often, never by whom. A row for each address of an issue."""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from cop.core.links import absolute
from newsletter.models import IssueLink, NewsletterIssue


class LinkBook:
    """Hands out the counted address of each link; `save` keeps what is new. A query each."""

    def __init__(self, issue: NewsletterIssue) -> None:
        self.issue = issue
        self.counts = issue.community.newsletter_counts_clicks
        self.known = {row.url: row for row in issue.links.all()} if self.counts else {}
        self.new: list[IssueLink] = []

    def follow(self, url: str, label: str) -> str:
        """The address that stands in the mail. Personal links and mailto stay as they are."""
        if not self.counts or not _is_counted(url):
            return url
        row = self.known.get(url)
        if row is None:
            row = IssueLink(issue=self.issue, url=url, label=label[:200])
            self.known[url] = row
            self.new.append(row)
        path = reverse(
            "newsletter:issue_link",
            args=[self.issue.community.slug, self.issue.number, row.public_id],
        )
        return absolute(path)

    def save(self) -> None:
        IssueLink.objects.bulk_create(self.new)
        self.new = []


def _is_counted(url: str) -> bool:
    parts = urlsplit(url)
    is_web = parts.scheme in {"http", "https"} and len(url) <= 2000
    is_personal = url.startswith(f"{settings.SITE_URL}/m/")
    return is_web and not is_personal
