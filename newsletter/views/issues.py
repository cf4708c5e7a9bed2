from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cop.core.html import markdown
from cop.core.links import absolute
from cop.core.text import localized
from cop.core.time import same_clock
from members.access import membership_of, with_community
from members.models import Community
from newsletter.models import NewsletterIssue
from newsletter.queries import Block, blocks_for, open_editions

PAGE = 20


@require_safe
@with_community
def issue_list(request: HttpRequest, community: Community) -> HttpResponse:
    """The archive. Public: what a community tells everybody."""
    issues = NewsletterIssue.objects.visible_to(request.user).filter(community=community)
    total = issues.count()
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 6:
        issues = issues.filter(number__lt=int(before))
    page = list(issues.order_by("-number")[: PAGE + 1])
    context = {
        "issues": page[:PAGE],
        "total": total,
        "next_url": f"?before={page[PAGE - 1].number}" if len(page) > PAGE else "",
        "belongs": membership_of(request.user, community) is not None,
    }
    return render(request, "newsletter/issue_list.html", context)


@require_safe
@with_community
def issue_detail(request: HttpRequest, community: Community, number: int) -> HttpResponse:
    issues = NewsletterIssue.objects.visible_to(request.user).filter(community=community)
    issue = get_object_or_404(issues, number=number)
    issue.community = community
    editions = open_editions(request.user, community)
    context = {
        "issue": issue,
        "intro": localized(issue, "intro"),
        "address": absolute(issue.get_absolute_url()),
        "description": strip_tags(markdown(localized(issue, "intro")))[:200],
        "other_language": _other_language(issue),
        "newer": issues.filter(number__gt=number).order_by("number").first(),
        "older": issues.filter(number__lt=number).order_by("-number").first(),
        "blocks": [
            (block, _own_zone(block, request.zone))
            for block in blocks_for(issue, editions, in_full=True)
        ],
        "is_inside": len(editions) > 1,
        "parents": [
            {
                "label": _("Newsletter"),
                "url": reverse("newsletter:issue_list", args=[community.slug]),
            }
        ],
    }
    return render(request, "newsletter/issue_detail.html", context)


def _other_language(issue: NewsletterIssue) -> str:
    """Where the page is in one language and the issue stands in the other one alone: that one."""
    active = (get_language() or "en")[:2]
    if active == "fr":
        return "" if issue.subject_fr or not issue.subject else "en"
    return "" if issue.subject or not issue.subject_fr else "fr"


def _own_zone(block: Block, zone: str | None) -> str:
    """The reader's zone, where its clocks show another time than those of the meeting."""
    source = block.source
    if not zone or source is None or source.starts_at is None:
        return ""
    return "" if same_clock(source.starts_at, zone, source.zone) else zone
