"""Files and what can be shown of them. Each address asks anew who may read."""

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cop.core.filetypes import SHOWN_KINDS
from cop.core.scan import ScanState, may_serve
from cop.core.serving import etag_of, file_response, is_known, made_response
from cop.core.storages import is_here
from library.access import may_keep_library
from library.actions.pages import Busy, page_path, page_picture
from library.actions.weeks import count_taken
from library.captions import CaptionsRefused, as_vtt, read_captions
from library.models import Resource
from library.views.readers import is_counted
from members.access import with_community
from members.models import Community

# Long fields that no file needs.
LEFT_OUT = ("body", "transcript", "words", "chapters", "file_text", "head", "search")


def _readable(request: HttpRequest, community: Community, public_id: str) -> Resource:
    """What this person may read now. What was withdrawn is here for its keepers alone."""
    rows = Resource.objects.readable_by(request.user).filter(community=community)
    resource: Resource = get_object_or_404(rows.defer(*LEFT_OUT), public_id=public_id)
    is_gone = resource.state == Resource.State.WITHDRAWN
    if is_gone and not may_keep_library(request.user, community):
        raise Http404
    resource.community = community
    return resource


def _with_file(request: HttpRequest, community: Community, public_id: str) -> Resource:
    """Its file is checked, and there."""
    resource = _readable(request, community, public_id)
    if not (resource.file and may_serve(resource.scan_state) and is_here(resource.file)):
        raise Http404
    return resource


def _library(community: Community) -> dict[str, str]:
    return {"label": _("Library"), "url": reverse("library:resource_list", args=[community.slug])}


@require_safe
@with_community
def resource_file(request: HttpRequest, community: Community, public_id: str) -> HttpResponseBase:
    """To keep. Where it cannot be had, a page says why."""
    resource = _readable(request, community, public_id)
    if not resource.file:
        raise Http404
    context = {"resource": resource, "parents": [_library(community)]}
    if not may_serve(resource.scan_state):
        context["is_harmful"] = resource.scan_state == ScanState.INFECTED
        return render(request, "library/resource_file_waits.html", context, status=409)
    if not is_here(resource.file):
        return render(request, "library/resource_file_missing.html", context, status=404)
    is_keeper = may_keep_library(request.user, community)
    if is_counted(request, resource, is_keeper=is_keeper):
        count_taken(resource=resource, now=timezone.now())
    return file_response(request, resource.file, resource.file_name)


@require_safe
@with_community
def resource_view(request: HttpRequest, community: Community, public_id: str) -> HttpResponseBase:
    """For the picture, sound or film in the page. Nothing else is ever shown as it came."""
    resource = _with_file(request, community, public_id)
    if resource.file_type not in SHOWN_KINDS:
        raise Http404
    # The checked kind says what it is, not the name that somebody gave it.
    name = f"{resource.file_name.rpartition('.')[0] or 'file'}.{resource.file_type}"
    return file_response(request, resource.file, name, inline=True)


@require_safe
@with_community
def resource_page(
    request: HttpRequest, community: Community, public_id: str, number: int
) -> HttpResponseBase:
    """A page of a PDF as a picture, drawn by us."""
    resource = _with_file(request, community, public_id)
    if resource.file_type != "pdf" or not 1 <= number <= resource.preview_pages:
        raise Http404
    etag = etag_of(page_path(resource, number))
    if is_known(request, etag):
        return HttpResponseNotModified(headers={"ETag": etag})
    try:
        picture = page_picture(resource, number)
    except Busy:
        return HttpResponse(status=503, headers={"Retry-After": "10"})
    if picture is None:
        raise Http404
    return made_response(picture, "image/jpeg", etag=etag)


@require_safe
@with_community
def resource_captions(
    request: HttpRequest, community: Community, public_id: str
) -> HttpResponseBase:
    """Written anew out of what was understood: times and plain words."""
    resource = _readable(request, community, public_id)
    if not is_here(resource.captions):
        raise Http404
    etag = etag_of(resource.captions.name)
    if is_known(request, etag):
        return HttpResponseNotModified(headers={"ETag": etag})
    try:
        with resource.captions.open("rb") as stored:
            cues = read_captions(stored)
    except CaptionsRefused as error:
        raise Http404 from error
    return made_response(as_vtt(cues).encode(), "text/vtt; charset=utf-8", etag=etag)
