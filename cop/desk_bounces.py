"""Whom our mail does not reach, for the staff of their communities."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cop.desk_mail import say_kind
from members.models import Community, User
from outbox.addresses import address_hash
from outbox.models import MailEvent, Subscription, Suppression
from outbox.verdicts import say_verdict

ROLES = ("coordinator", "editor")
COMPLAINTS_OF = timedelta(days=90)


def names_by_hash(person: User) -> dict[str, tuple[str, str]]:
    """Hash -> name and address, of everybody whose mail this person looks after.

    A hash cannot be turned back, so we go the other way: from the people to their hashes.
    """
    communities = Community.objects.staffed_by(person, *ROLES)
    scopes = list(communities.values_list("public_id", flat=True))
    lists = Q(mailing_list__scope__in=scopes, state=Subscription.State.BOUNCED)
    heard = MailEvent.objects.filter(delivery__scope__in=scopes)
    people = User.objects.filter(
        Q(memberships__community__in=communities)
        | Q(pk__in=Subscription.objects.filter(lists).values("person"))
        | Q(pk__in=heard.values("delivery__person"))
    ).distinct()
    known = {address_hash(one.email): (str(one), one.email) for one in people}
    rows = Subscription.objects.filter(lists, person=None).values_list("address", flat=True)
    for address in rows.distinct():
        known.setdefault(address_hash(address), (address, address))
    return known


class NamedList(ChangeList):
    """Each row with the name that belongs to its hash, or None."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        for row in self.result_list:
            row.known = request.known_by_hash.get(row.address_hash)


@admin.register(Suppression)
class ReturnedMailAdmin(admin.ModelAdmin):
    """Addresses that mail came back from. People end it themselves, on their own page."""

    list_display = ["who", "since", "why"]
    search_fields = ["address_hash"]
    search_help_text = gettext_lazy("Name or address")
    ordering = ["-at", "pk"]
    list_per_page = 50
    fields = readonly_fields = ["who", "address", "since", "why", "heard", "advice"]

    @admin.display(description=gettext_lazy("person"))
    def who(self, row: Suppression) -> str:
        return row.known[0] if row.known else _("Somebody without an account")

    @admin.display(description=gettext_lazy("address"))
    def address(self, row: Suppression) -> str:
        return row.known[1] if row.known else "–"

    @admin.display(description=gettext_lazy("since"), ordering="at")
    def since(self, row: Suppression) -> str:
        return date_format(timezone.localtime(row.at), "DATE_FORMAT")

    @admin.display(description=gettext_lazy("why"))
    def why(self, row: Suppression) -> str:
        return say_verdict(row.evidence) or "–"

    @admin.display(description=gettext_lazy("what we heard"))
    def heard(self, row: Suppression) -> SafeString:
        events = MailEvent.objects.filter(address_hash=row.address_hash).exclude(
            kind=MailEvent.Kind.COMPLAINT
        )
        lines = [
            (
                date_format(timezone.localtime(event.at), "DATE_FORMAT"),
                event.get_kind_display(),
                say_kind(event.delivery.kind) if event.delivery else "",
                event.detail,
            )
            for event in events.select_related("delivery").order_by("-at", "-pk")[:20]
        ]
        return format_html_join("", "<p>{} · {} · {}<br>{}</p>", lines) if lines else "–"

    @admin.display(description=gettext_lazy("what you can do"))
    def advice(self, row: Suppression) -> str:
        return _(
            "Call them, or write to them in another way. Sign-in codes still leave, so they can "
            "sign in, change their address or tell us that it works again."
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        complaints = self._complaints(request)
        if complaints:
            messages.warning(request, complaints)
        words = {"title": _("Mail that comes back")}
        return super().changelist_view(request, words | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        named = {"title": self.who(row), "subtitle": None, "named_by_title": True} if row else {}
        return super().change_view(request, object_id, form_url, named | (extra_context or {}))

    def _complaints(self, request: HttpRequest) -> str:
        """How many marked our mail as spam. Who they are is nobody's business here."""
        events = MailEvent.objects.filter(
            kind=MailEvent.Kind.COMPLAINT, at__gt=timezone.now() - COMPLAINTS_OF
        )
        if not request.user.is_superuser:
            scopes = Community.objects.staffed_by(request.user, *ROLES).values("public_id")
            events = events.filter(delivery__scope__in=scopes)
        count = events.values("address_hash").distinct().count()
        if not count:
            return ""
        return ngettext(
            "In the last 90 days %(count)s person called our mail spam. We write to them no more.",
            "In the last 90 days %(count)s people called our mail spam. We write to them no more.",
            count,
        ) % {"count": count}

    def _known(self, request: HttpRequest) -> dict[str, tuple[str, str]]:
        if not hasattr(request, "known_by_hash"):
            request.known_by_hash = names_by_hash(request.user)
        return request.known_by_hash

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suppression]:
        rows = (
            super()
            .get_queryset(request)
            .filter(scope="all", cause=Suppression.Cause.BOUNCED, lifted_at__isnull=True)
        )
        if not request.user.is_superuser:
            rows = rows.filter(address_hash__in=list(self._known(request)))
        return rows

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ANN401
        self._known(request)
        return NamedList

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Suppression | None:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.known = self._known(request).get(row.address_hash)
        return row

    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        raise Http404

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Which rows, says the query set."""
        return Community.objects.staffed_by(request.user, *ROLES).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Suppression], search_term: str
    ) -> tuple[QuerySet[Suppression], bool]:
        word = search_term.strip().lower()
        if not word:
            return queryset, False
        found = [
            key
            for key, words in self._known(request).items()
            if any(word in one.lower() for one in words)
        ]
        return queryset.filter(address_hash__in=found), False
