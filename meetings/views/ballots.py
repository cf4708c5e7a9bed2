"""A vote: one's own paper until it closes, the result once it is published (TP1)."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cop.core.errors import ActionError
from cop.core.links import BadLink, read_token
from meetings.actions.casting import PaperChanged, cast_paper
from meetings.forms.ballots import read_dots, read_number
from meetings.link_readers import language_of
from meetings.models import Ballot, BallotOption, BallotPaper
from meetings.queries.ballots import (
    is_taking_papers,
    marks_of,
    may_still_vote,
    options_of,
    paper_of,
)
from meetings.queries.counting import result_of
from members.access import with_community
from members.models import Community, User

METHODS = ["GET", "HEAD", "POST"]
State = Ballot.State


@never_cache
@require_http_methods(METHODS)
@login_required
@with_community
def ballot_detail(request: HttpRequest, community: Community, public_id: str) -> HttpResponse:
    """Allies look on: they see the topics, and later the result (TP7)."""
    rows = Ballot.objects.visible_to(request.user).filter(community=community)
    ballot = get_object_or_404(rows, public_id=public_id)
    ballot.community = community
    paper = paper_of(request.user, ballot)
    zone = getattr(request, "zone", None) or community.timezone
    return _answer(request, ballot, paper, {"zone": zone, "community": community})


@never_cache
@require_http_methods(METHODS)
def ballot_link(request: HttpRequest, token: str) -> HttpResponse:
    """From the mail, without signing in: the paper of one person in one vote."""
    paper = _paper_of_link(token)
    ballot, person = paper.ballot, paper.person
    context = {"zone": person.timezone, "community": ballot.community, "is_link": True}
    with translation.override(language_of(request, person)):
        return _answer(request, ballot, paper, context)


def _paper_of_link(token: str) -> BallotPaper:
    """Whoever is not admitted any more finds nothing, as with a forged link."""
    try:
        ballot_id, person_id = read_token("ballot", token)
    except (BadLink, TypeError, ValueError) as error:
        raise Http404 from error
    person = User.objects.filter(public_id=person_id, is_active=True).first()
    if person is None:
        raise Http404
    seen = Ballot.objects.visible_to(person).filter(community__in=Community.objects.public())
    rows = BallotPaper.objects.filter(person=person, ballot__in=seen, ballot__public_id=ballot_id)
    paper = rows.select_related("ballot__community").first()
    if paper is None:
        raise Http404
    paper.person = person
    return paper


def _answer(
    request: HttpRequest, ballot: Ballot, paper: BallotPaper | None, context: dict[str, Any]
) -> HttpResponse:
    if request.method != "POST":
        return _page(request, ballot, paper, context)
    if paper is None:
        raise Http404
    typed = read_dots(request.POST)
    version = read_number(request.POST.get("version", ""))
    try:
        cast_paper(paper=paper, dots=typed, version=version, now=timezone.now())
    except ActionError as error:
        # Nothing is lost: what was chosen here stays on the page, beside what counts now.
        fresh = BallotPaper.objects.get(pk=paper.pk)
        fresh.ballot, fresh.person = Ballot.objects.get(pk=ballot.pk), paper.person
        fresh.ballot.community = ballot.community
        is_theirs = isinstance(error, PaperChanged)
        more = {"problem": str(error), "typed": typed, "shows_saved": is_theirs}
        return _page(request, fresh.ballot, fresh, context | more)
    messages.success(request, _("We have your vote. You can change it until the vote ends."))
    return redirect(request.path)


def _page(
    request: HttpRequest, ballot: Ballot, paper: BallotPaper | None, context: dict[str, Any]
) -> HttpResponse:
    now, options = timezone.now(), options_of(ballot)
    saved = marks_of(paper)
    is_open = is_taking_papers(ballot, now)
    may_vote = bool(is_open and paper and may_still_vote(paper))
    shown = context.get("typed") or saved
    full = {
        "ballot": ballot,
        "paper": paper,
        "is_open": is_open,
        "is_early": ballot.state == State.OPEN and now < ballot.opens_at,
        "may_vote": may_vote,
        "lines": [(one, shown.get(one.pk, 0)) for one in options],
        "mine": _mine(options, saved),
        "result": result_of(ballot, options) if ballot.state == State.PUBLISHED else None,
        "choices": range(ballot.most_on_one + 1) if ballot.most_on_one <= FEW_CHOICES else None,
        "left_words": _left_words(ballot),
        **context,
    }
    return render(request, "meetings/ballot_detail.html", full)


# Up to so many dots on one topic are buttons side by side; more are a number to type.
FEW_CHOICES = 4


def _mine(options: list[BallotOption], saved: dict[int, int]) -> list[tuple[BallotOption, int]]:
    return [(one, saved[one.pk]) for one in options if one.pk in saved]


def _left_words(ballot: Ballot) -> dict[str, str]:
    """The sentences that the script puts in, so that it needs no words of its own."""
    return {
        "left": _("Dots left: {n}"),
        "none": _("All your dots are given."),
        "over": _("{n} too many: take some back."),
    }
