from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Func
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cop.core.errors import ActionError
from cop.core.scan import ScanState, may_serve
from cop.core.uploads import attachment_response
from library.access import get_resource_or_404, may_edit_own, may_keep_library, may_send_resource
from library.actions import resubmit_resource, submit_resource
from library.forms import ResourceForm
from library.models import Resource
from library.search import Filters, find
from members.access import may_see_audience, with_community
from members.models import Community

MOST_TOPICS = 40
KINDS = Resource.Kind.choices


@require_safe
@with_community
def resource_list(request: HttpRequest, community: Community) -> HttpResponse:
    filters = Filters.read(request.GET)
    shown = Resource.objects.visible_to(request.user).published().filter(community=community)
    found = find(shown, filters, after=request.GET.get("after", ""))
    context = {
        "filters": filters,
        "found": found,
        "next_url": f"?{filters.query(after=found.next_id)}" if found.next_id else "",
        "may_send": may_send_resource(request.user, community),
        **_choices(shown),
    }
    return render(request, "library/resource_list.html", context)


def _choices(shown: Any) -> dict[str, Any]:  # noqa: ANN401
    """What the filters offer: only what leads to something."""
    kinds = dict(shown.values_list("kind").annotate(n=Count("pk")).order_by())
    topics = (
        shown.annotate(topic=Func("topics", function="unnest"))
        .values_list("topic")
        .annotate(n=Count("pk"))
        .order_by("-n", "topic")
    )
    return {
        "kinds": [(kind, name, kinds[kind]) for kind, name in KINDS if kind in kinds],
        "topics": sorted(topics[:MOST_TOPICS]),
        "in_all": sum(kinds.values()),
    }


@require_safe
@with_community
def resource_detail(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    resource = get_resource_or_404(request.user, community, public_id)
    resource.community = community
    person = request.user
    context = {
        "resource": resource,
        "zone": person.timezone if person.is_authenticated else community.timezone,
        "file_waits": bool(resource.file) and not may_serve(resource.scan_state),
        "may_edit": may_edit_own(person, resource),
        "is_keeper": may_keep_library(person, community),
        "parents": [_parent(community)],
    }
    if resource.state == Resource.State.WITHDRAWN:
        return render(request, "library/resource_withdrawn.html", context, status=410)
    return render(request, "library/resource_detail.html", context)


def _parent(community: Community) -> dict[str, str]:
    return {"label": _("Library"), "url": reverse("library:resource_list", args=[community.slug])}


@require_safe
@with_community
def resource_file(request: HttpRequest, community: Community, public_id: str) -> HttpResponseBase:
    resource = get_resource_or_404(request.user, community, public_id)
    is_gone = resource.state == Resource.State.WITHDRAWN
    if not resource.file or (is_gone and not may_keep_library(request.user, community)):
        raise Http404
    if not may_serve(resource.scan_state):
        context = {
            "resource": resource,
            "is_harmful": resource.scan_state == ScanState.INFECTED,
            "parents": [_parent(community)],
        }
        return render(request, "library/resource_file_waits.html", context, status=409)
    try:
        return attachment_response(resource.file, resource.file_name)
    except FileNotFoundError as error:
        raise Http404 from error


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@with_community
def resource_create(request: HttpRequest, community: Community) -> HttpResponse:
    if not may_send_resource(request.user, community):
        raise PermissionDenied(_("Members and allies add to the library."))
    form = _form(request, community)
    keeper = may_keep_library(request.user, community)
    if form.is_valid():
        try:
            resource = submit_resource(
                community=community, person=request.user, publish=keeper, now=timezone.now(),
                **form.values(),
            )  # fmt: skip
        except ActionError as error:
            form.add_error(None, str(error))
        else:
            return _thank(request, resource)
    mine = Resource.objects.filter(community=community, submitted_by=request.user)
    context = {
        "form": form,
        "publishes": keeper,
        "mine": mine.defer("body").order_by("-created_at", "-pk")[:20],
        "zone": request.user.timezone,
        "parents": [_parent(community)],
    }
    return render(request, "library/resource_create.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@with_community
def resource_edit(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    resource = get_resource_or_404(request.user, community, public_id)
    if not may_edit_own(request.user, resource):
        raise PermissionDenied(_("Only who sent it in can change it, and only while it waits."))
    form = _form(request, community, resource=resource)
    if form.is_valid():
        try:
            resource = resubmit_resource(resource=resource, by=request.user, **form.values())
        except ActionError as error:
            form.add_error(None, str(error))
        else:
            return _thank(request, resource)
    context = {"form": form, "resource": resource, "parents": [_parent(community)]}
    return render(request, "library/resource_edit.html", context)


def _form(request: HttpRequest, community: Community, **more: Any) -> ResourceForm:  # noqa: ANN401
    return ResourceForm(
        request.POST or None,
        request.FILES or None,
        narrowest=may_see_audience(request.user, community, "members"),
        **more,
    )


def _thank(request: HttpRequest, resource: Resource) -> HttpResponse:
    if resource.is_shown:
        text = _("“%(title)s” is in the library now.")
    else:
        text = _(
            "We have “%(title)s”. The librarian looks at it and writes to you. "
            "Until then you can still change it."
        )
    messages.success(request, text % {"title": resource.title})
    return redirect(f"{resource.get_absolute_url()}?sent=1")
