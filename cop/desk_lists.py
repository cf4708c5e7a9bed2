"""Who gets what, at the desk: a list to read, and a page for addresses that come with a proof."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.formfields import OneLineField
from cop.desk_proof import address_proof
from members.desk_plain import FoldedNames, PlainPeople
from members.models import Community
from outbox.actions import find_mailing_list, import_addresses
from outbox.actions.imports import Outcome, implied_until
from outbox.models import MailingList, Subscription
from outbox.readers import address_of

MOST_LINES = 1000
ROLES, IMPORT_ROLES = ("coordinator", "editor"), ("coordinator",)


def last_day(end: datetime) -> date:
    """An end at midnight belongs to the day before."""
    return (end - timedelta(seconds=1)).date()


class ScopeFilter(admin.SimpleListFilter):
    """By community, naming only those of this staff member; not shown for a single one."""

    title = gettext_lazy("community")
    parameter_name = "community"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ANN401
        rows = Community.objects.staffed_by(request.user, *ROLES).order_by("name", "pk")
        return [(row.public_id, row.short_name) for row in rows]

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(mailing_list__scope=self.value()) if self.value() else queryset


class ImportForm(forms.Form):
    """Addresses and the proof that they may be written to. Validates; never saves."""

    community = forms.ModelChoiceField(
        label=gettext_lazy("Newsletter of"), queryset=None, empty_label=None
    )
    proof = OneLineField(
        label=gettext_lazy("What shows that we may write to them?"),
        max_length=200,
        help_text=gettext_lazy(
            "For example: sign-in sheet of the meeting of 12 May 2026, in the binder of the office."
        ),
    )
    ended_on = forms.DateField(
        label=gettext_lazy("When did they last have to do with us?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy(
            "The day of that meeting, course or membership. Two years later the mail ends."
        ),
    )
    addresses = forms.CharField(
        label=gettext_lazy("Addresses, one a line"),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, communities: QuerySet[Community], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["community"].queryset = communities.order_by("name", "pk")

    def clean_ended_on(self) -> date:
        day, today = self.cleaned_data["ended_on"], timezone.now().date()
        if day > today:
            raise forms.ValidationError(_("This day has not come yet. Take today at the latest."))
        if implied_until(day) <= timezone.now():
            raise forms.ValidationError(
                _("That is more than two years ago. Ask these people to sign up themselves.")
            )
        return day

    def clean_addresses(self) -> list[str]:
        pasted = self.cleaned_data["addresses"].replace("\ufeff", "")
        lines = [line for line in pasted.splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(
                _("Take at most %(n)s lines at a time.") % {"n": MOST_LINES}
            )
        return lines


@admin.register(Subscription)
class SubscriptionAdmin(FoldedNames, PlainPeople, admin.ModelAdmin):
    """Read and search. A choice belongs to the person; nothing here can be ticked for them."""

    list_display = ["reader", "listing", "state", "changed_at", "until"]
    list_filter = ["state", "mailing_list__kind", ScopeFilter]
    search_fields = ["person__display_name", "person__email", "address"]
    search_help_text = gettext_lazy("Name or address")
    list_select_related = ["person", "mailing_list"]
    ordering = ["-changed_at", "pk"]
    show_full_result_count = False
    list_per_page = 50
    change_list_template = "cop/desk/subscription_list.html"
    fields = readonly_fields = [
        "reader", "address_shown", "listing", "state", "changed_at", "until", "proof",
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("who"), ordering="person__display_name")
    def reader(self, row: Subscription) -> str:
        return str(row.person) if row.person else row.address

    @admin.display(description=gettext_lazy("address"))
    def address_shown(self, row: Subscription) -> str:
        return address_of(row)

    @admin.display(description=gettext_lazy("list"), ordering="mailing_list__kind")
    def listing(self, row: Subscription) -> str:
        return row.mailing_list.get_kind_display()

    @admin.display(description=gettext_lazy("until"))
    def until(self, row: Subscription) -> str:
        """The last day of an implied consent."""
        return date_format(last_day(row.expires_at), "j F Y") if row.expires_at else "–"

    @admin.display(description=gettext_lazy("how it came about"))
    def proof(self, row: Subscription) -> str:
        last = row.consents.order_by("-at", "-pk").first()
        if last is None:
            return ""
        return " · ".join(filter(None, [last.get_basis_display(), last.source, last.proof]))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(
            request, {"title": _("Who gets what"), **(extra_context or {})}
        )

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Addresses with proof, in place of Django's page for a single row."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        communities = Community.objects.staffed_by(request.user, *IMPORT_ROLES)
        form = ImportForm(request.POST or None, communities=communities)
        if len(communities) == 1:
            form.initial["community"] = communities[0]
            form.fields["community"].widget = form.fields["community"].hidden_widget()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Add addresses with proof"),
            "form": form,
            "label": _("Look at them first"),
            "back_url": reverse("admin:outbox_subscription_changelist"),
        }
        if request.method == "POST" and form.is_valid():
            confirmed = request.POST.get("do") == "add"
            context |= _imported(request, form) if confirmed else _looked_at(request, form)
        return TemplateResponse(request, "cop/desk/subscription_import.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        named = {"title": self.reader(row), "subtitle": None, "named_by_title": True} if row else {}
        return super().change_view(request, object_id, form_url, {**named, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(address_proof)
        return [path("proof/", page, name="outbox_subscription_proof"), *super().get_urls()]

    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        """How it came about stands on its own page."""
        raise Http404

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscription]:
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        mine = Community.objects.staffed_by(request.user, *ROLES)
        return rows.filter(mailing_list__scope__in=mine.values("public_id"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        mine = Community.objects.staffed_by(request.user, *ROLES)
        if obj is not None:
            mine = mine.filter(public_id=obj.mailing_list.scope)
        return request.user.is_superuser or mine.exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return Community.objects.staffed_by(request.user, *IMPORT_ROLES).exists()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _looked_at(request: HttpRequest, form: ImportForm) -> dict[str, Any]:
    """What would happen: it is done for real and taken back, so that it is the truth."""
    with transaction.atomic():
        found = _imported(request, form)
        transaction.set_rollback(True)
    return found | {"title": _("What would happen with the addresses"), "is_preview": True}


def _imported(request: HttpRequest, form: ImportForm) -> dict[str, Any]:
    values = form.cleaned_data
    lines = import_addresses(
        mailing_list=find_mailing_list(values["community"].public_id, MailingList.Kind.NEWSLETTER),
        lines=values["addresses"],
        proof=values["proof"],
        ended_on=values["ended_on"],
        by=request.user,
        now=timezone.now(),
    )
    groups = [
        (outcome, [line.text for line in lines if line.outcome == outcome]) for outcome in Outcome
    ]
    return {
        "groups": [(outcome.label, texts) for outcome, texts in groups if texts],
        "until": last_day(implied_until(values["ended_on"])),
        "title": _("What happened with the addresses"),
    }
