"""What people do with a resource. Each is a button of its own; pressed twice it does no more."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cop.core.errors import ActionError
from cop.core.mail import one_line
from library.access import get_resource_or_404, may_keep_library
from library.actions import favourites, using
from library.forms import StoryForm
from library.models import Resource, ResourceUse
from library.queries.citations import bibtex, citation_of, ris
from library.queries.using import kept_by, new_in_topics, topics_here, topics_of
from members.access import with_community
from members.models import Community

MOST_NEW = 20
MOST_KEPT = 200


def _back(resource: Resource, part: str) -> HttpResponse:
    return redirect(f"{resource.get_absolute_url()}#{part}")


def _resource(request: HttpRequest, community: Community, public_id: str) -> Resource:
    resource = get_resource_or_404(request.user, community, public_id)
    resource.community = community
    return resource


@require_POST
@login_required
@with_community
def say_helped(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    resource = _resource(request, community, public_id)
    try:
        if "undo" in request.POST:
            using.take_back(resource=resource, by=request.user, kind="helped")
        else:
            using.say_helped(resource=resource, by=request.user, now=timezone.now())
    except ActionError as error:
        raise PermissionDenied(str(error)) from error
    return _back(resource, "using")


@require_POST
@login_required
@with_community
def say_used(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    """First the use, then on the same page the box for the story; both may come at once."""
    resource = _resource(request, community, public_id)
    if "undo" in request.POST:
        using.take_back(resource=resource, by=request.user, kind="used")
        return _back(resource, "using")
    form = StoryForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors.get("story", [])))
        return _back(resource, "your-story")
    story = form.cleaned_data["story"] if "story" in request.POST else None
    if "remove" in request.POST:
        story = ""
    try:
        using.say_used(resource=resource, by=request.user, now=timezone.now(), story=story)
    except ActionError as error:
        raise PermissionDenied(str(error)) from error
    if story:
        messages.success(request, _("Thank you. Others see your line, without your name."))
    return _back(resource, "your-story" if story is None else "using")


@require_POST
@login_required
@with_community
def hide_story(request: HttpRequest, community: Community, public_id: str, pk: int) -> HttpResponse:
    resource = _resource(request, community, public_id)
    if not may_keep_library(request.user, community):
        raise PermissionDenied(_("The librarian looks after this."))
    rows = ResourceUse.objects.select_related("resource__community").exclude(story="")
    use = get_object_or_404(rows, resource=resource, pk=pk)
    using.hide_story(use=use, by=request.user, hidden="undo" not in request.POST)
    return _back(resource, "stories")


@require_POST
@login_required
@with_community
def keep(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    resource = _resource(request, community, public_id)
    try:
        if "undo" in request.POST:
            favourites.drop_resource(resource=resource, by=request.user)
        else:
            favourites.keep_resource(resource=resource, by=request.user, now=timezone.now())
    except ActionError as error:
        messages.error(request, str(error))
    if request.POST.get("from") == "kept":
        return redirect("library:kept", community.slug)
    return _back(resource, "using")


@require_safe
@login_required
@with_community
def kept(request: HttpRequest, community: Community) -> HttpResponse:
    """One's own shelf: what one keeps, the topics one follows, and what is new in them."""
    followed = topics_of(request.user, community)
    new: Any = new_in_topics(request.user, community, timezone.now())[:MOST_NEW] if followed else []
    context = {
        "kept": kept_by(request.user, community)[:MOST_KEPT],
        "followed": followed,
        "others": [one for one in topics_here(request.user, community) if one not in followed],
        "new": new,
        "parents": [
            {"label": _("Library"), "url": reverse("library:resource_list", args=[community.slug])}
        ],
    }
    return render(request, "library/kept.html", context)


@require_POST
@login_required
@with_community
def follow(request: HttpRequest, community: Community) -> HttpResponse:
    topic = one_line(request.POST.get("topic", ""))[:60]
    try:
        if "undo" in request.POST:
            favourites.unfollow_topic(community=community, topic=topic, by=request.user)
        else:
            favourites.follow_topic(
                community=community, topic=topic, by=request.user, now=timezone.now()
            )
    except ActionError as error:
        messages.error(request, str(error))
    return redirect(reverse("library:kept", args=[community.slug]) + "#topics")


@require_safe
@with_community
def cite(request: HttpRequest, community: Community, public_id: str, form: str) -> HttpResponse:
    resource = _resource(request, community, public_id)
    if not resource.is_shown:
        raise Http404
    one = citation_of(resource)
    text, kind = {
        "bib": (bibtex, "application/x-bibtex"),
        "ris": (ris, "application/x-research-info-systems"),
    }[form]
    response = HttpResponse(text(one), content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{one.key}.{form}"'
    return response
