from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from members.actions.delegates import set_delegate
from members.actions.memberships import end_suspension, remove_membership, suspend_membership
from members.admin.base import CommunityFilter, DeskAdmin, badge
from members.admin.community_forms import DelegateForm, RemoveForm, SuspendForm
from members.admin.steps import DeskSteps, Step, asks
from members.desk_plain import FoldedNames
from members.models import Affiliation, Membership, Organization, User

State = Membership.State
BADGES = {
    State.ACTIVE: ("good", "check-circle"),
    State.GRACE: ("wait", "clock"),
    State.SUSPENDED: ("wait", "hourglass-split"),
    State.LAPSED: ("plain", "archive"),
    State.LEFT: ("plain", "archive"),
    State.REMOVED: ("bad", "x-circle"),
}


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
    _("The membership is on hold, and the person was told."), _suspend, asks(SuspendForm),
    is_grave=True,
)  # fmt: skip
END_HOLD = Step(
    "end-hold", _("End the hold"), _("The person is back at once, and is told by mail."),
    _("The hold has ended."), _end_suspension,
)  # fmt: skip
REMOVE = Step(
    "remove", _("End the membership"),
    _(
        "For conduct. All access, roles and mail end at once. The person reads your words in a "
        "mail, and that they can appeal within thirty days: then people decide who had no part "
        "in this."
    ),
    _("The membership has ended, and the person was told."), _remove, asks(RemoveForm),
    is_grave=True,
)  # fmt: skip
DELEGATE = Step(
    "delegate", _("Speaks for an organization"),
    _(
        "Where the community votes by organizations, each has one voice. Whoever had this voice "
        "until now gives it up."
    ),
    _("It is noted who speaks for the organization."), _delegate, _delegate_form,
)  # fmt: skip


@admin.register(Membership)
class MembershipAdmin(DeskSteps, FoldedNames, DeskAdmin):
    """Who belongs. Read and search; standing changes by decisions, never by typing."""

    desk_roles = ("coordinator", "reviewer")
    list_display = [
        "person", "email", "community", "category", "state_badge", "joined_on", "ended_on",
    ]  # fmt: skip
    list_filter = ["state", "category", "is_unconfirmed", CommunityFilter]
    list_select_related = ["person", "community"]
    search_fields = ["person__display_name", "person__email"]
    ordering = ["person__display_name", "pk"]
    fields = [
        "person", "email", "community", "category", "basis", "state_badge", "grace_until",
        "grace_ground", "suspended_until", "delegate_for", "is_unconfirmed", "confirmed_on",
        "joined_on", "ended_on", "end_reason",
    ]  # fmt: skip
    readonly_fields = fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def possible_steps(self, row: Any) -> list[Step]:  # noqa: ANN401
        if row.state == State.SUSPENDED:
            return [END_HOLD, REMOVE]
        if row.state not in Membership.CURRENT_STATES:
            return []
        votes = row.category == Membership.Category.MEMBER
        return [DELEGATE, SUSPEND, REMOVE] if votes else [SUSPEND, REMOVE]

    @admin.display(description=_("e-mail address"))
    def email(self, row: Membership) -> str:
        return row.person.email

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, row: Membership) -> SafeString:
        kind, sign = BADGES[row.state]
        return badge(kind, sign, row.get_state_display())


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People, for the administrator of the whole site alone."""

    list_display = ["display_name", "email", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_active"]
    search_fields = ["display_name", "email"]
    ordering = ["display_name", "pk"]
    fields = [
        "display_name", "email", "language", "timezone", "is_active", "is_staff", "date_joined",
        "last_login",
    ]  # fmt: skip
    readonly_fields = fields

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False
