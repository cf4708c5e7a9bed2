from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from library.access import get_resource_or_404
from library.queries.translations import translations_of
from members.access import with_community
from members.models import Community


@require_safe
@with_community
def side_by_side(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    """Both texts next to each other: to compare words, or to learn them."""
    resource = get_resource_or_404(request.user, community, public_id)
    others = translations_of(resource, request.user).exclude(body="")
    other = others.first() if resource.is_shown and resource.body else None
    if other is None:
        raise Http404
    resource.community = other.community = community
    library_url = reverse("library:resource_list", args=[community.slug])
    context = {
        "resource": resource,
        "texts": sorted([resource, other], key=lambda one: one.translation_of_id is not None),
        "parents": [
            {"label": _("Library"), "url": library_url},
            {"label": resource.title, "url": resource.get_absolute_url()},
        ],
    }
    return render(request, "library/side_by_side.html", context)
