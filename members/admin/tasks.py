"""What reviewers must look at by a day: opened by the rules, closed here by a person."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members.actions.memberships import local_day
from members.actions.tasks import close_review_task, organization_of
from members.admin.base import CommunityFilter, DeskAdmin, badge
from members.admin.steps import DeskSteps, Step, asks
from members.models import Appeal, Membership, MembershipApplication, ReviewTask

Kind = ReviewTask.Kind
# What to do about it, in a sentence.
HELP = {
    Kind.ADDRESS_CHANGED: gettext_lazy(
        "A registration ends when the operator, the address or the class changes. Look it up, then "
        "say on the page of the evidence whether it holds."
    ),
    Kind.AFFILIATION_SILENT: gettext_lazy(
        "Nobody there has answered. Ring them, or decide about the application by what you know."
    ),
    Kind.AFFILIATION_DISPUTED: gettext_lazy(
        "A contact there says that this person does not work with them. Hear both before you "
        "decide, and name neither to the other."
    ),
    Kind.SAMPLE: gettext_lazy(
        "Nobody looked when this was approved by the rule. Read it now as if it had just come."
    ),
    Kind.EVIDENCE_REPORT: gettext_lazy(
        "Look at the evidence and check it. A report alone takes nothing away."
    ),
    Kind.EVIDENCE_SENT: gettext_lazy(
        "A contact of the organization sent a new paper. Check it on its own page."
    ),
    Kind.POSSIBLE_DUPLICATE: gettext_lazy(
        "An applicant named an organization that may be known already. Compare them; merge them "
        "if they are one."
    ),
    Kind.NAME_TAKEN_BACK: gettext_lazy(
        "Somebody who is named in a newsletter that has left wants their name out. Take it off "
        "the page in the archive, and do not ask why."
    ),
}


class CloseForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("What came of it"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For your colleagues. It may stay empty."),
    )


def _close(row: ReviewTask, *, by: Any, now: datetime, note: str) -> None:  # noqa: ANN401
    close_review_task(task=row, by=by, now=now, note=note)


CLOSE = Step(
    "close", gettext_lazy("I looked at it: close"),
    gettext_lazy(
        "It leaves the list of all reviewers. Nothing else changes: what you found is decided on "
        "the page that it is about."
    ),
    gettext_lazy("Closed. Thank you."), _close, asks(CloseForm),
)  # fmt: skip


class OpenFilter(admin.SimpleListFilter):
    """The list shows what is open; what is done is one tap away."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        return [("done", _("Done")), ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:  # noqa: ANN401
        for value, title in [(None, _("Open")), *self.lookup_choices]:
            without = [] if value else [self.parameter_name]
            query = {self.parameter_name: value} if value else {}
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string(query, without),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(done_at__isnull=self.value() != "done")


