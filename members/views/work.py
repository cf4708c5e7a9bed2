"""Where one works or volunteers: tell it, change it, say that it has ended (A3, A4)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cop.core.errors import ActionError
from members.actions.affiliations import claim_affiliation, end_affiliation, make_primary
from members.actions.contacts import ask_contacts
from members.forms.work import WorkForm
from members.models import Affiliation, Membership, Organization
from members.views.joining import suggestions


@require_safe
@login_required
def my_work(request: HttpRequest) -> HttpResponse:
    ties = request.user.affiliations.select_related("organization", "site")
    context = {
        "current": ties.exclude(state=Affiliation.State.ENDED).order_by("-is_primary", "pk"),
        "former": ties.filter(state=Affiliation.State.ENDED).order_by("-ended_on", "pk")[:10],
        "in_grace": request.user.memberships.filter(state=Membership.State.GRACE)
        .select_related("community")
        .order_by("grace_until", "pk"),
    }
    return render(request, "members/my_work.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def work_add(request: HttpRequest) -> HttpResponse:
    """Find the organization by name, then say what one does there."""
    public_id = request.GET.get("org", "")
    if not public_id:
        return render(request, "members/work_find.html", suggestions(request))
    organization = get_object_or_404(
        Organization, public_id=public_id, status=Organization.Status.ACTIVE
    )
    form = WorkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        tie = claim_affiliation(
            person=request.user, organization=organization, now=now, **form.cleaned_data
        )
        if tie.state == Affiliation.State.CLAIMED:
            ask_contacts(affiliation=tie, now=now)
            told = _("Noted. We ask %(organization)s whether they know you.")
        else:
            told = _("Noted: you work or volunteer at %(organization)s.")
        messages.success(request, told % {"organization": organization})
        return redirect("my_work")
    return render(request, "members/work_add.html", {"form": form, "organization": organization})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def work_left(request: HttpRequest, public_id: str) -> HttpResponse:
    """I do not work there any more. Says first what follows."""
    ties = request.user.affiliations.exclude(state=Affiliation.State.ENDED)
    tie = get_object_or_404(ties.select_related("organization"), public_id=public_id)
    if request.method == "POST":
        end_affiliation(affiliation=tie, by=request.user, now=timezone.now())
        messages.success(request, _("Noted. If you work somewhere else now, tell us where."))
        return redirect("my_work")
    context = {
        "heading": _("You no longer work at %(organization)s?")
        % {"organization": tie.organization},
        "text": _(
            "Your place in your communities is kept for 90 days. Tell us where you work now, and "
            "it stays."
        ),
        "label": _("I have left"),
        "back_url": "/me/work/",
        "danger": False,
    }
    return render(request, "components/confirm.html", context)


@require_POST
@login_required
def work_primary(request: HttpRequest, public_id: str) -> HttpResponse:
    tie = get_object_or_404(request.user.affiliations, public_id=public_id)
    try:
        make_primary(affiliation=tie, person=request.user)
    except ActionError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("Your main place is %(organization)s.") % {"organization": tie.organization}
        )
    return redirect("my_work")
