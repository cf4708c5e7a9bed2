from typing import Any

from django.contrib import admin
from django.db.models import Max, Model, QuerySet
from django.forms import Field
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.actions.communities import update_community
from members.admin.base import CommunityFilter, DeskAdmin
from members.admin.forms import AgreementForm, CommunityForm
from members.models import (
    Community,
    Criterion,
    Organization,
    ParticipationAgreement,
    Partner,
    Stream,
)


@admin.register(Community)
class CommunityDesk(DeskAdmin):
    """The coordinator's texts. Address and status are not typed: links hang on them."""

    form = CommunityForm
    edit_roles = ("coordinator",)
    list_display = ["name", "status", "admission_policy", "timezone"]
    ordering = ["name", "pk"]
    readonly_fields = ["slug", "status", "admission_policy"]
    fieldsets = [
        (None, {"fields": ["slug", "status", "admission_policy"]}),
        (_("What people read first"), {"fields": [
            "name", "name_fr", "short_name", "purpose", "purpose_fr",
        ]}),
        (_("Domain, community, practice"), {"fields": ["domain", "community", "practice"]}),
        (_("Care"), {"fields": ["support_text"]}),
        (_("Mail"), {"fields": [
            "contact_email", "postal_address", "newsletter_interval_months",
        ]}),
        (_("Time and language"), {"fields": [
            "timezone", "languages", "default_duration", "programme_start", "programme_end",
            "year_start_month",
        ]}),
        (_("Rules"), {"fields": ["lifecycle_stage", "allies_allowed", "anonymity_min_n"]}),
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.communities(request).order_by("name", "pk")

    def community_of(self, obj: Model) -> Community | None:
        return obj if isinstance(obj, Community) else None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ANN401
        fields = {name: form.cleaned_data[name] for name in form.changed_data}
        if fields:
            update_community(community=obj, by=request.user, **fields)


class PartOfCommunity(DeskAdmin):
    """A part of one community. Once made, it stays with that community."""

    edit_roles = ("coordinator",)
    may_add = True
    list_filter: list[Any] = [CommunityFilter]
    list_select_related = ["community"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ANN401
        fields = list(super().get_readonly_fields(request, obj))
        return [*fields, "community"] if obj is not None else fields


@admin.register(Criterion)
class CriterionAdmin(PartOfCommunity):
    list_display = ["label", "community", "code", "is_active", "position"]
    ordering = ["community__name", "position", "pk"]


@admin.register(Stream)
class StreamAdmin(PartOfCommunity):
    list_display = ["name", "community", "kind", "cadence"]
    ordering = ["community__name", "kind", "pk"]


@admin.register(Partner)
class PartnerAdmin(PartOfCommunity):
    list_display = ["organization", "role", "community"]
    list_select_related = ["community", "organization"]
    ordering = ["community__name", "role", "pk"]

    def formfield_for_foreignkey(
        self,
        db_field: Any,  # noqa: ANN401
        request: HttpRequest,
        **kwargs: Any,  # noqa: ANN401
    ) -> Field:
        if db_field.name == "organization":
            known = Organization.objects.known_to(self.communities(request))
            everything = Organization.objects.all()
            rows = everything if request.user.is_superuser else known
            kwargs["queryset"] = rows.order_by("name", "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(ParticipationAgreement)
class AgreementAdmin(PartOfCommunity):
    """A published text stays as people accepted it; a change is a new version."""

    form = AgreementForm
    list_display = ["community", "version", "published_on"]
    ordering = ["community__name", "-version"]
    exclude = ["version"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ANN401
        last = obj.community.agreements.aggregate(last=Max("version"))["last"]
        obj.version = (last or 0) + 1
        super().save_model(request, obj, form, change)
