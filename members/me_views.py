from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.actions.profiles import update_profile
from members.me_forms import ProfileForm
from members.models import Community, Membership
from outbox.actions import update_subscriptions
from outbox.forms import MailChoicesForm
from outbox.queries import chosen_lists


@require_safe
@login_required
def me_home(request: HttpRequest) -> HttpResponse:
    """One's own place: communities, applications, choices."""
    person = request.user
    current = person.memberships.filter(state__in=Membership.CURRENT_STATES)
    context = {
        "memberships": current.select_related("community").order_by("community__name", "pk"),
        "applications": person.applications.select_related("community", "organization").order_by(
            "-submitted_at", "-pk"
        )[:20],
        "affiliations": person.affiliations.exclude(state="ended").select_related("organization"),
        "roles": person.role_grants.select_related("community").order_by("community__name", "pk"),
    }
    return render(request, "members/me_home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def mail_choices(request: HttpRequest) -> HttpResponse:
    """What each of one's communities may send. One form a community, saved one at a time."""
    communities = list(
        Community.objects.filter(
            memberships__person=request.user, memberships__state__in=Membership.CURRENT_STATES
        ).order_by("name", "pk")
    )
    chosen = chosen_lists(request.user)
    slug = request.POST.get("community", "")
    rows = []
    for community in communities:
        data = request.POST if slug == community.slug else None
        form = MailChoicesForm(
            data, current=chosen.get(community.public_id, set()), auto_id=f"{community.slug}_%s"
        )
        if data is not None and form.is_valid():
            update_subscriptions(
                person=request.user,
                scope=community.public_id,
                kinds=set(form.cleaned_data["lists"]),
                source="own page",
                now=timezone.now(),
            )
            messages.success(request, _("Your choice is saved. It counts from now on."))
            return redirect("mail_choices")
        rows.append((community, form))
    return render(request, "members/mail_choices.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile_edit(request: HttpRequest) -> HttpResponse:
    person = request.user
    initial = {name: getattr(person, name) for name in ProfileForm.base_fields}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        update_profile(person=person, **form.cleaned_data)
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Your changes are saved."))
        response = redirect("me_home")
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, form.cleaned_data["language"], samesite="Lax"
        )
        return response
    return render(request, "members/profile_edit.html", {"form": form})
