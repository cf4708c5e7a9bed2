"""Topics: what people would like to talk about, and what became of it (2.11)."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cop.core.errors import ActionError
from meetings.actions.topics import propose_topic, withdraw_topic
from meetings.forms.topics import TopicForm
from meetings.models import TopicProposal
from meetings.queries.topics import (
    GROUPS,
    PAGE,
    my_waiting,
    similar_topics,
    thread_of,
    visible_topics,
)
from members.access import may_see_audience, with_community
from members.models import Community

INSIDE = "members_and_allies"


def _closed(request: HttpRequest, community: Community) -> HttpResponse | None:
    """Topics are talked about inside: visitors sign in, others find nothing."""
    if may_see_audience(request.user, community, INSIDE):
        return None
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    raise Http404


@require_safe
@with_community
def topic_list(request: HttpRequest, community: Community) -> HttpResponse:
    if (closed := _closed(request, community)) is not None:
        return closed
    group = request.GET.get("show", "")
    rows = visible_topics(request.user, community, group)
    if before := request.GET.get("before", ""):
        # Asked of all topics: the last row of a page may have moved to another group since.
        seen = TopicProposal.objects.visible_to(request.user).filter(community=community)
        edge = seen.filter(public_id=before).values_list("proposed_at", "pk").first()
        if edge is None:
            raise Http404
        rows = rows.filter(proposed_at__lte=edge[0]).exclude(proposed_at=edge[0], pk__gte=edge[1])
    found = list(rows[: PAGE + 1])
    more = f"?show={group}&before={found[PAGE - 1].public_id}" if len(found) > PAGE else ""
    context = {
        "topics": found[:PAGE],
        "waiting": [] if before else my_waiting(request.user, community),
        "next_url": more,
        "tabs": _tabs(group),
        "group": group,
    }
    return render(request, "meetings/topic_list.html", context)


def _tabs(group: str) -> list[dict[str, Any]]:
    labels = {
        "": _("All"), "open": _("Open"), "vote": _("In a vote"), "next": _("Coming"),
        "covered": _("Talked about"), "aside": _("Put aside"),
    }  # fmt: skip
    known = group if group in GROUPS else ""
    return [
        {"label": label, "url": f"?show={key}" if key else "?", "current": key == known}
        for key, label in labels.items()
    ]


@require_safe
@with_community
def topic_detail(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    if (closed := _closed(request, community)) is not None:
        return closed
    rows = TopicProposal.objects.visible_to(request.user).filter(community=community)
    rows = rows.select_related("community", "proposed_by", "merged_into__community")
    topic = rows.filter(public_id=public_id).first()
    if topic is None:
        raise Http404
    context = {
        "topic": topic,
        "thread": thread_of(topic, request.user),
        "is_mine": topic.proposed_by_id == request.user.pk,
        "zone": getattr(request, "zone", None) or community.timezone,
        "parents": [{"label": _("Topics"), "url": _list_url(community)}],
    }
    return render(request, "meetings/topic_detail.html", context)


def _list_url(community: Community) -> str:
    return reverse("meetings:topic_list", args=[community.slug])


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@with_community
def topic_create(request: HttpRequest, community: Community) -> HttpResponse:
    """Before it is sent, those that look alike are shown once; a second press sends it."""
    if (closed := _closed(request, community)) is not None:
        return closed
    asked = {"title": request.GET.get("title", "")[:120]}
    form = TopicForm(request.POST if request.method == "POST" else None, initial=asked)
    alike: list[TopicProposal] = []
    if form.is_valid():
        alike = similar_topics(request.user, community, form.cleaned_data["title"])
        seen = request.POST.get("seen", "").split(",")
        if all(one.public_id in seen for one in alike):
            try:
                topic = propose_topic(
                    community=community, person=request.user, now=timezone.now(),
                    values=form.cleaned_data | {"language": (get_language() or "en")[:2]},
                )  # fmt: skip
            except ActionError as error:
                form.add_error(None, str(error))
            else:
                messages.success(
                    request,
                    _("Thank you. Somebody reads it within three working days, and we write to "
                      "you then."),
                )  # fmt: skip
                return redirect(topic)
    context = {
        "form": form,
        "alike": alike,
        "seen": ",".join(one.public_id for one in alike),
        "parents": [{"label": _("Topics"), "url": _list_url(community)}],
    }
    return render(request, "meetings/topic_create.html", context)


@require_safe
@login_required
@with_community
def topics_alike(request: HttpRequest, community: Community) -> HttpResponse:
    """While somebody types: the part of the form with those that look alike."""
    if (closed := _closed(request, community)) is not None:
        return closed
    alike = similar_topics(request.user, community, request.GET.get("title", ""))
    return render(request, "meetings/_topics_alike.html", {"alike": alike})


@require_POST
@login_required
@with_community
def topic_withdraw(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    rows = TopicProposal.objects.visible_to(request.user).filter(
        community=community, proposed_by=request.user
    )
    topic = rows.select_related("community").filter(public_id=public_id).first()
    if topic is None:
        raise Http404
    try:
        withdraw_topic(topic=topic, by=request.user)
    except ActionError as error:
        messages.error(request, str(error))
        return redirect(topic)
    messages.success(request, _("Your topic is taken back. Nobody has read it."))
    return redirect("meetings:topic_list", community.slug)
