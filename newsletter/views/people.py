"""The page of somebody who is to be named: from the mail, without signing in (CO1)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cop.core.errors import ActionError
from cop.core.links import BadLink, read_token
from meetings.link_readers import language_of
from members.models import Community
from newsletter.actions import answer_naming
from newsletter.models import NamedPerson
from newsletter.naming import named_in

Answer = NamedPerson.Answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def named_link(request: HttpRequest, token: str) -> HttpResponse:
    """Yes, no, and the yes back. GET changes nothing: mail scanners open it too."""
    row = _read(token)
    with translation.override(language_of(request, row.person)):
        if request.method == "POST":
            _act(request, row)
            return redirect("named_link", token=token)
        return render(request, "newsletter/named_link.html", _context(row))


def _read(token: str) -> NamedPerson:
    """Whatever is wrong with it, it is the same 404. Who closed their account keeps their say."""
    try:
        public_id = read_token("named", token)
    except BadLink as error:
        raise Http404 from error
    rows = NamedPerson.objects.select_related("person", "issue__community").filter(
        issue__community__in=Community.objects.public()
    )
    row = rows.filter(public_id=str(public_id)).first()
    if row is None:
        raise Http404
    return row


def _act(request: HttpRequest, row: NamedPerson) -> None:
    given = request.POST.get("do") == "yes"
    try:
        answer_naming(row=row, given=given, now=timezone.now())
    except ActionError as error:
        messages.error(request, str(error))
        return
    said_yes = _("Thank you. We noted your yes. This link takes it back at any time.")
    said_no = _("We heard you. You will not be named, and nobody asks you why.")
    messages.success(request, said_yes if given else said_no)


def _context(row: NamedPerson) -> dict[str, object]:
    named = next((one for one in named_in(row.issue) if one.person == row.person_id), None)
    return {
        "row": row,
        "issue": row.issue,
        "community": row.issue.community,
        "passages": named.passages if named else [],
        "is_spotlight": bool(named and named.is_spotlight),
        "has_left": row.issue.state in row.issue.LEFT,
        "is_yes": row.answer == Answer.YES,
        "is_no": row.answer in {Answer.NO, Answer.WITHDRAWN},
    }
