"""Topics at the desk: read within three business days, opened, joined, put aside."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, Model, QuerySet, When
from django.forms import Field
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from meetings.actions.topics import add_topic, attach_topic, merge_topics, moderate_topic
from meetings.admin.base import QuietLog, desk_page
from meetings.admin.tabs import Tab
from meetings.models import Meeting, TopicProposal
from meetings.queries.topics import asks_for_a_word, due_on, thread_of
from members.desk import CommunityAdmin
from members.models import Stream

State = TopicProposal.State
ROLES = ("coordinator", "facilitator")


class TopicDeskForm(forms.ModelForm):
    class Meta:
        model = TopicProposal
        fields = ["community", "stream", "title", "description", "wished_kind", "language",
                  "source", "is_urgent"]  # fmt: skip


class WordForm(forms.Form):
    """One word about a topic: what happens to it, why, and until when."""

    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Everybody who sees the topic can read it."),
    )  # fmt: skip
    revisit_on = forms.DateField(
        label=gettext_lazy("Look at it again on"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip
    into = forms.ModelChoiceField(
        label=gettext_lazy("Join it with"), queryset=TopicProposal.objects.none(), required=False
    )

    def __init__(self, *args: Any, topic: TopicProposal, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        others = TopicProposal.objects.filter(
            community=topic.community_id, state__in=[*TopicProposal.ALIVE, State.PARKED]
        )
        self.fields["into"].queryset = others.exclude(pk=topic.pk).order_by("title", "pk")


@admin.register(TopicProposal)
class TopicAdmin(QuietLog, CommunityAdmin):
    """States change by the word page; the form adds topics and mends their wording."""

    form = TopicDeskForm
    may_add = True
    view_on_site = False
    desk_roles = edit_roles = ROLES
    change_form_template = "meetings/admin/topic_change_form.html"
    list_display = ["title", "community", "state", "source", "waits_until"]
    list_filter = ["state", "source"]
    list_select_related = ["community"]
    search_fields = ["title"]
    actions = None

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """What waits for a word first: unread, or parked until a day that has come."""
        waits = When(asks_for_a_word(timezone.now().date()), then=F("proposed_at"))
        return [Case(waits, default=None).asc(nulls_last=True), "-proposed_at", "pk"]

    @admin.display(description=gettext_lazy("to be read by"))
    def waits_until(self, topic: TopicProposal) -> str:
        return date_format(due_on(topic), "j F") if topic.state == State.PROPOSED else ""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["community", "source"] if obj else []

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Field:  # noqa: ANN401
        mine = self.communities(request, *self.edit_roles)
        if db_field.related_model is Stream:
            kwargs["queryset"] = Stream.objects.filter(community__in=mine).order_by("name", "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ANN401
        if not change:
            add_topic(topic=obj, by=request.user, now=timezone.now())
        elif form.changed_data:
            obj.save(update_fields=form.changed_data)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.word_view)
        own = path("<path:object_id>/word/", view, name="meetings_topicproposal_word")
        return [own, *super().get_urls()]

    def word_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What happens to this topic: opened, parked, declined, joined with another."""
        topic = self.get_object(request, unquote(object_id))
        if topic is None:
            raise Http404
        if not self.has_change_permission(request, topic):
            raise PermissionDenied
        form = WordForm(request.POST if request.method == "POST" else None, topic=topic)
        if form.is_valid():
            try:
                done = self._act(request, topic, form.cleaned_data, timezone.now())
            except ActionError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, done)
                return redirect("admin:meetings_topicproposal_changelist")
        context = {
            "title": _("A word about this topic"),
            "topic": topic,
            "thread": thread_of(topic, request.user),
            "form": form,
            "due": due_on(topic) if topic.state == State.PROPOSED else None,
            "back_url": reverse("admin:meetings_topicproposal_changelist"),
        }
        return desk_page(self, request, "topic_word.html", context)

    def _act(
        self, request: HttpRequest, topic: TopicProposal, data: dict[str, Any], now: datetime
    ) -> str:
        do = request.POST.get("do", "")
        if do == "merge":
            if data["into"] is None:
                raise ActionError(_("Choose the topic it is joined with."))
            merge_topics(topic=topic, into=data["into"], by=request.user, now=now)
            return _("The two are one now. The proposer gets a mail.")
        if do not in {State.OPEN, State.PARKED, State.DECLINED}:
            raise ActionError(_("Choose one of the buttons."))
        moderate_topic(
            topic=topic, to=do, by=request.user, now=now, reason=data["reason"],
            revisit_on=data["revisit_on"],
        )  # fmt: skip
        return _("Done. The proposer gets a mail, and nobody else learns who it was.")


class TopicChoice(forms.Form):
    topic = forms.ModelChoiceField(
        label=gettext_lazy("Topic"), queryset=TopicProposal.objects.none(), required=False,
        empty_label=gettext_lazy("No topic: kept free"),
    )  # fmt: skip

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["topic"].queryset = _open_topics(meeting)


def _open_topics(meeting: Meeting) -> QuerySet[TopicProposal]:
    """Chosen ones first."""
    rows = TopicProposal.objects.filter(
        community=meeting.community_id, state__in=TopicProposal.ALIVE
    )
    chosen = Case(When(state=State.SHORTLISTED, then=0), default=1)
    return rows.order_by(chosen, "title", "pk")


def topic_view(admin: CommunityAdmin, request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """What a meeting is about; keeping it free is a choice as well (TP6)."""
    form = TopicChoice(
        request.POST if request.method == "POST" else None,
        meeting=meeting,
        initial={"topic": meeting.topic_id},
    )
    if form.is_valid():
        try:
            attach_topic(
                meeting=meeting, topic=form.cleaned_data["topic"], by=request.user,
                now=timezone.now(),
            )  # fmt: skip
        except ActionError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The topic of this meeting is set."))
        return redirect("admin:meetings_meeting_change", meeting.pk)
    context = {
        "title": _("Topic"),
        "meeting": meeting,
        "form": form,
        "back_url": reverse("admin:meetings_meeting_change", args=[meeting.pk]),
    }
    return desk_page(admin, request, "topic_choice.html", context)


def _can_change(meeting: Meeting, now: datetime) -> bool:
    return meeting.state in {Meeting.State.DRAFT, Meeting.State.SCHEDULED}


TABS = [Tab("topic", gettext_lazy("Topic"), topic_view, _can_change)]
