"""The pictures of issues, for mail programs and for the archive."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from members.access import has_role, with_community
from members.models import Community
from newsletter.models import IssuePicture
from newsletter.rules import EDITOR_ROLES

YEAR = 365 * 24 * 3600


@require_safe
@with_community
def issue_picture(
    request: HttpRequest, community: Community, number: int, public_id: str
) -> HttpResponse:
    """Of what has left, whoever knows the random id gets the picture: a mail program asks without
    a session, and the id stands only where the picture is shown. Before that, those who work on it.
    """
    rows = IssuePicture.objects.select_related("issue").filter(issue__community=community)
    picture = get_object_or_404(rows, issue__number=number, public_id=public_id)
    has_left = picture.issue.state in picture.issue.LEFT
    if not has_left and not has_role(request.user, community, *EDITOR_ROLES):
        raise Http404
    cache = f"public, max-age={YEAR}, immutable" if has_left else "private, no-store"
    return HttpResponse(
        bytes(picture.content),
        content_type=picture.content_type,
        headers={
            "Cache-Control": cache,
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            # The page of the archive may be shown by others; pictures are no secret of it.
            "Cross-Origin-Resource-Policy": "cross-origin",
        },
    )
