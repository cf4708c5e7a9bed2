"""The invitation from a mail: read by whoever holds the link, accepted by whom it was sent to."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cop.core.errors import ActionError
from cop.core.links import BadLink, read_token
from members.actions.invitations import accept_invitation, is_for, is_open
from members.emails.invitations import PURPOSE
from members.forms.invitations import AcceptForm
from members.models import Community, Invitation
from members.views.joining import welcome

GONE = 410


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """GET changes nothing: mail scanners open every link. The button accepts, once."""
    row = _read(token)
    community, person = row.community, request.user
    request.community = community
    context = {"invitation": row, "community": community}
    is_theirs = person.is_authenticated and row.accepted_by_id == person.pk
    if row.state == Invitation.State.ACCEPTED and is_theirs:
        return redirect(community)
    if not is_open(row, now=timezone.now()):
        return render(request, "members/invitation_over.html", context, status=GONE)
    if person.is_authenticated and not is_for(row, person):
        return render(request, "members/invitation_other.html", context)
    if not person.is_authenticated:
        return render(request, "members/invitation_page.html", context)
    form = AcceptForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            accept_invitation(
                invitation=row,
                person=person,
                now=timezone.now(),
                lists=form.cleaned_data["lists"],
            )
        except ActionError as error:
            form.add_error(None, str(error))
        else:
            welcome(request, community)
            return redirect(community)
    agreement = community.agreements.order_by("-version").first()
    context |= {"form": form, "agreement": agreement}
    return render(request, "members/invitation_page.html", context)


def _read(token: str) -> Invitation:
    try:
        public_id = read_token(PURPOSE, token)
    except BadLink as error:
        raise Http404 from error
    rows = Invitation.objects.select_related("community", "invited_by")
    row = rows.filter(public_id=str(public_id)).first()
    if row is None or not Community.objects.public().filter(pk=row.community_id).exists():
        raise Http404
    return row
