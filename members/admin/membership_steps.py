"""The steps of a membership at the desk, each with its mail to read before it goes."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cop.core.mail import Email
from members.actions.delegates import set_delegate
from members.actions.memberships import (
    LONGEST_SUSPENSION,
    end_suspension,
    local_day,
    remove_membership,
    suspend_membership,
)
from members.admin.community_forms import DelegateForm, RemoveForm, SuspendForm
from members.admin.steps import Step, asks
from members.emails.memberships import preview_membership_email
from members.models import Affiliation, Membership, Organization, User


class HoldForm(SuspendForm):
    """Knows the days that are possible, so that nobody reads a mail that cannot go."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.first, self.last = today + timedelta(days=1), today + LONGEST_SUSPENSION
        self.fields["until"].widget = forms.DateInput(
            attrs={"type": "date", "min": str(self.first), "max": str(self.last)},
            format="%Y-%m-%d",
        )

    def clean_until(self) -> date:
        until = self.cleaned_data["until"]
        if not self.first <= until <= self.last:
            raise forms.ValidationError(
                _now("Choose a day from tomorrow on, at most thirty days from now.")
            )
        return until


def _hold_form(request: HttpRequest, row: Membership) -> forms.Form:
    today = local_day(row.community, timezone.now())
    return HoldForm(request.POST if request.method == "POST" else None, today=today)


def _suspended_letter(row: Membership, answers: dict[str, Any]) -> Email:
    row.suspended_until = answers["until"]
    return preview_membership_email("suspended", row, words=answers["reason"])


def _hold_ended_letter(row: Membership, answers: dict[str, Any]) -> Email:
    return preview_membership_email("suspension_ended", row)


def _removed_letter(row: Membership, answers: dict[str, Any]) -> Email:
    return preview_membership_email("removed", row, words=answers["reason"])


def _suspend(row: Membership, *, by: User, now: datetime, until: Any, reason: str) -> None:  # noqa: ANN401
    suspend_membership(membership=row, by=by, until=until, reason=reason, now=now)


def _end_suspension(row: Membership, *, by: User, now: datetime) -> None:
    end_suspension(membership=row, by=by, now=now)


def _remove(row: Membership, *, by: User, now: datetime, reason: str) -> None:
    remove_membership(membership=row, by=by, reason=reason, now=now)


def _delegate(
    row: Membership, *, by: User, now: datetime, organization: Organization | None
) -> None:
    set_delegate(membership=row, organization=organization, by=by, now=now)


def _delegate_form(request: HttpRequest, row: Membership) -> forms.Form:
    ties = row.person.affiliations.filter(state=Affiliation.State.CONFIRMED)
    return DelegateForm(
        request.POST if request.method == "POST" else None,
        initial={"organization": row.delegate_for_id},
        organizations=Organization.objects.filter(pk__in=ties.values("organization")),
    )


SUSPEND = Step(
    "suspend", _("Put on hold"),
    _(
        "For conduct, for thirty days at most. Until then the person sees public pages only and "
        "gets no mail of the community but the one that tells them. Then all is as it was."
    ),
    _("The membership is on hold, and the person was told."), _suspend, _hold_form,
    is_grave=True, letter=_suspended_letter,
)  # fmt: skip
END_HOLD = Step(
    "end-hold", _("End the hold"), _("The person is back at once, and is told by mail."),
    _("The hold has ended."), _end_suspension,
    letter=_hold_ended_letter,
)  # fmt: skip
REMOVE = Step(
    "remove", _("End the membership"),
    _(
        "For conduct. All access, roles and mail end at once. The person reads your words in a "
        "mail, and that they can appeal within thirty days: then people decide who had no part "
        "in this."
    ),
    _("The membership has ended, and the person was told."), _remove, asks(RemoveForm),
    is_grave=True, letter=_removed_letter,
)  # fmt: skip
DELEGATE = Step(
    "delegate", _("Speaks for an organization"),
    _(
        "Where the community votes by organizations, each has one voice. Whoever had this voice "
        "until now gives it up."
    ),
    _("It is noted who speaks for the organization."), _delegate, _delegate_form,
)  # fmt: skip
