"""For those who speak for an organization: its people, houses and papers (A5). 404 to others."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Case, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cop.core.errors import ActionError
from members.actions.affiliations import confirm_affiliation, dispute_affiliation, end_affiliation
from members.actions.evidence_records import send_evidence
from members.actions.memberships import local_day
from members.documents import document_response
from members.evidence_words import BADGES, say_evidence
from members.forms.evidence import EvidenceForm
from members.models import Affiliation, Community, Criterion, Evidence, Membership, Organization
from members.models import MembershipApplication as Application
from members.queries import spoken_for_by
from members.queries.naming import own_welcomes

State = Affiliation.State


class Moved(Exception):
    """It is part of another organization now, which this person speaks for too."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization


def _spoken_for(request: HttpRequest, public_id: str) -> Organization:
    """Nobody but its own confirmed contacts may know what stands here."""
    mine = spoken_for_by(request.user)
    organization = mine.filter(public_id=public_id).first()
    if organization is None:
        merged = mine.filter(merged_from__public_id=public_id).first()
        if merged is not None:
            raise Moved(merged)
        raise Http404
    return organization


@require_safe
@login_required
def my_organizations(request: HttpRequest) -> HttpResponse:
    organizations = list(spoken_for_by(request.user).order_by("name", "pk"))
    if not organizations:
        raise Http404
    if len(organizations) == 1:
        return redirect("my_organization", organizations[0].public_id)
    return render(request, "members/organization_list.html", {"organizations": organizations})


@require_safe
@login_required
def my_organization(request: HttpRequest, public_id: str) -> HttpResponse:
    try:
        organization = _spoken_for(request, public_id)
    except Moved as moved:
        return redirect("my_organization", moved.organization.public_id)
    people = list(_people(organization))
    now = timezone.now()
    context = {
        "organization": organization,
        "people": people,
        "waiting": [row for row in people if row.state != State.CONFIRMED],
        "known": [row for row in people if row.state == State.CONFIRMED],
        "sites": organization.sites.filter(closed_on=None).order_by("name", "pk"),
        "evidence": _evidence(organization, now),
        "welcomes": []
        if organization.is_regulator_or_funder
        else list(own_welcomes(request.user, organization)),
        "may_send": bool(_criteria(request, organization)),
    }
    return render(request, "members/organization_detail.html", context)


def _people(organization: Organization) -> QuerySet[Affiliation]:
    """Who asks comes first. Names and roles there; what people do here is nobody's business."""
    asks_first = Case(
        When(state=State.CLAIMED, then=Value(0)),
        When(state=State.DISPUTED, then=Value(1)),
        default=Value(2),
    )
    rows = organization.affiliations.exclude(state=State.ENDED).select_related("person", "site")
    return rows.order_by(asks_first, "person__display_name", "pk")


def _evidence(organization: Organization, now: datetime) -> list[Evidence]:
    rows = list(
        organization.evidence.select_related("criterion__community", "site").order_by(
            "-submitted_at", "-pk"
        )[:40]
    )
    for row in rows:
        row.words = say_evidence(row, local_day(row.criterion.community, now))
        row.badge, row.icon = BADGES.get(row.state, ("plain", "archive"))
    return rows


def _criteria(request: HttpRequest, organization: Organization) -> list[Criterion]:
    """Of the communities that have papers of it, and those this person belongs or applied to.

    Where else its people are is nobody's business here. A funder qualifies for nothing (O7).
    """
    if organization.is_regulator_or_funder:
        return []
    person = request.user
    communities = Community.objects.public().filter(
        Q(pk__in=organization.evidence.values("criterion__community"))
        | Q(
            memberships__person=person,
            memberships__state__in=Membership.CURRENT_STATES,
        )
        | Q(applications__person=person, applications__state__in=Application.OPEN_STATES)
    )
    rows = Criterion.objects.filter(community__in=communities.values("pk"), is_active=True)
    return list(rows.order_by("community__name", "position", "pk"))


@require_POST
@login_required
def organization_person(request: HttpRequest, public_id: str, tie_id: str) -> HttpResponse:
    """One tap: yes, they work here; or no."""
    tie = _tie(request, public_id, tie_id)
    answer, now = request.POST.get("answer"), timezone.now()
    try:
        if answer == "yes":
            method = Affiliation.Method.ORG_CONTACT
            confirm_affiliation(affiliation=tie, by=request.user, method=method, now=now)
            text = _("Thank you. %(name)s belongs to you.")
        elif answer == "no" and tie.state == State.CLAIMED:
            dispute_affiliation(affiliation=tie, by=request.user, now=now)
            text = _("Thank you. It is noted. %(name)s is not told who answered.")
        else:
            return redirect("my_organization", public_id)
    except ActionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, text % {"name": tie.person})
    return redirect("my_organization", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def organization_person_left(request: HttpRequest, public_id: str, tie_id: str) -> HttpResponse:
    tie = _tie(request, public_id, tie_id)
    if request.method == "POST":
        end_affiliation(affiliation=tie, by=request.user, now=timezone.now())
        text = _("Noted: %(name)s has moved on.") % {"name": tie.person}
        messages.success(request, text)
        return redirect("my_organization", public_id)
    context = {
        "heading": _("Has %(name)s left?") % {"name": tie.person},
        "text": _(
            "If their place here rests on it, they keep it for 90 days, and we ask them where "
            "they work now."
        ),
        "label": _("Yes, has left"),
        "back_url": reverse("my_organization", args=[tie.organization.public_id]),
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


def _tie(request: HttpRequest, public_id: str, tie_id: str) -> Affiliation:
    """Of somebody else: about oneself one says so on one's own page."""
    try:
        organization = _spoken_for(request, public_id)
    except Moved as moved:
        organization = moved.organization
    rows = organization.affiliations.exclude(state=State.ENDED).exclude(person=request.user)
    return get_object_or_404(rows.select_related("person", "organization"), public_id=tie_id)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def organization_send(request: HttpRequest, public_id: str) -> HttpResponse:
    """A new paper: it waits for a reviewer, and what counts now goes on counting."""
    try:
        organization = _spoken_for(request, public_id)
    except Moved as moved:
        return redirect("organization_send", moved.organization.public_id)
    criteria = _criteria(request, organization)
    if not criteria:
        raise Http404
    form = EvidenceForm(
        request.POST or None, request.FILES or None, organization=organization,
        criteria=criteria, today=_today(request),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            send_evidence(
                organization=organization, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except ActionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Thank you. A reviewer looks at it next."))
            return redirect("my_organization", public_id)
    context = {"organization": organization, "form": form}
    return render(request, "members/organization_send.html", context)


def _today(request: HttpRequest) -> date:
    return timezone.now().astimezone(ZoneInfo(request.user.timezone)).date()


@require_safe
@login_required
def organization_document(
    request: HttpRequest, public_id: str, evidence_id: str
) -> HttpResponseBase:
    """The paper, for the one who sent it and no other contact (E7)."""
    organization = get_object_or_404(spoken_for_by(request.user), public_id=public_id)
    rows = organization.evidence.filter(submitted_by=request.user)
    return document_response(request, get_object_or_404(rows, public_id=evidence_id))
