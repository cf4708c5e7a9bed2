"""Does this person work with you? Answered by a contact from the mail, without signing in (A1)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from cop.core.errors import ActionError
from cop.core.links import BadLink, read_token
from members.actions.affiliations import confirm_affiliation, dispute_affiliation
from members.emails.affiliations import PURPOSE
from members.models import Affiliation, Organization, User
from members.queries import contacts_of


@require_http_methods(["GET", "HEAD", "POST"])
def works_here(request: HttpRequest, token: str) -> HttpResponse:
    """Who waits, with two buttons each. GET changes nothing: mail scanners open every link."""
    contact, organization = _read(token)
    with translation.override(contact.language):
        error = ""
        if request.method == "POST":
            error = _answer(request, contact, organization)
            if not error:
                return redirect("members:works_here", token=token)
        ties = organization.affiliations.exclude(person=contact).select_related("person")
        asked = ties.filter(asked_at__isnull=False).order_by("-asked_at", "pk")
        context = {
            "organization": organization,
            "waiting": [row for row in asked if row.state == Affiliation.State.CLAIMED],
            "answered": [
                row
                for row in asked[:20]
                if row.state in {Affiliation.State.CONFIRMED, Affiliation.State.DISPUTED}
            ],
            "error": error,
        }
        return render(request, "members/works_here.html", context)


def _answer(request: HttpRequest, contact: User, organization: Organization) -> str:
    """What stands in the way, or nothing. The same answer twice changes nothing."""
    rows = organization.affiliations.exclude(person=contact)
    row = rows.filter(public_id=request.POST.get("tie", "")).first()
    if row is None or request.POST.get("do") not in {"yes", "no"}:
        raise Http404
    now = timezone.now()
    try:
        if request.POST["do"] == "yes":
            method = Affiliation.Method.ORG_CONTACT
            confirm_affiliation(affiliation=row, by=contact, method=method, now=now)
        elif row.state == Affiliation.State.CLAIMED:
            dispute_affiliation(affiliation=row, by=contact, now=now)
    except ActionError as error:
        return str(error)
    return ""


def _read(token: str) -> tuple[User, Organization]:
    """The link works as long as they speak for the organization."""
    try:
        contact_id, organization_id = read_token(PURPOSE, token)
    except (BadLink, TypeError, ValueError) as error:
        raise Http404 from error
    organization = Organization.objects.filter(public_id=organization_id).first()
    if organization is not None and organization.merged_into is not None:
        organization = organization.merged_into
    contact = (
        contacts_of(organization).filter(public_id=contact_id).first() if organization else None
    )
    if contact is None:
        raise Http404
    return contact, organization
