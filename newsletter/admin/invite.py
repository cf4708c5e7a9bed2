"""Invite readers: the link, the form for other pages, the code for phones, the poster."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cop.core.links import absolute
from members.models import Community
from newsletter.models import NewsletterIssue

ROLES = ("coordinator", "editor")


def _mine(request: HttpRequest) -> Any:  # noqa: ANN401  a CommunityQuerySet
    return Community.objects.staffed_by(request.user, *ROLES).public().order_by("name", "pk")


@require_safe
def invite_readers(request: HttpRequest) -> HttpResponse:
    rows = [_row(community) for community in _mine(request)]
    if not rows:
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "opts": NewsletterIssue._meta,
        "title": _("Invite readers"),
        "rows": rows,
    }
    return render(request, "newsletter/desk/invite.html", context)


def _row(community: Community) -> dict[str, Any]:
    def to(name: str) -> str:
        return absolute(reverse(f"newsletter:{name}", args=[community.slug]))

    embed = to("embed")
    return {
        "community": community,
        "link": to("newsletter_subscribe"),
        "embed": embed,
        "snippet": (
            f'<iframe src="{embed}" title="{_("Newsletter")}" width="100%" height="420" '
            'loading="lazy" style="border:0"></iframe>'
        ),
        "qr": reverse("newsletter:qr", args=[community.slug]),
        "languages": settings.LANGUAGES,
    }


@require_safe
def invite_poster(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    from newsletter.posters import newsletter_poster_pdf

    community = get_object_or_404(_mine(request), slug=slug)
    known = dict(settings.LANGUAGES)
    content = newsletter_poster_pdf(community, language=language if language in known else "en")
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="newsletter-{slug}-{language[:2]}.pdf"'
    return answer
