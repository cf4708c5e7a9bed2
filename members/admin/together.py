"""Several who wait for one organization, decided in one go on its evidence (AM8)."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from cop.core.mail import Email
from members.actions.bulk import Outlook, approve_together, outlook, refusal_of
from members.actions.memberships import local_day
from members.admin.base import DeskAdmin
from members.emails import preview_application_email
from members.models import MembershipApplication
from members.queries import counting_evidence

# One page of mails to read; the rest comes with the next one.
MOST = 40


class WordsForm(forms.Form):
    message = forms.CharField(
        label=gettext_lazy("Words to all of them"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("They stand in each mail. They may stay empty."),
    )


@dataclass(frozen=True)
class Letter:
    application: MembershipApplication
    category: str
    mail: Email


def together_page(desk: DeskAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """`pk`: one of them. GET lists them; the first POST shows the mails; the second one decides."""
    rows = desk.get_queryset(request).select_related("community", "organization")
    one = rows.filter(pk=pk).first()
    if one is None or one.organization is None:
        raise Http404
    if not desk.has_view_permission(request, one):
        raise PermissionDenied
    now = timezone.now()
    if request.method == "POST" and "confirmed" in request.POST:
        return _decide(desk, request, one, now)
    about = {"organization": one.organization, "community": one.community}
    looks = outlook(**about, by=request.user, now=now)[:MOST]
    chosen = _chosen(request)
    if request.method == "POST" and "edit" not in request.POST:
        letters = _letters(request, [look for look in looks if look.application.pk in chosen])
        if letters:
            return _preview(desk, request, one, letters)
    return _list(desk, request, one, looks, now)


def _chosen(request: HttpRequest) -> set[int]:
    return {int(value) for value in request.POST.getlist("chosen") if value.isdecimal()}


def _seen(request: HttpRequest) -> dict[int, int]:
    """Key -> version on the page, of those that were ticked."""
    versions = {pk: request.POST.get(f"version-{pk}", "") for pk in _chosen(request)}
    return {pk: int(version) for pk, version in versions.items() if version.isdecimal()}


def _words(request: HttpRequest) -> str:
    return request.POST.get("message", "").strip()[:2000]


def _list(
    desk: DeskAdmin,
    request: HttpRequest,
    one: MembershipApplication,
    looks: list[Outlook],
    now: datetime,
) -> HttpResponse:
    about = {"organization": one.organization, "community": one.community}
    evidence = counting_evidence(one.community, local_day(one.community, now))
    is_new = request.method != "POST"
    fresh = {look.application.pk for look in looks if not look.is_asked}
    form = WordsForm(initial={"message": _words(request)})
    context = {
        "title": _("All who wait for %(name)s") % {"name": one.organization},
        "one": one,
        "looks": looks,
        "ticked": fresh if is_new else _chosen(request),
        "form": form,
        "is_empty": not is_new and "edit" not in request.POST,
        "refusal": refusal_of(**about, by=request.user, now=now),
        "evidence": evidence.filter(organization=one.organization)
        .select_related("criterion", "site", "checked_by")
        .order_by("pk"),
    }
    return desk.page(request, "together.html", context)


def _letters(request: HttpRequest, looks: list[Outlook]) -> list[Letter]:
    """The very mails that go, each in the language of who gets it."""
    letters = []
    for look in looks:
        if look.obstacle:
            continue
        row, words = look.application, _words(request)
        mail = preview_application_email("welcome", row, message=words, category=look.category)
        letters.append(Letter(row, look.becomes, mail))
    return letters


def _preview(
    desk: DeskAdmin, request: HttpRequest, one: MembershipApplication, letters: list[Letter]
) -> HttpResponse:
    sent = _seen(request)
    answers = [("message", _words(request))]
    for letter in letters:
        row = letter.application
        answers += [("chosen", row.pk), (f"version-{row.pk}", sent.get(row.pk, row.version))]
    context = {
        "title": _("Approve these together?"),
        "one": one,
        "letters": letters,
        "answers": answers,
    }
    return desk.page(request, "together_confirm.html", context)


def _decide(
    desk: DeskAdmin, request: HttpRequest, one: MembershipApplication, now: datetime
) -> HttpResponse:
    """Sent twice, or by two at once, it comes to the same: what is done stands as done."""
    try:
        decided = approve_together(
            organization=one.organization,
            community=one.community,
            seen_versions=_seen(request),
            by=request.user,
            now=now,
            message=_words(request),
        )
    except ActionError as error:
        context = {"title": _("Nothing was decided"), "one": one, "refusal": str(error)}
        return desk.page(request, "together_done.html", context)
    context = {
        "title": _("What came of it"),
        "one": one,
        "approved": decided.approved,
        "left": decided.left,
    }
    return desk.page(request, "together_done.html", context)
