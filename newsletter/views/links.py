"""The way through which a link of a newsletter goes: it counts, and remembers nobody."""

from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from members.access import with_community
from members.models import Community
from newsletter.models import IssueLink, NewsletterIssue


@require_safe
@with_community
def issue_link(
    request: HttpRequest, community: Community, number: int, public_id: str
) -> HttpResponse:
    """To an address of the issue, and to no other. No cookie, no address of the reader, no time."""
    rows = IssueLink.objects.filter(
        issue__community=community, issue__number=number, issue__state__in=NewsletterIssue.LEFT
    )
    row = get_object_or_404(rows, public_id=public_id)
    if request.method == "GET" and not _is_ahead(request):
        rows.filter(pk=row.pk).update(clicks=F("clicks") + 1)
    answer = HttpResponseRedirect(row.url)
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _is_ahead(request: HttpRequest) -> bool:
    """A program that loads what somebody may want to see later."""
    said = f"{request.headers.get('Sec-Purpose', '')} {request.headers.get('Purpose', '')}"
    return "prefetch" in said.lower() or "preview" in said.lower()
