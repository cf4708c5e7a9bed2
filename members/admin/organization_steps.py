"""Steps about an organization at the desk: merge, close. Looked at first, then done."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cop.core.errors import ActionError
from members.actions.merging import merge_organizations, why_not_merge
from members.actions.naming import TOLD_THE_TEAM, say_organization_named
from members.actions.organizations import close_organization
from members.admin.organization_forms import CloseForm, NamingForm
from members.models import Affiliation, Community, Evidence, Organization
from members.queries import find_duplicates, known_organizations
from members.queries.mergers import preview_merge
from members.queries.naming import welcome_communities, with_word
from members.queries.organizations import Likeness

Status = Organization.Status
MOST = 10


class OrganizationSteps:
    """For the admin of organizations."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/merge/", view(self.merge_view), name="members_organization_merge"),
            path("<int:pk>/close/", view(self.close_view), name="members_organization_close"),
            path("<int:pk>/naming/", view(self.naming_view), name="members_organization_naming"),
            *super().get_urls(),
        ]

    def editable(self, request: HttpRequest, pk: int) -> Organization:
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        return row

    def with_doors(self, request: HttpRequest, rows: list[Likeness]) -> list[Likeness]:
        """Which of them open for this staff member; the others are a name and a city."""
        mine = known_organizations(self.communities(request, *self.edit_roles))
        open_ones = set(
            mine.filter(pk__in=[row.organization.pk for row in rows]).values_list("pk", flat=True)
        )
        for row in rows:
            row.is_open_to_me = request.user.is_superuser or row.organization.pk in open_ones
        return rows

    def evidence_of(self, request: HttpRequest, row: Organization) -> QuerySet[Evidence]:
        rows = row.evidence.filter(criterion__community__in=self.communities(request))
        rows = rows.select_related("criterion__community", "site")
        return rows.order_by("-submitted_at", "-pk")[:50]

    def naming_of(self, request: HttpRequest, row: Organization) -> QuerySet[Community]:
        """Where the newsletter could welcome it, and what it said about that."""
        mine = welcome_communities(row).filter(pk__in=self.communities(request).values("pk"))
        return with_word(mine, row)

    def merge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Choose the one that stays; see what would move; then do it."""
        source = self.editable(request, pk)
        back_url = reverse("admin:members_organization_change", args=[source.pk])
        chosen = request.GET.get("into") or request.POST.get("into")
        if not chosen:
            return self._choose(request, source, back_url)
        target = Organization.objects.filter(public_id=chosen).first()
        if target is None:
            raise Http404
        refusal = why_not_merge(source, target, request.user)
        if request.method == "POST" and "confirmed" in request.POST and not refusal:
            return self._merge(request, source, target)
        context = {
            "title": _("Merge into %(target)s?") % {"target": target},
            "source": source,
            "target": target,
            "refusal": refusal,
            "preview": preview_merge(source, target),
            "back_url": f"{request.path}",
        }
        return self.page(request, "organization_merge.html", context)

    def _choose(self, request: HttpRequest, source: Organization, back_url: str) -> HttpResponse:
        words = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:80]
        found: list[Any] = []
        if words:
            rows = Organization.objects.suggest(words).exclude(pk=source.pk)[:MOST]
            found = [Likeness(row) for row in rows]
        else:
            found = find_duplicates(
                name=source.name, legal_name=source.legal_name, domains=source.domains,
                web=source.web, phone=source.phone, leave_out=source,
            )  # fmt: skip
        found = [row for row in found if _may_stay(source, row.organization)]
        context = {
            "title": _("Merge %(source)s into another one") % {"source": source},
            "source": source,
            "words": words,
            "found": found,
            "back_url": back_url,
        }
        return self.page(request, "organization_choose.html", context)

    def _merge(
        self, request: HttpRequest, source: Organization, target: Organization
    ) -> HttpResponse:
        now = timezone.now()
        try:
            merge_organizations(source=source, target=target, by=request.user, now=now)
        except ActionError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.path)
        text = _("%(source)s is part of %(target)s now. Its history is kept.")
        messages.success(request, text % {"source": source, "target": target})
        return HttpResponseRedirect(reverse("admin:members_organization_change", args=[target.pk]))

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.editable(request, pk)
        back_url = reverse("admin:members_organization_change", args=[row.pk])
        form = CloseForm(request.POST or None, initial={"closed_on": _today(request)})
        if request.method == "POST" and form.is_valid() and "edit" not in request.POST:
            if "confirmed" not in request.POST:
                return self.page(request, "confirm.html", _asked(row, form))
            if self._close(request, row, form):
                return HttpResponseRedirect(back_url)
        context = {
            "title": _("Close %(name)s") % {"name": row},
            "form": form,
            "label": _("Go on"),
            "back_url": back_url,
        }
        return self.page(request, "form.html", context)

    def naming_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """They told us whether the newsletter may name them: written down with how they said it."""
        row = self.editable(request, pk)
        back_url = reverse("admin:members_organization_change", args=[row.pk])
        mine = self.communities(request, *self.edit_roles)
        communities = welcome_communities(row).filter(pk__in=mine.values("pk"))
        form = NamingForm(request.POST or None, communities=communities)
        if request.method == "POST" and form.is_valid() and self._name(request, row, form):
            return HttpResponseRedirect(back_url)
        context = {
            "title": _("May the newsletter name %(name)s?") % {"name": row},
            "form": form,
            "label": _("Note it down"),
            "back_url": back_url,
        }
        return self.page(request, "form.html", context)

    def _name(self, request: HttpRequest, row: Organization, form: NamingForm) -> bool:
        try:
            say_organization_named(
                organization=row, person=request.user, source=TOLD_THE_TEAM, now=timezone.now(),
                **form.cleaned_data,
            )  # fmt: skip
        except ActionError as error:
            form.add_error(None, str(error))
            return False
        messages.success(request, _("It is noted down."))
        return True

    def _close(self, request: HttpRequest, row: Organization, form: CloseForm) -> bool:
        try:
            ended = close_organization(
                organization=row, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except ActionError as error:
            form.add_error(None, str(error))
            return False
        text = ngettext(
            "It is closed. The tie of %(count)d person has ended.",
            "It is closed. The ties of %(count)d people have ended.",
            ended,
        )
        messages.success(request, text % {"count": ended})
        return True


def _may_stay(source: Organization, target: Organization) -> bool:
    """A proposed one goes into a known one, not the other way round."""
    return target.status == Status.ACTIVE or target.status == source.status == Status.PROPOSED


def _today(request: HttpRequest) -> date:
    return timezone.now().astimezone(ZoneInfo(request.user.timezone)).date()


def _asked(row: Organization, form: CloseForm) -> dict[str, Any]:
    count = row.affiliations.exclude(state=Affiliation.State.ENDED).count()
    text = ngettext(
        "The tie of %(count)d person ends on that day. Members whose place rests on it keep it "
        "for 90 days, and we ask them whether they have moved.",
        "The ties of %(count)d people end on that day. Members whose place rests on it keep it "
        "for 90 days, and we ask them whether they have moved.",
        count,
    )
    return {
        "title": _("Close %(name)s?") % {"name": row},
        "text": text % {"count": count},
        "label": _("Close it"),
        "danger": True,
        "answers": [("closed_on", form["closed_on"].value())],
    }