@admin.register(ReviewTask)
class ReviewTaskAdmin(DeskSteps, DeskAdmin):
    """Read and close. Deciding happens on the page that the task is about."""

    desk_roles = step_roles = ("coordinator", "reviewer")
    edit_roles = ()
    list_display = ["what", "about", "due", "waiting", "places", "community"]
    list_filter = [OpenFilter, "kind", CommunityFilter]
    list_select_related = [
        "community", "organization", "evidence__organization", "evidence__criterion",
        "application__person", "application__organization", "affiliation__person",
        "affiliation__organization", "done_by",
    ]  # fmt: skip
    search_fields = [
        "organization__name", "application__person__display_name",
        "affiliation__person__display_name",
    ]  # fmt: skip
    search_help_text = gettext_lazy("Name or organization")
    ordering = ["due_on", "pk"]
    actions = None
    readonly_fields = fields = [
        "what_to_do", "about", "places", "opened_at", "due", "notes", "done",
    ]  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the application that waits for a link to an organization."""
        waiting = MembershipApplication.objects.filter(
            community=OuterRef("community"), person=OuterRef("affiliation__person"),
            organization=OuterRef("affiliation__organization"),
        )  # fmt: skip
        newest = Subquery(waiting.order_by("-submitted_at", "-pk").values("pk")[:1])
        rows = super().get_queryset(request).annotate(waiting_application=newest)
        return rows.select_related(*self.list_select_related)

    def possible_steps(self, row: Any) -> list[Step]:  # noqa: ANN401
        return [] if row.done_at else [CLOSE]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Beside the tasks: what else waits, with lists of their own."""
        here = self.communities(request)
        silent = Membership.objects.filter(
            community__in=here, state__in=Membership.CURRENT_STATES, is_unconfirmed=True
        )
        led = self.communities(request, "coordinator")
        appeals = Appeal.objects.filter(application__community__in=led, state=Appeal.State.OPEN)
        counts = {"unconfirmed": silent.count(), "open_appeals": appeals.count()}
        return super().changelist_view(request, counts | (extra_context or {}))

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> HttpResponse:
        context |= {"title": str(context["original"]), "subtitle": None, "named_by_title": True}
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("what"), ordering="kind")
    def what(self, row: ReviewTask) -> str:
        return row.get_kind_display()

    @admin.display(description=gettext_lazy("what to do"))
    def what_to_do(self, row: ReviewTask) -> str:
        return str(HELP.get(Kind(row.kind), ""))

    @admin.display(description=gettext_lazy("about"))
    def about(self, row: ReviewTask) -> str:
        people = [one.person for one in (row.application, row.affiliation) if one is not None]
        names = [str(people[0])] if people else []
        organization = organization_of(row)
        return " · ".join([*names, str(organization)] if organization else names)

    @admin.display(description=gettext_lazy("due"), ordering="due_on")
    def due(self, row: ReviewTask) -> SafeString | str:
        today = local_day(row.community, timezone.now())
        if row.done_at or row.due_on >= today:
            return date_format(row.due_on, "j F Y")
        days = (today - row.due_on).days
        late = ngettext("%(days)d day overdue", "%(days)d days overdue", days)
        return badge("bad", "exclamation-triangle", late % {"days": days})

    @admin.display(description=gettext_lazy("waiting for"), ordering="opened_at")
    def waiting(self, row: ReviewTask) -> str:
        if row.done_at:
            return ""
        days = (timezone.now() - row.opened_at).days
        return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}

    @admin.display(description=gettext_lazy("where to look"))
    def places(self, row: ReviewTask) -> SafeString | str:
        found = places_of(row)
        if not found:
            return ""
        return format_html_join(" · ", '<a href="{}">{}</a>', found)

    @admin.display(description=gettext_lazy("note"))
    def notes(self, row: ReviewTask) -> str:
        return row.note or "–"

    @admin.display(description=gettext_lazy("done"))
    def done(self, row: ReviewTask) -> str:
        if row.done_at is None:
            return _("Not yet")
        day = date_format(local_day(row.community, row.done_at), "j F Y")
        return f"{row.done_by}, {day}" if row.done_by else day


def places_of(row: ReviewTask) -> list[tuple[str, str]]:
    """The pages where it is looked at and decided."""
    found = []
    if row.kind == Kind.POSSIBLE_DUPLICATE and row.organization_id:
        url = reverse("admin:members_organization_merge", args=[row.organization_id])
        found.append((url, _("Compare and merge")))
    if row.kind == Kind.NAME_TAKEN_BACK:
        url = reverse("newsletter:issue_list", args=[row.community.slug])
        found.append((url, _("The newsletters")))
    if row.evidence_id:
        url = reverse("admin:members_evidence_change", args=[row.evidence_id])
        found.append((url, _("The evidence")))
    application = row.application_id or row.waiting_application
    if application:
        url = reverse("admin:members_membershipapplication_change", args=[application])
        found.append((url, _("The application")))
    organization = organization_of(row)
    if organization is not None:
        url = reverse("admin:members_organization_change", args=[organization.pk])
        found.append((url, _("The organization")))
    return found
