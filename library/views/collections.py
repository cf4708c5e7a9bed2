"""Resources put together by hand."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from library.access import may_keep_library
from library.queries.collections import shelves
from members.access import with_community
from members.models import Community


@require_safe
@with_community
def collection_list(request: HttpRequest, community: Community) -> HttpResponse:
    context = {
        "shelves": shelves(request.user, community),
        "is_keeper": may_keep_library(request.user, community),
        "parents": _parents(community)[:1],
    }
    return render(request, "library/collection_list.html", context)


@require_safe
@with_community
def collection_detail(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    """An empty one, or one of which nothing may be seen, is as if it were not there."""
    found = shelves(request.user, community, public_id=public_id)
    if not found:
        raise Http404
    context = {
        "shelf": found[0],
        "is_keeper": may_keep_library(request.user, community),
        "parents": _parents(community),
    }
    return render(request, "library/collection_detail.html", context)


def _parents(community: Community) -> list[dict[str, str]]:
    slug = community.slug
    return [
        {"label": _("Library"), "url": reverse("library:resource_list", args=[slug])},
        {"label": _("Collections"), "url": reverse("library:collection_list", args=[slug])},
    ]
