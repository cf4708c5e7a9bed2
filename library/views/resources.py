from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cop.core.errors import ActionError
from library.access import get_resource_or_404, may_edit_own, may_keep_library, may_send_resource
from library.actions import resubmit_resource, submit_resource
from library.models import Resource
from library.queries.using import with_weeks
from library.sending_forms import SendForm
from members.access import may_see_audience, with_community
from members.models import Community


def _parent(community: Community) -> dict[str, str]:
    return {"label": _("Library"), "url": reverse("library:resource_list", args=[community.slug])}


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
            return _thank(request, resource, is_keeper=keeper)
    mine = Resource.objects.filter(community=community, submitted_by=request.user)
    context = {
        "form": form,
        "publishes": keeper,
        "mine": with_weeks(mine, community, timezone.now())
        .defer("body", "transcript", "words")
        .order_by("-created_at", "-pk")[:20],
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


def _form(request: HttpRequest, community: Community, **more: Any) -> SendForm:  # noqa: ANN401
    return SendForm(
        request.POST or None,
        request.FILES or None,
        narrowest=may_see_audience(request.user, community, "members"),
        **more,
    )


def _thank(request: HttpRequest, resource: Resource, *, is_keeper: bool = False) -> HttpResponse:
    if resource.is_shown:
        text = _("“%(title)s” is in the library now.")
    elif is_keeper:
        text = _("We have “%(title)s”. It waits: the desk says what has to be done first.")
    else:
        text = _(
            "We have “%(title)s”. The librarian looks at it and writes to you. "
            "Until then you can still change it."
        )
    messages.success(request, text % {"title": resource.title})
    return redirect(f"{resource.get_absolute_url()}?sent=1")
