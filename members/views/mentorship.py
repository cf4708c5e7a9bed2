"""Peer mentorship: one page for everything, and the check-in from the mail."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cop.core.errors import ActionError
from cop.core.links import BadLink, read_token
from members.access import membership_of, with_community
from members.actions import mentorship as actions
from members.emails.mentorship import PURPOSE
from members.forms.directory import LetterForm
from members.forms.mentorship import CheckInForm, OfferForm, WishForm
from members.models import (
    Community,
    Membership,
    MentorshipCheckIn,
    MentorshipMatch,
    MentorshipOffer,
    MentorshipRequest,
    User,
)
from members.queries.mentorship import suggest_mentors

State = MentorshipMatch.State


@require_safe
@login_required
@with_community
def mentorship(request: HttpRequest, community: Community) -> HttpResponse:
    """What runs, what waits for a yes, one's wish with suggestions, one's offer."""
    person = _member_or_404(request, community)
    matches = community.matches.filter(Q(mentor=person) | Q(mentee=person))
    matches = list(
        matches.filter(state__in=MentorshipMatch.CURRENT_STATES)
        .select_related("mentor", "mentee", "request")
        .order_by("-suggested_at", "pk")
    )
    wish = MentorshipRequest.objects.filter(
        community=community, person=person, is_open=True
    ).first()
    context = {
        "running": [_side(row, person) for row in matches if row.state == State.ACTIVE],
        "waiting": [_side(row, person) for row in matches if row.state == State.SUGGESTED],
        "wish": wish,
        "suggestions": suggest_mentors(wish) if wish else [],
        "offer": MentorshipOffer.objects.filter(community=community, person=person).first(),
    }
    return render(request, "members/mentorship.html", context)


def _side(row: MentorshipMatch, person: User) -> dict[str, Any]:
    is_mentor = row.mentor_id == person.pk
    mine = row.mentor_accepted_at if is_mentor else row.mentee_accepted_at
    other = row.mentee if is_mentor else row.mentor
    return {"match": row, "other": other, "is_mentor": is_mentor, "waits_for_me": mine is None}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@with_community
def mentor_offer(request: HttpRequest, community: Community) -> HttpResponse:
    person = _member_or_404(request, community)
    offer = MentorshipOffer.objects.filter(community=community, person=person).first()
    form = OfferForm(request.POST or None, initial=_initial(offer, OfferForm))
    if request.method == "POST" and "close" in request.POST and offer is not None:
        actions.close_offer(offer=offer)
        messages.success(request, _("You are not offered as a mentor any more. What runs goes on."))
        return redirect("members:mentorship", slug=community.slug)
    if request.method == "POST" and form.is_valid():
        actions.save_offer(
            person=person, community=community, now=timezone.now(), **form.cleaned_data
        )
        messages.success(request, _("Thank you. We tell you when somebody would like to talk."))
        return redirect("members:mentorship", slug=community.slug)
    context = {"form": form, "offer": offer, "heading": _("Be a peer mentor")}
    return render(request, "members/mentorship_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@with_community
def mentor_wish(request: HttpRequest, community: Community) -> HttpResponse:
    person = _member_or_404(request, community)
    rows = MentorshipRequest.objects.filter(community=community, person=person, is_open=True)
    wish = rows.first()
    form = WishForm(request.POST or None, initial=_initial(wish, WishForm))
    if request.method == "POST" and "close" in request.POST and wish is not None:
        actions.close_wish(wish=wish)
        messages.success(request, _("Your wish is taken back."))
        return redirect("members:mentorship", slug=community.slug)
    if request.method == "POST" and form.is_valid():
        actions.save_wish(
            person=person, community=community, now=timezone.now(), **form.cleaned_data
        )
        messages.success(request, _("Noted. Below is who could fit."))
        return redirect("members:mentorship", slug=community.slug)
    context = {"form": form, "wish": wish, "heading": _("Find a peer mentor")}
    return render(request, "members/mentorship_form.html", context)


@require_POST
@login_required
@with_community
def mentor_ask(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    """The mentee picks one of the suggestions."""
    person = _member_or_404(request, community)
    wish = get_object_or_404(MentorshipRequest, community=community, person=person, is_open=True)
    offered = [one.offer for one in suggest_mentors(wish)]
    offer = next((one for one in offered if one.public_id == public_id), None)
    if offer is None:
        raise Http404
    told = _("We asked %(person)s. You hear from us by mail.") % {"person": offer.person}
    return _act(
        request,
        community,
        told,
        lambda: actions.ask_mentor(wish=wish, offer=offer, by=person, now=timezone.now()),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@with_community
def match_answer(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    """Yes, no or the end. The end asks once more."""
    person = _member_or_404(request, community)
    rows = community.matches.filter(Q(mentor=person) | Q(mentee=person))
    match = get_object_or_404(rows.select_related("mentor", "mentee"), public_id=public_id)
    now, do = timezone.now(), request.POST.get("do", "")
    if request.method == "POST" and do == "yes":
        told = _("You said yes.")
        return _act(
            request, community, told,
            lambda: actions.accept_match(match=match, person=person, now=now),
        )  # fmt: skip
    if request.method == "POST" and do == "write":
        form = LetterForm(request.POST)
        words = form.cleaned_data["words"] if form.is_valid() else ""
        return _act(
            request, community, _("It is on its way."),
            lambda: actions.write_to_partner(match=match, person=person, words=words, now=now),
        )  # fmt: skip
    if request.method == "POST":
        return _act(
            request, community, _("It has ended. No reason is needed."),
            lambda: actions.end_match(match=match, person=person, now=now),
        )  # fmt: skip
    context = {
        "heading": _("End this mentorship?"),
        "text": _("The other one is told that it has ended, and nothing more."),
        "label": _("End it"),
        "back_url": f"{community.get_absolute_url()}mentorship/",
        "danger": True,
    }
    return render(request, "components/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest, token: str) -> HttpResponse:
    """How is it going? From the mail, without signing in. GET changes nothing."""
    row = _read(token)
    with translation.override(row.person.language):
        form = CheckInForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            actions.answer_check_in(
                check_in=row,
                wants_talk=request.POST.get("do") == "talk",
                words=form.cleaned_data["words"],
                now=timezone.now(),
            )
            return redirect("members:check_in", token=token)
        context = {"check_in": row, "community": row.match.community, "form": form}
        context["other"] = _side(row.match, row.person)["other"]
        return render(request, "members/check_in.html", context)


def _read(token: str) -> MentorshipCheckIn:
    try:
        match, person, kind = read_token(PURPOSE, token)
    except (BadLink, TypeError, ValueError) as error:
        raise Http404 from error
    rows = MentorshipCheckIn.objects.select_related(
        "match__community", "match__mentor", "match__mentee", "person"
    )
    row = get_object_or_404(
        rows, match__public_id=match, person__public_id=person, kind=kind, person__is_active=True
    )
    # Began to work for a funder or regulator since: the link shows the other's name no more (P4).
    if row.person.is_walled():
        raise Http404
    return row


def _member_or_404(request: HttpRequest, community: Community) -> User:
    """Members only; allies and people behind the wall do not learn who takes part (P4)."""
    standing = membership_of(request.user, community)
    if standing is None or standing.category != Membership.Category.MEMBER:
        raise Http404
    if request.user.is_walled():
        raise Http404
    return request.user


def _initial(row: Any, form: type[WishForm]) -> dict[str, Any]:  # noqa: ANN401
    return {name: getattr(row, name) for name in form.base_fields} if row else {}


def _act(request: HttpRequest, community: Community, told: str, work: Any) -> HttpResponse:  # noqa: ANN401
    try:
        work()
    except ActionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, told)
    return redirect("members:mentorship", slug=community.slug)
