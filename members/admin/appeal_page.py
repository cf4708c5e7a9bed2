"""One appeal at the desk: the panel is put together here, and the decision may be written here.

How each of the panel voted stays with the panel: the desk sees only who has voted.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from members.actions.appeal_decisions import decide_appeal
from members.actions.appeal_findings import Finding
from members.actions.memberships import local_day
from members.actions.panels import seat_person, unseat_person
from members.admin.base import DeskAdmin
from members.documents import document_response
from members.forms.appeals import VerdictForm
from members.history import describe
from members.models import Appeal, MembershipApplication, User
from members.queries import history_of, is_affiliated
from members.queries.appeals import has_conflict, propose_panel, tally, what_lacks
from members.reasons import say_reasons

State = Appeal.State


def appeal_page(desk: DeskAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    appeal = _one(desk, request, object_id)
    outcome = tally(appeal) if appeal.state == State.OPEN else ""
    form = None
    if outcome and not has_conflict(appeal, request.user):
        data = request.POST if request.POST.get("do") == "decide" else None
        upheld = outcome == State.UPHELD
        form = VerdictForm(data, application=appeal.application, is_upheld=upheld)
    if request.method == "POST" and _acted(request, appeal, form):
        page = reverse("admin:members_appeal_change", args=[appeal.pk])
        return HttpResponseRedirect(page)
    return desk.page(request, "appeal.html", _context(request, appeal, outcome, form))


def _one(desk: DeskAdmin, request: HttpRequest, object_id: str) -> Appeal:
    rows = desk.get_queryset(request).select_related(
        "application__community", "application__person", "application__organization", "competitor"
    )
    appeal = rows.filter(pk=object_id).first() if object_id.isdecimal() else None
    if appeal is None:
        raise Http404
    if not desk.has_view_permission(request, appeal):
        raise PermissionDenied
    return appeal


def _refusal(appeal: Appeal, person: User) -> str:
    """Why this coordinator only looks on here, if so (E5)."""
    application = appeal.application
    if person.pk == application.person_id or is_affiliated(person, application.organization):
        return _("This concerns you yourself. Another coordinator does it.")
    return ""


def _context(
    request: HttpRequest, appeal: Appeal, outcome: str, form: VerdictForm | None
) -> dict[str, Any]:
    application = appeal.application
    seats = list(appeal.seats.select_related("person").order_by("seated_at", "pk"))
    today = local_day(application.community, timezone.now())
    is_open = appeal.state == State.OPEN
    key = (appeal._meta.label_lower, appeal.public_id)
    events = history_of([key], [application.community.public_id])[:50]
    return {
        "title": _("Appeal of %(person)s") % {"person": application.person},
        "appeal": appeal,
        "application": application,
        "reasons": say_reasons(application.reason_codes),
        "files": list(appeal.files.order_by("pk")),
        "seats": seats,
        "lacks": what_lacks(appeal, seats) if is_open else "",
        "refusal": _refusal(appeal, request.user),
        "proposed": propose_panel(appeal, today)[:30] if is_open and not outcome else [],
        "outcome": State(outcome).label if outcome else "",
        "form": form,
        "days_late": max((today - appeal.due_on).days, 0) if is_open else 0,
        "history": [describe(event, request.user.timezone) for event in events],
    }


def _acted(request: HttpRequest, appeal: Appeal, form: VerdictForm | None) -> bool:
    """One of the buttons. False where the page is to show what stands in the way."""
    do = request.POST.get("do")
    if do == "decide":
        return _decided(request, appeal, form)
    try:
        told = _moved_seat(request, appeal, do)
    except ActionError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, told)
    return True


def _moved_seat(request: HttpRequest, appeal: Appeal, do: str | None) -> str:
    person = User.objects.filter(public_id=request.POST.get("person", "")).first()
    if person is None or do not in {"seat", "unseat"}:
        raise ActionError(_("Choose somebody of the list."))
    who = {"appeal": appeal, "person": person, "by": request.user, "now": timezone.now()}
    if do == "seat":
        seat_person(**who)
        return _("Asked: %(person)s gets a mail with the link.") % {"person": person}
    unseat_person(**who)
    return _("%(person)s does not sit on the panel any more.") % {"person": person}


def _decided(request: HttpRequest, appeal: Appeal, form: VerdictForm | None) -> bool:
    if form is None:
        messages.warning(request, _("This is not possible now. Here is how it stands."))
        return True
    if not form.is_valid():
        return False
    finding = form.finding()
    try:
        decide_appeal(
            appeal=appeal,
            by=request.user,
            now=timezone.now(),
            reasons=form.cleaned_data["reasons"],
            effective_on=form.cleaned_data.get("effective_on"),
            finding=Finding(**finding) if finding else None,
        )
    except ActionError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("The decision is written, and the applicant is told."))
    return True


def file_response(desk: DeskAdmin, request: HttpRequest, pk: int, file_id: str) -> HttpResponseBase:
    """A paper of the appeal; each opening leaves a line (E7)."""
    appeal = _readable(desk, request).filter(pk=pk).first()
    if appeal is None or _refusal(appeal, request.user):
        raise Http404
    file = get_object_or_404(appeal.files.all(), public_id=file_id)
    return document_response(request, file)


def _readable(desk: DeskAdmin, request: HttpRequest) -> QuerySet[Appeal]:
    """The coordinator's; for reviewers what a panel returned, which they review anew."""
    rows = Appeal.objects.select_related("application__community", "application__organization")
    return rows.filter(
        Q(application__community__in=desk.communities(request, "coordinator"))
        | Q(application__community__in=desk.communities(request, "reviewer"), state=State.RETURNED)
    )


def appeals_of(application: MembershipApplication) -> list[Appeal]:
    """For the new review of what was returned: what was said and sent, not who sat or voted."""
    rows = application.appeals.filter(state=State.RETURNED).prefetch_related("files")
    return list(rows.order_by("-opened_at", "-pk"))
