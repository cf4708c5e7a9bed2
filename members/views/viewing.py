"""To look at one's community as a member sees it (P3). The middleware does the seeing."""

import time

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from members.access import has_role, with_community
from members.actions.viewing import begin_member_view, end_member_view
from members.middleware import MEMBER_VIEW
from members.models import Community


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@with_community
def member_view(request: HttpRequest, community: Community) -> HttpResponse:
    if not has_role(request.user, community, "coordinator"):
        raise Http404
    if request.method == "POST":
        begin_member_view(community=community, by=request.user)
        request.session[MEMBER_VIEW] = {"community": community.public_id, "at": time.time()}
        return redirect(community)
    return render(request, "members/member_view.html")


@require_POST
@login_required
@with_community
def member_view_end(request: HttpRequest, community: Community) -> HttpResponse:
    begun = request.session.pop(MEMBER_VIEW, None)
    if begun is None or begun["community"] != community.public_id:
        raise Http404
    end_member_view(community=community, by=request.user)
    return redirect(community)
