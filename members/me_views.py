from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.actions.profiles import update_profile
from members.me_forms import ProfileForm
from members.models import Community, Membership, User
from members.models.communities import current_grant
from members.queries.appeals import appeals_of_panelist
from members.queries.communities import streams_followed
from members.queries.consents import consents_to_renew
from outbox.actions import change_choices
from outbox.choices import read_choices
from outbox.forms import MailChoicesForm
from outbox.queries import chosen_lists
from outbox.readers import Reader
from outbox.views import choices_context, told


@require_safe
@login_required
def me_home(request: HttpRequest) -> HttpResponse:
    """One's own place: communities, applications, choices."""
    person = request.user
    current = person.memberships.filter(state__in=Membership.CURRENT_STATES)
    ties = list(
        person.affiliations.exclude(state="ended")
        .select_related("organization")
        .order_by("-is_primary", "pk")
    )
    context = {
        "memberships": current.select_related("community").order_by("community__name", "pk"),
        "applications": person.applications.select_related("community", "organization").order_by(
            "-submitted_at", "-pk"
        )[:20],
        "affiliations": ties,
        "panels": appeals_of_panelist(person).filter(state="open").exists(),
        "streams": streams_followed(person),
        "consents": consents_to_renew(person),
        "speaks_for": any(tie.is_contact and tie.state == "confirmed" for tie in ties),
        "roles": person.role_grants.filter(current_grant())
        .select_related("community")
        .order_by("community__name", "pk"),
    }
    return render(request, "members/me_home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def mail_choices(request: HttpRequest) -> HttpResponse:
    """What each of one's communities may send. One form a community, saved one at a time."""
    now = timezone.now()
    reader = Reader(request.user)
    asked = request.POST.get("community") or request.GET.get("community")
    rows = []
    for community, offered in _writing_communities(request.user):
        choices = read_choices(reader, community.public_id, now=now, offered=offered)
        is_asked = asked == community.slug
        form = MailChoicesForm(request.POST, offered=choices.offered)
        if request.method == "POST" and is_asked and form.is_valid():
            if form.is_stale(choices.current):
                response = redirect("mail_choices")
                response["Location"] += f"?did=stale&community={community.slug}"
                return response
            change_choices(
                reader=reader,
                scope=community.public_id,
                do=form.what(choices.current),
                kinds=form.cleaned_data["lists"],
                offered=choices.offered,
                weeks=form.cleaned_data["weeks"],
                source="own page",
                now=now,
            )
            response = redirect("mail_choices")
            response["Location"] += f"{told(form, choices)}&community={community.slug}"
            return response
        rows.append((community, choices_context(request, choices, is_asked=is_asked)))
    return render(request, "members/mail_choices.html", {"rows": rows})


def _writing_communities(person: User) -> list[tuple[Community, list[str] | None]]:
    """Where one belongs, and whose newsletter one takes from outside: with the lists to offer."""
    inside = Community.objects.filter(
        memberships__person=person, memberships__state__in=Membership.CURRENT_STATES
    )
    belongs = set(inside.values_list("pk", flat=True))
    here = Q(pk__in=belongs) | Q(public_id__in=chosen_lists(person))
    return [
        (community, None if community.pk in belongs else ["newsletter"])
        for community in Community.objects.filter(here).order_by("name", "pk")
    ]


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
