"""The parts of a community at the desk: criteria, streams, partners, ground rules."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms import Field
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.actions.agreements import save_agreement
from members.actions.partners import add_partner, change_partner, end_partner
from members.actions.streams import add_stream, change_stream, close_stream, reopen_stream
from members.admin.base import SHORT_TEXTS, CommunityFilter, DeskAdmin
from members.admin.community_forms import (
    AgreementForm,
    CriterionForm,
    EndPartnerForm,
    PartnerForm,
    StreamForm,
)
from members.admin.steps import DeskSteps, Step
from members.models import (
    Criterion,
    Organization,
    ParticipationAgreement,
    Partner,
    Stream,
    User,
)
from members.queries import known_organizations


class PartOfCommunity(DeskAdmin):
    """A part of one community. Once made, it stays with that community."""

    edit_roles = ("coordinator",)
    may_add = True
    formfield_overrides = SHORT_TEXTS
    list_filter: list[Any] = [CommunityFilter]
    list_select_related = ["community"]
    # What stays as it was once there is a row.
    fixed: tuple[str, ...] = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ANN401
        fields = list(super().get_readonly_fields(request, obj))
        return [*fields, "community", *self.fixed] if obj is not None else fields


@admin.register(Criterion)
class CriterionAdmin(PartOfCommunity):
    """A way to qualify. Its code stands on papers and in the history, so it stays."""

    form = CriterionForm
    fixed = ("code",)
    list_display = ["label", "community", "code", "level", "is_active", "position"]
    ordering = ["community__name", "position", "pk"]
    fieldsets = [
        (None, {"fields": ["community", "code", "position", "is_active"]}),
        (gettext_lazy("What people read"), {"fields": [
            "label", "label_fr", "help_text", "help_text_fr", "examples", "examples_fr",
            "not_enough", "not_enough_fr",
        ]}),
        (gettext_lazy("What they give us"), {"fields": [
            "level", "accepted_kinds", "issuers", "reference_label", "reference_label_fr", "doubt",
        ]}),
        (gettext_lazy("How it is checked, and how long it holds"), {"fields": [
            "validity", "check_url", "check_links", "is_tied_to_address",
        ]}),
    ]  # fmt: skip


def _close(row: Stream, *, by: User, now: datetime) -> None:
    close_stream(stream=row, by=by, now=now)


def _reopen(row: Stream, *, by: User, now: datetime) -> None:
    reopen_stream(stream=row, by=by, now=now)


CLOSE = Step(
    "close", gettext_lazy("Close this stream"),
    gettext_lazy(
        "Nobody follows it any more, and what only it uses leaves the menu. Its meetings and "
        "what they made stay. You can take it up again."
    ),
    gettext_lazy("The stream is closed."), _close,
)  # fmt: skip
REOPEN = Step(
    "reopen", gettext_lazy("Take this stream up again"),
    gettext_lazy("Members see it and can follow it again from now on."),
    gettext_lazy("The stream is in use again."), _reopen,
)  # fmt: skip


@admin.register(Stream)
class StreamAdmin(DeskSteps, PartOfCommunity):
    form = StreamForm
    fixed = ("kind",)
    list_display = ["name", "community", "kind", "cadence", "is_active"]
    ordering = ["community__name", "kind", "pk"]

    def possible_steps(self, row: Any) -> list[Step]:  # noqa: ANN401
        return [CLOSE if row.is_active else REOPEN]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ANN401
        if change:
            facts = {name: form.cleaned_data[name] for name in form.changed_data}
            if facts:
                change_stream(stream=obj, by=request.user, **facts)
        else:
            obj.pk = add_stream(by=request.user, **form.cleaned_data).pk


def _end(row: Partner, *, by: User, now: datetime, ends_on: Any) -> None:  # noqa: ANN401
    end_partner(partner=row, by=by, now=now, ends_on=ends_on)


def _end_form(request: HttpRequest, row: Partner) -> forms.Form:
    data = request.POST if request.method == "POST" else None
    return EndPartnerForm(data, initial={"ends_on": timezone.now().date()})


END = Step(
    "end", gettext_lazy("End the partnership"),
    gettext_lazy("After this day it stands on the public page no more, and sees no totals."),
    gettext_lazy("The last day is noted."), _end, _end_form,
)  # fmt: skip


@admin.register(Partner)
class PartnerAdmin(DeskSteps, PartOfCommunity):
    """The host changes on the page of the community: much hangs on it."""

    form = PartnerForm
    fixed = ("organization", "role")
    list_display = ["organization", "role", "community", "starts_on", "ends_on", "position"]
    list_select_related = ["community", "organization"]
    ordering = ["community__name", "position", "pk"]

    def possible_steps(self, row: Any) -> list[Step]:  # noqa: ANN401
        is_host = row.role == Partner.Role.HOST
        return [] if is_host or row.ends_on else [END]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ANN401
        if change:
            facts = {name: form.cleaned_data[name] for name in form.changed_data}
            if facts:
                change_partner(partner=obj, by=request.user, **facts)
        else:
            obj.pk = add_partner(by=request.user, **form.cleaned_data).pk

    def formfield_for_foreignkey(
        self,
        db_field: Any,  # noqa: ANN401
        request: HttpRequest,
        **kwargs: Any,  # noqa: ANN401
    ) -> Field:
        if db_field.name == "organization":
            mine = self.communities(request)
            everything = Organization.objects.all()
            rows = everything if request.user.is_superuser else known_organizations(mine)
            rows = rows.exclude(status__in=["merged", "closed"])
            kwargs["queryset"] = rows.order_by("name", "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(ParticipationAgreement)
class AgreementAdmin(PartOfCommunity):
    """A published text stays as people accepted it; a change is a new version."""

    form = AgreementForm
    list_display = ["community", "version", "published_on", "asks_again"]
    ordering = ["community__name", "-version"]
    fields = ["community", "lines", "lines_fr", "asks_again", "version", "published_on"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ANN401
        return self.fields if obj else self.fields[:4]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """First the text, then what changes against the one in force; then the action."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        list_url = reverse("admin:members_participationagreement_changelist")
        form = self._form(request)
        if request.method == "POST" and form.is_valid() and "edit" not in request.POST:
            data = form.cleaned_data
            if "confirmed" not in request.POST:
                return self.page(request, "agreement_confirm.html", _changes(form))
            save_agreement(by=request.user, now=timezone.now(), **data)
            self.message_user(request, _("The new version is in force."))
            return HttpResponseRedirect(list_url)
        context = {
            "title": _("New version of the ground rules"),
            "form": form,
            "label": _("See what changes"),
            "back_url": list_url,
        }
        return self.page(request, "form.html", context)

    def _form(self, request: HttpRequest) -> AgreementForm:
        mine = self.communities(request, *self.edit_roles).order_by("name", "pk")
        first = mine.filter(pk=request.GET.get("community") or 0).first() or mine.first()
        latest = first.agreements.order_by("-version").first() if first else None
        initial = {"community": first}
        if latest is not None:
            initial |= {"lines": latest.lines, "lines_fr": latest.lines_fr}
        form = AgreementForm(request.POST or None, initial=initial)
        form.fields["community"].queryset = mine
        return form


def _changes(form: AgreementForm) -> dict[str, Any]:
    data = form.cleaned_data
    latest = data["community"].agreements.order_by("-version").first()
    old = latest.lines + latest.lines_fr if latest else []
    new = data["lines"] + data["lines_fr"]
    answers = [(name, form[name].value() or "") for name in ("community", "lines", "lines_fr")]
    return {
        "title": _("Put version %(number)s in force?")
        % {"number": latest.version + 1 if latest else 1},
        "kept": [line for line in new if line in old],
        "added": [line for line in new if line not in old],
        "dropped": [line for line in old if line not in new],
        "asks_again": data["asks_again"],
        "answers": answers + ([("asks_again", "on")] if data["asks_again"] else []),
    }
