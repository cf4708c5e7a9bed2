from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Exists, F, Func, Model, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.forms import BaseInlineFormSet, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.models import AuditEvent
from members.actions.organizations import (
    add_site,
    change_site,
    create_organization,
    update_organization,
)
from members.admin.base import DeskAdmin, DeskInline, badge
from members.admin.organization_forms import (
    ORGANIZATION_FIELDS,
    SITE_FIELDS,
    OrganizationForm,
    SiteForm,
)
from members.admin.organization_steps import OrganizationSteps
from members.cities import CITIES
from members.history import describe
from members.models import Organization, Site
from members.models.organizations import Fold
from members.queries import find_duplicates, history_of, known_organizations

Status = Organization.Status
BADGES = {
    Status.ACTIVE: ("good", "check-circle"),
    Status.PROPOSED: ("info", "inbox"),
    Status.MERGED: ("plain", "archive"),
    Status.CLOSED: ("bad", "x-circle"),
}
# What is closed or merged stays as it was.
OVER = (Status.MERGED, Status.CLOSED)


class SiteInline(DeskInline):
    """Street addresses stand here, and with the organization's own contacts (O1)."""

    model = Site
    form = SiteForm
    fields = [
        ("name", "city"), ("region", "timezone"), ("address", "operator"),
        ("address_confidential", "shows_city"), "services", ("beds", "population"),
        ("opened_on", "closed_on"),
    ]  # fmt: skip
    edit_roles = ("coordinator", "reviewer")
    verbose_name_plural = gettext_lazy("Houses and centres (addresses for staff only)")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:  # noqa: ANN401
        return 0 if obj is not None and obj.sites.exists() else 1


@admin.register(Organization)
class OrganizationAdmin(OrganizationSteps, DeskAdmin):
    """Organizations that have to do with the staff member's communities."""

    form = OrganizationForm
    may_add = True
    desk_roles = edit_roles = ("coordinator", "reviewer")
    list_display = ["name", "kind", "city", "status_badge", "wall"]
    list_filter = ["status", "kind", "sites__region", "is_regulator_or_funder"]
    search_fields = ["name"]
    search_help_text = gettext_lazy("Name, legal name, city, house, mail domain or phone")
    ordering = ["name", "pk"]
    inlines = [SiteInline]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ANN401
        if obj is not None:
            return ["status_badge", *ORGANIZATION_FIELDS]
        several = self.communities(request, *self.edit_roles).count() > 1
        return [*ORGANIZATION_FIELDS, *(["for_community"] if several else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:  # noqa: ANN401
        return ["status_badge"] if obj is not None else []

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,  # noqa: ANN401
        change: bool = False,
        **kwargs: Any,  # noqa: ANN401
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        mine = self.communities(request, *self.edit_roles)
        return type("OrganizationDeskForm", (form,), {"communities": mine})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = Organization.objects.all()
        if not request.user.is_superuser:
            rows = known_organizations(self.communities(request))
        return rows.order_by("name", "pk")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """All of the words, accents and capitals aside; a house leads to its organization."""
        domains = Func(
            F("domains"), Value(" "), function="array_to_string", output_field=TextField()
        )
        parts = [F("name"), F("legal_name"), F("city"), F("phone"), domains]
        rows = queryset.alias(folded=Fold(_joined(parts)))
        house = Site.objects.filter(organization=OuterRef("pk")).alias(
            folded=Fold(_joined([F("name"), F("city")]))
        )
        for word in search_term.split()[:6]:
            has_word = Fold(Value(word))
            in_house = Exists(house.filter(folded__contains=has_word))
            rows = rows.filter(Q(folded__contains=has_word) | Q(in_house))
        return rows, False

    def _may(self, request: HttpRequest, obj: Model | None, roles: tuple[str, ...]) -> bool:
        if request.user.is_superuser or obj is None or obj.pk is None:
            return super()._may(request, None, roles)
        staffed = self.communities(request, *roles)
        return known_organizations(staffed).filter(pk=obj.pk).exists()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        if obj is not None and obj.status in OVER:
            return False
        return super().has_change_permission(request, obj)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_badge(self, row: Organization) -> SafeString:
        kind, sign = BADGES[Status(row.status)]
        return badge(kind, sign, row.get_status_display())

    @admin.display(description=gettext_lazy("wall"), ordering="is_regulator_or_funder")
    def wall(self, row: Organization) -> SafeString | str:
        if not row.is_regulator_or_funder:
            return ""
        return badge("wait", "shield-lock", _("Regulates or funds"))

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:  # noqa: ANN401
        facts = {name: form.cleaned_data[name] for name in ORGANIZATION_FIELDS}
        who = {"by": request.user, "now": timezone.now()}
        if change:
            update_organization(organization=obj, **who, **facts)
        else:
            community = form.cleaned_data["for_community"]
            obj.pk = create_organization(community=community, **who, **facts).pk
            obj.refresh_from_db()

    def save_formset(
        self, request: HttpRequest, form: ModelForm, formset: BaseInlineFormSet, change: bool
    ) -> None:
        formset.save(commit=False)
        who = {"by": request.user, "now": timezone.now()}
        for row in formset.forms:
            if row.has_changed():
                facts = {name: row.cleaned_data[name] for name in SITE_FIELDS}
                if row in formset.initial_forms:
                    change_site(site=row.instance, **who, **facts)
                else:
                    add_site(organization=form.instance, **who, **facts)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> HttpResponse:
        row = context.get("original")
        context["cities"] = CITIES
        context["duplicates"] = self.with_doors(request, context["adminform"].form.duplicates)
        if row is not None:
            context["similar"] = self.with_doors(request, _like(row))
            context["naming"] = [] if row.is_regulator_or_funder else self.naming_of(request, row)
            context["evidence"] = self.evidence_of(request, row)
            context["merged_from"] = row.merged_from.order_by("name", "pk")
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Both trails of what was merged, and of what hangs on it (O3)."""
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        family = [row, *row.merged_from.order_by("pk")]
        names = {one.public_id: one.name for one in family}
        objects = [(self.opts.label_lower, public_id) for public_id in names]
        scopes = self.communities(request).values("public_id")
        events = history_of(objects, scopes)[:200]
        told = [_told(event, names, request) for event in events] if len(family) > 1 else [
            describe(event, request.user.timezone) for event in events
        ]  # fmt: skip
        context = {"title": _("History of %(thing)s") % {"thing": row}, "history": told}
        return self.page(request, "history.html", {**context, "original": row})


def _joined(parts: list[Any]) -> Concat:
    spaced = [piece for part in parts for piece in (part, Value(" "))]
    return Concat(*spaced, output_field=TextField())


def _like(row: Organization) -> list[Any]:
    if row.status in OVER:
        return []
    return find_duplicates(
        name=row.name, legal_name=row.legal_name, domains=row.domains, web=row.web,
        phone=row.phone, leave_out=row,
    )  # fmt: skip


def _told(event: AuditEvent, names: dict[str, str], request: HttpRequest) -> dict[str, str]:
    """With the name it had then, where two trails stand in one list."""
    told = describe(event, request.user.timezone)
    detail = ", ".join(word for word in (names.get(event.object_id, ""), told["detail"]) if word)
    return {**told, "detail": detail}
