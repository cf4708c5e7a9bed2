"""The page of somebody who is in a resource: from the mail, without signing in (L3, L4)."""

from typing import NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cop.core.errors import ActionError
from cop.core.links import BadLink, read_token
from library.actions import answer_consent, withdraw_consent
from library.links import consent_path
from library.models import ResourceCredit, Visibility
from library.queries.credits import SAID_NO, credits_of, is_agreed, wider_of
from meetings.link_readers import language_of
from members.models import Community

Consent = ResourceCredit.Consent
ON_A_PAGE = 30


class Question(NamedTuple):
    credit: ResourceCredit
    # The readers that were asked for.
    visibility: str


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def consent_link(request: HttpRequest, token: str) -> HttpResponse:
    """Yes, no, and the yes back. GET changes nothing: mail scanners open it too."""
    question = _read(token)
    credit = question.credit
    with translation.override(language_of(request, credit.person)):
        if request.method == "POST":
            _act(request, question)
            return redirect("consent_link", token=token)
        return render(request, "library/consent_link.html", _context(question))


def _read(token: str) -> Question:
    """Whatever is wrong with it, it is the same 404. Who closed their account keeps their say."""
    try:
        public_id, visibility = read_token("consent", token)
    except (BadLink, TypeError, ValueError) as error:
        raise Http404 from error
    rows = ResourceCredit.objects.select_related("person", "resource__community").filter(
        person__isnull=False, resource__community__in=Community.objects.public()
    )
    credit = rows.filter(public_id=public_id).first()
    if credit is None or visibility not in Visibility.values:
        raise Http404
    return Question(credit, visibility)


def _act(request: HttpRequest, question: Question) -> None:
    do, now = request.POST.get("do", ""), timezone.now()
    try:
        if do == "back":
            credit = withdraw_consent(credit=question.credit, now=now)
        else:
            credit = answer_consent(
                credit=question.credit, answer=do, visibility=question.visibility, now=now
            )
    except ActionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _say(credit, do))


def _say(credit: ResourceCredit, do: str) -> str:
    if credit.consent in SAID_NO and credit.part == ResourceCredit.Part.AUTHOR:
        return _("We heard you. Your name stands nowhere, and nobody asks you why.")
    if credit.consent in SAID_NO:
        return _("We heard you. It is not shown to anybody, and nobody asks you why.")
    if do == "no":
        return _("It stays as it was: your earlier yes holds, and nobody new will see it.")
    return _("Thank you. We noted your yes. This link takes it back at any time.")


def _context(question: Question) -> dict[str, object]:
    credit, visibility = question
    resource, is_given = credit.resource, credit.consent == Consent.GIVEN
    is_answered = is_agreed(credit, visibility)
    return {
        "credit": credit,
        "resource": resource,
        "community": resource.community,
        "audience": Visibility(visibility).label,
        "given_for": Visibility(credit.consent_visibility).label if is_given else "",
        "is_answered": is_answered,
        "asks_for_more": is_given and not is_answered,
        "said_no": credit.consent in SAID_NO,
        "is_author": credit.part == ResourceCredit.Part.AUTHOR,
        "is_shown": resource.is_shown,
        "is_link": resource.url.startswith(("https://", "http://")),
    }


@never_cache
@require_safe
@login_required
def my_credits(request: HttpRequest) -> HttpResponse:
    """All that one is in, and the way to say yes, no, or no more."""
    page = Paginator(credits_of(request.user), ON_A_PAGE).get_page(request.GET.get("page"))
    rows = [(credit, _answer_path(credit)) for credit in page]
    next_url = f"?page={page.next_page_number()}" if page.has_next() else ""
    return render(request, "library/my_credits.html", {"rows": rows, "next_url": next_url})


def _answer_path(credit: ResourceCredit) -> str:
    given = credit.consent_visibility or credit.resource.visibility
    return consent_path(credit, wider_of(given, credit.resource.visibility))
