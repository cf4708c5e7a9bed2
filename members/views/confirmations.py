"""The yearly "still there?", answered from the mail without signing in. GET changes nothing."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from cop.core.errors import ActionError
from cop.core.links import BadLink, read_token
from members.actions import leave_community
from members.actions.confirmations import answer_confirmation
from members.emails.memberships import CONFIRM_PURPOSE
from members.models import Membership, MembershipConfirmation

Answer = MembershipConfirmation.Answer


@require_http_methods(["GET", "HEAD", "POST"])
def still_here(request: HttpRequest, token: str) -> HttpResponse:
    """Three buttons: yes, something has changed, I leave. The last one asks once more."""
    confirmation = _read(token)
    row = confirmation.membership
    with translation.override(row.person.language):
        context = {"confirmation": confirmation, "membership": row, "community": row.community}
        context["tie"] = (
            row.person.affiliations.exclude(state="ended")
            .select_related("organization")
            .order_by("-is_primary", "pk")
            .first()
        )
        if row.state not in Membership.CURRENT_STATES:
            return render(request, "members/still_here.html", {**context, "is_over": True})
        if request.method == "POST":
            answer = request.POST.get("answer", "")
            if answer == Answer.LEAVE and "sure" not in request.POST:
                return render(request, "members/still_here.html", {**context, "asks_again": True})
            context["error"] = _act(confirmation, answer)
            if not context["error"]:
                return redirect("members:still_here", token=token)
        return render(request, "members/still_here.html", context)


def _act(confirmation: MembershipConfirmation, answer: str) -> str:
    """What stands in the way, or nothing."""
    now = timezone.now()
    try:
        if answer == Answer.LEAVE:
            leave_community(membership=confirmation.membership, now=now)
        elif answer in Answer.values:
            answer_confirmation(confirmation=confirmation, answer=answer, now=now)
    except ActionError as error:
        return str(error)
    return ""


def _read(token: str) -> MembershipConfirmation:
    try:
        membership_id, year = read_token(CONFIRM_PURPOSE, token)
        year = int(year)
    except (BadLink, TypeError, ValueError) as error:
        raise Http404 from error
    rows = MembershipConfirmation.objects.select_related(
        "membership__person", "membership__community"
    )
    found = rows.filter(
        membership__public_id=membership_id, year=year, membership__person__is_active=True
    ).first()
    if found is None:
        raise Http404
    return found
