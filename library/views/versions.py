"""What a resource was before: its page and its file, for those who may read the resource."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cop.core.scan import may_serve
from cop.core.serving import file_response
from cop.core.storages import is_here
from library.access import get_resource_or_404, may_keep_library
from library.models import ResourceVersion
from library.queries.versions import may_read_versions
from members.access import with_community
from members.models import Community


def _version(
    request: HttpRequest, community: Community, public_id: str, number: int
) -> ResourceVersion:
    resource = get_resource_or_404(request.user, community, public_id)
    is_keeper = may_keep_library(request.user, community)
    if not may_read_versions(resource, is_keeper=is_keeper):
        raise Http404
    version = get_object_or_404(ResourceVersion, resource=resource, number=number)
    resource.community = community
    version.resource = resource
    return version


@require_safe
@with_community
def version_detail(
    request: HttpRequest, community: Community, public_id: str, number: int
) -> HttpResponse:
    version = _version(request, community, public_id, number)
    person, resource = request.user, version.resource
    library = reverse("library:resource_list", args=[community.slug])
    context = {
        "resource": resource,
        "version": version,
        "file_waits": bool(version.file) and not may_serve(version.scan_state),
        "zone": person.timezone if person.is_authenticated else community.timezone,
        "parents": [
            {"label": _("Library"), "url": library},
            {"label": resource.title, "url": resource.get_absolute_url()},
        ],
    }
    return render(request, "library/version_detail.html", context)


@require_safe
@with_community
def version_file(
    request: HttpRequest, community: Community, public_id: str, number: int
) -> HttpResponseBase:
    version = _version(request, community, public_id, number)
    if not (version.file and may_serve(version.scan_state) and is_here(version.file)):
        raise Http404
    return file_response(request, version.file, version.file_name)
