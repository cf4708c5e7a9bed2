"""Leaving a community touches what all apps know of a person there; so it stands here."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cop.core.errors import ActionError
from meetings.actions import answer_rsvp
from meetings.models import Rsvp
from members.actions import leave_community
from members.models import Membership


@transaction.atomic
def leave(*, membership: Membership, now: datetime) -> None:
    """Give back the seats in coming meetings, then the membership; all its mail stops (MB3)."""
    held = Rsvp.objects.filter(
        person=membership.person,
        meeting__community=membership.community,
        meeting__state="scheduled",
        meeting__starts_at__gt=now,
        state__in=[Rsvp.State.GOING, Rsvp.State.WAITLISTED, Rsvp.State.NEEDS_CONFIRMATION],
    )
    for rsvp in held.select_related("meeting__community").order_by("meeting__starts_at", "pk"):
        answer_rsvp(
            meeting=rsvp.meeting, person=membership.person, answer=Rsvp.State.NOT_GOING, now=now
        )
    leave_community(membership=membership, now=now)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def community_leave(request: HttpRequest, slug: str) -> HttpResponse:
    """One confirmation and never a reason."""
    current = request.user.memberships.filter(
        community__slug=slug, state__in=Membership.CURRENT_STATES
    )
    membership = current.select_related("community", "person").first()
    if membership is None:
        raise Http404
    if request.method != "POST":
        return render(request, "members/community_leave.html", {"membership": membership})
    try:
        leave(membership=membership, now=timezone.now())
    except ActionError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            _(
                "You have left %(community)s. No more mail will come from there. "
                "You may come back any time."
            )
            % {"community": membership.community},
        )
    return redirect("me_home")
