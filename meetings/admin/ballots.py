"""Votes at the desk. What the dots say is nowhere here before the vote has closed (TP1)."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from cop.core.time import say_date
from meetings.actions.ballots import change_ballot, draft_ballot
from meetings.admin.ballot_pages import ballot_page, slots_page
from meetings.admin.ballot_steps import STEPS, open_steps
from meetings.admin.base import QuietLog, desk_page
from meetings.desk_forms.ballots import BallotDeskForm
from meetings.emails.ballots import OPEN, ballot_email
from meetings.models import Ballot, BallotPaper, TopicProposal
from meetings.queries.ballots import electors, eligible_topics
from members.desk import CommunityAdmin
from members.models import Community
from outbox.models import MailingList, Subscription

State = Ballot.State
TIMES = (("opens_on", "opens_time"), ("closes_on", "closes_time"))
FIELDSETS = [
    (None, {"fields": ["community", "title", "intro", "language"]}),
    (gettext_lazy("The topics"), {"fields": ["topics", "seats"]}),
    (gettext_lazy("How people vote"), {"fields": ["method", ("dots", "most_on_one")]}),
    (gettext_lazy("When"), {"fields": list(TIMES)}),
]


@admin.register(Ballot)
class BallotAdmin(QuietLog, CommunityAdmin):
    form = BallotDeskForm
    may_add = True
    view_on_site = False
    desk_roles = edit_roles = ("coordinator",)
    change_form_template = "meetings/admin/ballot_change_form.html"
    list_display = ["title", "community", "state", "ends", "turnout"]
    list_filter = ["state"]
    list_select_related = ["community"]
    ordering = ["-closes_at", "pk"]
    actions = None
    fieldsets = FIELDSETS

    @admin.display(description=gettext_lazy("closes"), ordering="closes_at")
    def ends(self, ballot: Ballot) -> str:
        return say_date(ballot.closes_at, ballot.community.timezone, now=timezone.now())

    @admin.display(description=gettext_lazy("voted"))
    def turnout(self, ballot: Ballot) -> str:
        return f"{ballot.papers_cast} / {ballot.electorate}" if ballot.electorate else ""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["community"] if obj is not None else []

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:  # noqa: ANN401
        """A fresh class each time: whose topics can be chosen depends on who asks."""
        form = super().get_form(request, obj, **kwargs)
        mine = self.communities(request, *self.edit_roles)
        rows = eligible_topics(mine)
        if obj is not None:
            chosen = TopicProposal.objects.filter(options__ballot=obj)
            here = eligible_topics(Community.objects.filter(pk=obj.community_id))
            rows = (here | chosen).distinct()
        if "topics" in form.base_fields:
            field = form.base_fields["topics"]
            field.queryset = rows.select_related("community")
            field.names_community = obj is None and mine.count() > 1
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        mine = list(self.communities(request, *self.edit_roles)[:2])
        if len(mine) == 1:
            again = eligible_topics(self.communities(request, *self.edit_roles))
            initial["community"] = mine[0].pk
            initial["topics"] = [one.pk for one in again.filter(times_carried__gt=0)]
        return initial

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ANN401
        data = form.cleaned_data
        try:
            if not change:
                draft_ballot(ballot=obj, topics=list(data["topics"]), by=request.user)
                return
            names = [*BallotDeskForm.Meta.fields, "opens_at", "closes_at"]
            values = {name: data[name] for name in names if name in data}
            change_ballot(ballot=obj, values=values, topics=list(data["topics"]), by=request.user)
        except ActionError as error:
            self.message_user(request, str(error), messages.ERROR)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/slots/", view(self.slots_view), name="meetings_ballot_slots"),
            path("<int:pk>/do/<slug:name>/", view(self.step_view), name="meetings_ballot_step"),
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        ballot = self.get_object(request, unquote(object_id))
        now = timezone.now()
        if ballot is not None and self.has_change_permission(request, ballot):
            steps = open_steps(ballot, now)
            if ballot.state != State.DRAFT:
                return ballot_page(self, request, ballot, steps)
            mine = {"steps": steps, "ballot": ballot, "lacks": self._lacks(ballot)}
            extra_context = mine | (extra_context or {})
        return super().change_view(request, object_id, form_url, extra_context)

    def _lacks(self, ballot: Ballot) -> list[str]:
        """What keeps it from opening, in words."""
        found = []
        if ballot.options.count() < 2:
            found.append(_("at least two topics"))
        if not electors(ballot.community).exists():
            found.append(_("members who could vote"))
        return found

    def _changeable_or_404(self, request: HttpRequest, pk: int) -> Ballot:
        ballot = self.get_queryset(request).select_related("community").filter(pk=pk).first()
        if ballot is None:
            raise Http404
        if not self.has_change_permission(request, ballot):
            raise PermissionDenied
        return ballot

    def slots_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        ballot = self._changeable_or_404(request, pk)
        if ballot.state != State.PUBLISHED:
            raise Http404
        back_url = reverse("admin:meetings_ballot_change", args=[pk])
        return slots_page(self, request, ballot, back_url)

    def step_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        ballot = self._changeable_or_404(request, pk)
        step = STEPS.get(name)
        if step is None:
            raise Http404
        page = reverse("admin:meetings_ballot_change", args=[pk])
        if not step.is_open(ballot, timezone.now()):
            return redirect(page)
        form = step.form(request.POST if request.method == "POST" else None, ballot=ballot)
        if form.is_valid():
            try:
                step.take(ballot, request.user, form.cleaned_data)
            except ActionError as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                self.message_user(request, str(step.done) % {"title": ballot.title})
                return redirect(page)
        context = {"title": step.heading, "step": step, "form": form, "ballot": ballot,
                   "back_url": page, "zone": ballot.community.timezone}  # fmt: skip
        if name == "open":
            context |= self._about_opening(request, ballot)
        return desk_page(self, request, "ballot_step.html", context)

    def _about_opening(self, request: HttpRequest, ballot: Ballot) -> dict[str, Any]:
        """How many vote, how many get the mail, and the mail itself in the reader's language."""
        voters = electors(ballot.community)
        takes = Subscription.objects.in_force(timezone.now()).filter(
            mailing_list__scope=ballot.community.public_id,
            mailing_list__kind=MailingList.Kind.BALLOTS, person__in=voters,
        )  # fmt: skip
        email = ballot_email(OPEN, BallotPaper(ballot=ballot, person=request.user))
        return {
            "voters": voters.count(),
            "readers": takes.count(),
            "subject": email.subject,
            "mail_text": email.text.partition("\n-- \n")[0],
            "options": ballot.options.select_related("topic").order_by("order"),
        }
