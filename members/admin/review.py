"""The review desk: one application with its evidence on one page, and three buttons."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from members.actions import approve_application, decline_application, request_information
from members.actions.decisions import AlreadyDecided, check_may_decide
from members.actions.memberships import local_day
from members.actions.waiting import ANSWER_WITHIN, NO_ALLY, last_appeal_day
from members.admin.base import DeskAdmin
from members.admin.forms import APPROVE, ASK, DECLINE, DecisionForm, valid_to_by_rule
from members.admin.taking import HoldForm
from members.emails import preview_application_email
from members.history import describe, say_application_state, say_code
from members.models import (
    Affiliation,
    Community,
    Membership,
    MembershipApplication,
    Organization,
)
from members.queries import (
    category_after_approval,
    history_of,
    organization_is_eligible,
    similar_organizations,
)

MAIL_OF = {APPROVE: "welcome", ASK: "asked", DECLINE: "declined"}
OPEN_EVIDENCE = ("submitted", "doubtful")


def review_page(desk: DeskAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """GET shows it; the first POST shows the mail that will go; the second one decides."""
    rows = desk.get_queryset(request).select_related("community", "person", "organization")
    application = rows.filter(pk=object_id).first() if object_id.isdigit() else None
    if application is None:
        raise Http404
    if not desk.has_view_permission(request, application):
        raise PermissionDenied
    form = _form(request, application)
    if request.method == "POST" and form.is_valid():
        if "confirmed" in request.POST:
            return _decide(desk, request, application, form)
        if "edit" not in request.POST:
            return _preview(desk, request, application, form)
    return _show(desk, request, application, form)


def _form(request: HttpRequest, application: MembershipApplication) -> DecisionForm:
    initial = {
        "seen_version": application.version,
        "valid_to": valid_to_by_rule(application, timezone.now().date()),
    }
    return DecisionForm(request.POST or None, initial=initial)


def _show(
    desk: DeskAdmin, request: HttpRequest, application: MembershipApplication, form: DecisionForm
) -> HttpResponse:
    community, organization = application.community, application.organization
    evidence = organization.evidence.filter(criterion__community=community).select_related(
        "criterion", "submitted_by", "checked_by"
    )
    evidence = list(evidence.order_by("-submitted_at", "-pk"))
    for row in evidence:
        row.reason_label = say_code(row.reason_code)
    mine = [row for row in evidence if row.application_id == application.pk]
    objects = [("members.membershipapplication", application.public_id)]
    objects += [("members.evidence", row.public_id) for row in mine]
    context = {
        "title": _("Application of %(person)s") % {"person": application.person},
        "application": application,
        "state_label": say_application_state(application.state),
        "form": form,
        "hold_form": HoldForm(),
        "seen": request.POST.getlist("seen"),
        "refusal": _refusal(application, request),
        "evidence": mine,
        "other_evidence": [row for row in evidence if row.application_id != application.pk],
        **_about_organization(application, request),
        "has_open_evidence": any(row.state in OPEN_EVIDENCE for row in mine),
        "history": [
            describe(event, request.user.timezone)
            for event in history_of(objects, [community.public_id])[:50]
        ],
    }
    return desk.page(request, "review.html", context)


def _about_organization(application: MembershipApplication, request: HttpRequest) -> dict[str, Any]:
    community, organization = application.community, application.organization
    today = timezone.now().date()
    return {
        "affiliation": _affiliation(application),
        "people": _people(application),
        "sites": organization.sites.order_by("name", "pk"),
        "similar": _similar(application, request),
        "earlier": _earlier(application),
        "is_eligible": organization_is_eligible(organization, community, today),
        "category": Membership.Category(category_after_approval(application, today)).label,
    }


def _similar(application: MembershipApplication, request: HttpRequest) -> list[Organization]:
    """Names like this one; a link only to those that open for this staff member."""
    rows = list(similar_organizations(application.organization))
    mine = Community.objects.staffed_by(request.user, "coordinator", "reviewer")
    near = Organization.objects.known_to(mine).filter(
        pk__in=[application.organization_id, *(row.pk for row in rows)]
    )
    known = set(near.values_list("pk", flat=True))
    for row in rows:
        row.is_open_to_me = request.user.is_superuser or row.pk in known
    return rows


def _refusal(application: MembershipApplication, request: HttpRequest) -> str:
    """Why this staff member has no buttons here, if so (E5)."""
    try:
        check_may_decide(application, request.user)
    except ActionError as error:
        return str(error)
    return ""


def _affiliation(application: MembershipApplication) -> Affiliation | None:
    links = application.person.affiliations.filter(organization=application.organization)
    return links.exclude(state=Affiliation.State.ENDED).first()


def _people(application: MembershipApplication) -> list[Affiliation]:
    """Others of the same organization who belong to this community."""
    links = application.organization.affiliations.exclude(state=Affiliation.State.ENDED)
    links = links.filter(person__memberships__community=application.community)
    links = links.exclude(person=application.person).select_related("person")
    return list(links.order_by("person__display_name", "pk").distinct()[:20])


def _earlier(application: MembershipApplication) -> list[MembershipApplication]:
    same = MembershipApplication.objects.filter(
        community=application.community, person=application.person
    )
    rows = list(same.exclude(pk=application.pk).order_by("-submitted_at", "-pk")[:10])
    for row in rows:
        row.state_label = say_application_state(row.state)
    return rows


def _mail_context(application: MembershipApplication, form: DecisionForm) -> dict[str, Any]:
    data = form.cleaned_data
    context: dict[str, Any] = {"message": data["message"], "reason_codes": form.reason_codes()}
    if data["decision"] == ASK:
        application.answer_by = local_day(application.community, timezone.now()) + ANSWER_WITHIN
    if data["decision"] == DECLINE:
        application.appeal_by = last_appeal_day(application, timezone.now())
        codes = set(context["reason_codes"])
        context["may_be_ally"] = application.community.allies_allowed and not codes & NO_ALLY
    if data["decision"] == APPROVE:
        context["category"] = _category_if_approved(application, verify=data["verify_evidence"])
    return context


def _category_if_approved(application: MembershipApplication, *, verify: bool) -> str:
    """The preview's guess: verifying now makes the organization count."""
    category = category_after_approval(application, timezone.now().date())
    person, organization = application.person, application.organization
    provider = application.applying_as == MembershipApplication.ApplyingAs.PROVIDER
    walled = person.is_walled() or organization.is_regulator_or_funder
    if verify and provider and not walled:
        return Membership.Category.MEMBER
    return category


