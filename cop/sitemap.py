"""The addresses that everybody may open, for search engines (sitemaps.org)."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from library.models import Resource
from meetings.models import Meeting
from members.models import Community
from newsletter.models import NewsletterIssue


class Places(Sitemap):
    """The community pages and what hangs on them."""

    NAMES = (
        "members:community_detail", "meetings:meeting_list", "library:resource_list",
        "newsletter:issue_list",
    )  # fmt: skip

    def items(self) -> list[tuple[str, str]]:
        slugs = Community.objects.public().order_by("pk").values_list("slug", flat=True)
        return [(name, slug) for slug in slugs for name in self.NAMES]

    def location(self, item: Any) -> str:  # noqa: ANN401
        name, slug = item
        return reverse(name, args=[slug])


class Resources(Sitemap):
    limit = 5_000

    def items(self) -> Any:  # noqa: ANN401  a ResourceQuerySet
        rows = Resource.objects.visible_to(AnonymousUser()).published()
        return rows.select_related("community").only(
            "public_id", "community__slug", "published_at"
        ).order_by("pk")  # fmt: skip

    def lastmod(self, item: Resource) -> Any:  # noqa: ANN401
        return item.published_at


class Meetings(Sitemap):
    limit = 5_000

    def items(self) -> Any:  # noqa: ANN401  a MeetingQuerySet
        rows = Meeting.objects.visible_to(AnonymousUser())
        return rows.select_related("community").only(
            "public_id", "community__slug", "updated_at"
        ).order_by("pk")  # fmt: skip

    def lastmod(self, item: Meeting) -> Any:  # noqa: ANN401
        return item.updated_at


class Issues(Sitemap):
    limit = 5_000

    def items(self) -> Any:  # noqa: ANN401  an IssueQuerySet
        rows = NewsletterIssue.objects.visible_to(AnonymousUser())
        return rows.select_related("community").only(
            "number", "community__slug", "sent_at"
        ).order_by("pk")  # fmt: skip

    def lastmod(self, item: NewsletterIssue) -> Any:  # noqa: ANN401
        return item.sent_at


SITEMAPS = {"places": Places, "resources": Resources, "meetings": Meetings, "issues": Issues}
