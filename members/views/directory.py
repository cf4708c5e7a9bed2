"""The directory of a community, one's own entry, and letters by relay."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cop.core.errors import ActionError
from cop.core.links import BadLink, read_token
from members.access import membership_of, with_community
from members.actions.directory import answer_introduction, hide_profile, introduce, save_profile
from members.emails.directory import PURPOSE
from members.forms.directory import LetterForm, ProfileSwitchesForm
from members.models import Community, DirectoryProfile, Introduction
from members.queries.communities import belongs_here, finds_members
from members.queries.directory import find_entries, shown_of, with_ties


@require_safe
@login_required
@with_community
def directory_list(request: HttpRequest, community: Community) -> HttpResponse:
    """Members find members. Everybody else: not found, for its size is nobody's business."""
    if not finds_members(community, request.user):
        raise Http404
    words = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:80]
    entries, more = find_entries(community, request.user, words, request.GET.get("after", ""))
    own = community.profiles.filter(person=request.user).first()
    query = {"q": words, "after": more} if words else {"after": more}
    context = {
        "entries": entries,
        "words": words,
        "own": own,
        "belongs": belongs_here(community, request.user),
        "next_url": f"?{urlencode(query)}" if more else "",
    }
    return render(request, "members/directory_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@with_community
def profile_switches(request: HttpRequest, community: Community) -> HttpResponse:
    """One's own entry: what is shown, and how it reads for others."""
    if membership_of(request.user, community) is None:
        raise Http404
    profile = community.profiles.filter(person=request.user).first()
    form = ProfileSwitchesForm(
        request.POST or None, initial=ProfileSwitchesForm.initial_of(profile)
    )
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_profile(
                person=request.user, community=community, now=timezone.now(), **form.cleaned_data
            )
        except ActionError as error:
            form.add_error(None, str(error))
        else:
            told = _("Saved. This is how others see you.")
            messages.success(request, told if saved.is_listed else _("Saved. You are not listed."))
            return redirect("members:profile_switches", slug=community.slug)
    context = {
        "form": form,
        "entry": shown_of(profile) if profile and profile.is_listed else None,
        "parents": [_parent(community)],
    }
    return render(request, "members/profile_switches.html", context)


@require_POST
@login_required
@with_community
def profile_hide(request: HttpRequest, community: Community) -> HttpResponse:
    profile = get_object_or_404(community.profiles, person=request.user)
    hide_profile(profile=profile, now=timezone.now())
    messages.success(request, _("You are out of the directory."))
    return redirect("members:profile_switches", slug=community.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@with_community
def letter_write(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    """A letter to somebody of the directory."""
    rows = DirectoryProfile.objects.visible_to(request.user).filter(community=community)
    listed = rows.filter(is_listed=True, takes_messages=True).exclude(person=request.user)
    profile = get_object_or_404(with_ties(listed), public_id=public_id)
    form = LetterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            introduce(
                profile=profile,
                sender=request.user,
                words=form.cleaned_data["words"],
                now=timezone.now(),
            )
        except ActionError as error:
            form.add_error(None, str(error))
        else:
            told = _("Your message to %(person)s is on its way. The answer comes by mail.")
            messages.success(request, told % {"person": profile.person})
            return redirect("members:directory_list", slug=community.slug)
    context = {"form": form, "entry": shown_of(profile), "parents": [_parent(community)]}
    return render(request, "members/letter_write.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def answer_letter(request: HttpRequest, token: str) -> HttpResponse:
    """Write back from the mail, without signing in. GET changes nothing."""
    letter = _read(token)
    with translation.override(letter.receiver.language):
        form = LetterForm(request.POST or None)
        context = {"letter": letter, "community": letter.community, "form": form}
        if request.method == "POST" and form.is_valid():
            try:
                answer_introduction(
                    introduction=letter, words=form.cleaned_data["words"], now=timezone.now()
                )
            except ActionError as error:
                form.add_error(None, str(error))
            else:
                return redirect(f"{reverse('members:answer_letter', args=[token])}?done=1")
        context["is_done"] = "done" in request.GET and request.method != "POST"
        return render(request, "members/letter_answer.html", context)


def _read(token: str) -> Introduction:
    try:
        public_id = read_token(PURPOSE, token)
    except BadLink as error:
        raise Http404 from error
    rows = Introduction.objects.select_related("community", "sender", "receiver")
    return get_object_or_404(rows, public_id=public_id, receiver__is_active=True)


def _parent(community: Community) -> dict[str, str]:
    url = reverse("members:directory_list", args=[community.slug])
    return {"label": _("Directory"), "url": url}
