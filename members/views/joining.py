from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cop.core.errors import ActionError
from members.access import membership_of, with_community
from members.actions import submit_application
from members.actions.kept_files import drop_file, keep_file
from members.actions.memberships import local_day
from members.forms import ApplicationForm
from members.models import Community, Criterion, MembershipApplication, Organization
from members.queries import greeter_for, organization_is_eligible
from members.views.communities import open_application_of

MAX_SUGGESTIONS = 8


@require_http_methods(["GET", "HEAD", "POST"])
@with_community
def community_join(request: HttpRequest, community: Community) -> HttpResponse:
    """Signed out: how it works. Signed in: where do you work, then the form."""
    if not community.takes_applications:
        return render(request, "members/join_closed.html")
    if not request.user.is_authenticated:
        return render(request, "members/join_intro.html", {"is_fast": _is_open(community)})
    if membership_of(request.user, community):
        messages.info(request, _("You already belong here."))
        return redirect(community)
    application = open_application_of(request.user, community)
    if application is not None:
        messages.info(request, _("Your application is on its way. Here is where it stands."))
        return redirect(application)
    organization = _picked_organization(request)
    is_individual = _is_open(community) and "alone" in request.GET
    if organization is None and "new" not in request.GET and not is_individual:
        return _organization_step(request)
    return _form_step(request, community, organization, is_individual)


def _is_open(community: Community) -> bool:
    return community.admission_policy == Community.Admission.OPEN


def _picked_organization(request: HttpRequest) -> Organization | None:
    public_id = request.GET.get("org")
    if not public_id:
        return None
    return get_object_or_404(Organization, public_id=public_id, status=Organization.Status.ACTIVE)


def _organization_step(request: HttpRequest) -> HttpResponse:
    return render(request, "members/join_organization.html", suggestions(request))


def suggestions(request: HttpRequest) -> dict[str, object]:
    """Name and city only: where a house stands is told to nobody (O1)."""
    words = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:80]
    found: list[Organization] = []
    if len(words) >= 2:
        rows = Organization.objects.suggest(words).only("public_id", "name", "city")
        found = list(rows[:MAX_SUGGESTIONS])
    return {"words": words, "organizations": found, "has_searched": len(words) >= 2}


@require_safe
@login_required
@with_community
def join_organizations(request: HttpRequest, community: Community) -> HttpResponse:
    """The list under the search field, fetched while one types."""
    return render(request, "members/_organizations.html", suggestions(request))


def _form_step(
    request: HttpRequest,
    community: Community,
    organization: Organization | None,
    is_individual: bool,
) -> HttpResponse:
    criteria = [] if is_individual else _criteria_to_show(community, organization)
    form = ApplicationForm(
        request.POST or None,
        request.FILES or None,
        organization=organization,
        criteria=criteria,
        person_id=request.user.public_id,
        today=local_day(community, timezone.now()),
        is_individual=is_individual,
        initial={"proposed_name": request.GET.get("new", "")},
    )
    if request.method == "POST":
        if form.is_valid() and (application := _send(request, community, form)):
            drop_file(person=request.user)
            return _after_sending(request, application)
        _keep_upload(request, form)
    context = {
        "form": form,
        "organization": organization,
        "is_individual": is_individual,
        "agreement": community.agreements.order_by("-version").first(),
        "is_known": not criteria and not _is_open(community),
    }
    return render(request, "members/join_form.html", context)


def _send(
    request: HttpRequest, community: Community, form: ApplicationForm
) -> MembershipApplication | None:
    """None, and the reason in the form, where the rules say no."""
    try:
        return submit_application(
            community=community,
            person=request.user,
            agreement=community.agreements.order_by("-version").first(),
            now=timezone.now(),
            **form.answers(),
        )
    except ActionError as error:
        form.add_error(None, str(error))
        return None


def _keep_upload(request: HttpRequest, form: ApplicationForm) -> None:
    """A file cannot be put back into a form: it waits here for the next try."""
    for offer in sorted(form.offers, key=lambda offer: not offer.is_chosen):
        upload = offer.new_file()
        if upload is not None:
            offer.keep(keep_file(person=request.user, upload=upload))
            return


def _criteria_to_show(community: Community, organization: Organization | None) -> list[Criterion]:
    """None where nothing is to be shown: an open community, or an organization that counts."""
    if _is_open(community):
        return []
    today = local_day(community, timezone.now())
    if organization is not None and organization_is_eligible(organization, community, today):
        return []
    return list(community.criteria.filter(is_active=True).order_by("position", "pk"))


def _after_sending(request: HttpRequest, application: MembershipApplication) -> HttpResponse:
    if application.is_open:
        messages.success(request, _("Your application is with us. We wrote you a mail about it."))
        return redirect(application)
    welcome(request, application.community)
    return redirect(application.community)


def welcome(request: HttpRequest, community: Community) -> None:
    """What somebody reads first who belongs from now on; the page below has the next meeting."""
    messages.success(request, _("Welcome. You belong here now."))
    greeter = greeter_for(community, request.user)
    if greeter is not None:
        text = _("%(name)s greets new people here: say hello at your first meeting.")
        messages.info(request, text % {"name": greeter.display_name})
