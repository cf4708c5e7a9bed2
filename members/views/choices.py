"""One's own choices about communities: streams that one follows, consents that are asked again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from members.actions.agreements import renew_consent
from members.actions.streams import follow_stream, unfollow_stream
from members.models import Membership, Stream


@require_POST
@login_required
def stream_follow(request: HttpRequest, public_id: str) -> HttpResponse:
    mine = request.user.memberships.filter(state__in=Membership.CURRENT_STATES)
    rows = Stream.objects.filter(is_active=True, community__in=mine.values("community"))
    stream = get_object_or_404(rows.select_related("community"), public_id=public_id)
    if request.POST.get("follow") == "yes":
        follow_stream(stream=stream, person=request.user)
        messages.success(request, _("You follow %(stream)s now.") % {"stream": stream})
    else:
        unfollow_stream(stream=stream, person=request.user)
        messages.success(request, _("You no longer follow %(stream)s.") % {"stream": stream})
    return redirect("me_home")


@require_POST
@login_required
def consent_renew(request: HttpRequest, slug: str) -> HttpResponse:
    mine = request.user.memberships.filter(state__in=Membership.CURRENT_STATES)
    membership = mine.filter(community__slug=slug).select_related("community").first()
    if membership is None:
        raise Http404
    given = request.POST.get("answer") == "yes"
    renew_consent(
        person=request.user,
        community=membership.community,
        purpose=request.POST.get("purpose", ""),
        given=given,
        now=timezone.now(),
    )
    told = _("Thank you: all is as it was.") if given else _("It is noted. Nothing is shown.")
    messages.success(request, told)
    return redirect("me_home")