def _preview(
    desk: DeskAdmin, request: HttpRequest, application: MembershipApplication, form: DecisionForm
) -> HttpResponse:
    decision = form.cleaned_data["decision"]
    context = _mail_context(application, form)
    labels = {
        APPROVE: (_("Approve this application?"), _("Approve and send the mail")),
        ASK: (_("Ask for more?"), _("Ask and send the mail")),
        DECLINE: (_("Decline this application?"), _("Decline and send the mail")),
    }
    title, label = labels[decision]
    category = context.get("category")
    page = {
        "title": title,
        "label": label,
        "application": application,
        "form": form,
        "danger": decision == DECLINE,
        "category": Membership.Category(category).label if category else "",
        "mail": preview_application_email(MAIL_OF[decision], application, **context),
        "answers": _answers(request),
    }
    return desk.page(request, "review_confirm.html", page)


def _answers(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed, to go along as hidden fields."""
    names = [name for name in (*DecisionForm.base_fields, "seen") if name in request.POST]
    return [(name, value) for name in names for value in request.POST.getlist(name)]


def _decide(
    desk: DeskAdmin, request: HttpRequest, application: MembershipApplication, form: DecisionForm
) -> HttpResponse:
    try:
        _act(application, form, request)
    except AlreadyDecided as error:
        messages.warning(request, str(error))
        return HttpResponseRedirect(request.path)
    except ActionError as error:
        form.add_error(None, str(error))
        return _show(desk, request, application, form)
    person = application.person
    messages.success(request, _("Done. The mail to %(person)s is on its way.") % {"person": person})
    return HttpResponseRedirect(reverse("admin:members_membershipapplication_changelist"))


def _act(application: MembershipApplication, form: DecisionForm, request: HttpRequest) -> None:
    data = form.cleaned_data
    common = {
        "application": application,
        "by": request.user,
        "seen_version": data["seen_version"],
        "message": data["message"],
        "now": timezone.now(),
    }
    if data["decision"] == APPROVE:
        approve_application(
            **common,
            verify_evidence=data["verify_evidence"],
            check_method=data["check_method"],
            valid_to=data["valid_to"],
        )
    elif data["decision"] == ASK:
        request_information(**common, reason_codes=form.reason_codes())
    else:
        decline_application(**common, reason_codes=form.reason_codes())
