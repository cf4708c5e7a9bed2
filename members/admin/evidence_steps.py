"""Steps about one piece of evidence at the desk. Each has a page with its form and one button."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from members.access import may_review
from members.actions.challenges import challenge_evidence, revoke_evidence, settle_challenge
from members.actions.evidence_records import record_evidence, reject_evidence, verify_evidence
from members.admin.evidence_forms import (
    ChallengeForm,
    CheckForm,
    RecordForm,
    RejectForm,
    RevokeForm,
    SettleForm,
)
from members.models import Evidence, Organization
from members.queries import known_organizations

State = Evidence.State
ROLES = ("coordinator", "reviewer")


@dataclass(frozen=True)
class Step:
    name: str
    label: str | Promise
    done: str | Promise
    form: type[forms.Form]
    action: Callable[..., object]
    states: tuple[str, ...]


STEPS = (
    Step(
        "verify", gettext_lazy("I checked it: it holds"), gettext_lazy("It counts now."),
        CheckForm, verify_evidence, Evidence.UNCHECKED_STATES,
    ),
    Step(
        "reject", gettext_lazy("It does not show that"), gettext_lazy("It is rejected."),
        RejectForm, reject_evidence, Evidence.UNCHECKED_STATES,
    ),
    Step(
        "challenge", gettext_lazy("Put a question mark on it"),
        gettext_lazy("It still counts. A task for the reviewers is open."),
        ChallengeForm, challenge_evidence, (State.VERIFIED, State.EXPIRING),
    ),
    Step(
        "settle", gettext_lazy("Answer the question"), gettext_lazy("The question is answered."),
        SettleForm, settle_challenge, (State.UNDER_CHALLENGE,),
    ),
    Step(
        "revoke", gettext_lazy("Revoke it"),
        gettext_lazy("It does not count any more. Whose place rests on it keeps it for 60 days."),
        RevokeForm, revoke_evidence, Evidence.COUNTING_STATES,
    ),
)  # fmt: skip


class EvidenceSteps:
    """For the admin of evidence."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("record/<int:pk>/", view(self.record_view), name="members_evidence_record"),
            path("<int:pk>/step/<slug:name>/", view(self.step_view), name="members_evidence_step"),
            *super().get_urls(),
        ]

    def steps_of(self, request: HttpRequest, row: Evidence) -> list[Step]:
        """What can be done with it now. What came with an open application is decided there."""
        if not may_review(request.user, row.criterion.community):
            return []
        if row.state in Evidence.UNCHECKED_STATES and row.application and row.application.is_open:
            return []
        return [step for step in STEPS if row.state in step.states]

    def step_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        row = self.get_queryset(request).select_related(
            "criterion__community", "organization", "application"
        ).filter(pk=pk).first()  # fmt: skip
        if row is None:
            raise Http404
        back_url = reverse("admin:members_evidence_change", args=[row.pk])
        step = next((one for one in self.steps_of(request, row) if one.name == name), None)
        if step is None:
            messages.warning(request, _("This is not possible now. Here is how it stands."))
            return HttpResponseRedirect(back_url)
        form = step.form(request.POST or None, initial=_initial(row))
        if request.method == "POST" and form.is_valid():
            now, by = timezone.now(), request.user
            if _done(form, step.action, evidence=row, by=by, now=now, **form.cleaned_data):
                messages.success(request, str(step.done))
                return HttpResponseRedirect(back_url)
        title = f"{step.label}: {row.organization}, {row.criterion.label}"
        context = {"title": title, "form": form, "label": step.label, "back_url": back_url}
        return self.page(request, "form.html", context)

    def record_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Evidence that a reviewer knows and has checked, for one organization."""
        communities = self.communities(request, *ROLES)
        if not communities.exists():
            raise PermissionDenied
        known = Organization.objects.all()
        if not request.user.is_superuser:
            known = known_organizations(communities)
        organization = known.filter(pk=pk, status__in=["active", "proposed"]).first()
        if organization is None:
            raise Http404
        back_url = reverse("admin:members_organization_change", args=[organization.pk])
        form = RecordForm(request.POST or None, organization=organization, communities=communities)
        if request.method == "POST" and form.is_valid():
            now, by = timezone.now(), request.user
            facts = {"organization": organization, **form.cleaned_data}
            if _done(form, record_evidence, by=by, now=now, **facts):
                messages.success(request, _("Noted. It counts from now on."))
                return HttpResponseRedirect(back_url)
        context = {
            "title": _("Record evidence of %(name)s") % {"name": organization},
            "form": form,
            "label": _("Record it"),
            "back_url": back_url,
        }
        return self.page(request, "form.html", context)


def _initial(row: Evidence) -> dict[str, Any]:
    return {"valid_from": row.valid_from, "valid_to": row.valid_to}


def _done(form: forms.Form, action: Callable[..., object], **words: Any) -> bool:  # noqa: ANN401
    try:
        action(**words)
    except ActionError as error:
        form.add_error(None, str(error))
        return False
    return True
