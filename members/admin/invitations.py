"""Invitations at the desk: who was invited to a community by invitation, and one more."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from cop.core.formfields import WordsField
from members.actions.invitations import is_open, send_invitation, withdraw_invitation
from members.admin.base import CommunityFilter, DeskAdmin, badge
from members.models import Community, Invitation, Membership

LIST = "admin:members_invitation_changelist"
State = Invitation.State
BADGES = {
    State.SENT: ("wait", "envelope"),
    State.ACCEPTED: ("good", "check-circle"),
    State.WITHDRAWN: ("plain", "archive"),
}


class InvitationForm(forms.Form):
    community = forms.ModelChoiceField(
        label=gettext_lazy("Community"), queryset=Community.objects.none(), empty_label=None
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("The invitation works for this address only, once, for 30 days."),
    )
    category = forms.ChoiceField(
        label=gettext_lazy("They come as"),
        choices=[choice for choice in Membership.Category.choices if choice[0] != "guest"],
        initial=Membership.Category.MEMBER,
        widget=forms.RadioSelect,
    )
    words = WordsField(
        label=gettext_lazy("A few words to them"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("They stand in the mail and on the page of the invitation."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, communities: QuerySet[Community], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        rows = communities.order_by("name", "pk")
        self.fields["community"].queryset = rows
        if len(rows) == 1:
            self.initial["community"] = rows[0]
            self.fields["community"].widget = forms.HiddenInput()


@admin.register(Invitation)
class InvitationAdmin(DeskAdmin):
    """Coordinators only: an address is the person's, and a place is theirs to give."""

    desk_roles = edit_roles = ("coordinator",)
    may_add = True
    list_display = [
        "email", "category", "community", "state_badge", "sent_at", "expires_on", "withdraw_link",
    ]  # fmt: skip
    list_filter = ["state", CommunityFilter]
    list_select_related = ["community"]
    search_fields = ["email"]
    ordering = ["-sent_at", "-pk"]
    actions = None
    fields = [
        "email", "category", "community", "state_badge", "words", "invited_by", "sent_at",
        "expires_on", "accepted_by", "accepted_at", "withdraw_link",
    ]  # fmt: skip
    readonly_fields = fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        may = super().has_add_permission(request, obj)
        here = request.resolver_match is not None and (
            request.resolver_match.url_name or ""
        ).startswith("members_invitation_")
        # The menu of each desk page asks as well: there it must cost nothing.
        return may and (not here or self._by_invitation(request).exists())

    def _by_invitation(self, request: HttpRequest) -> QuerySet[Community]:
        mine = self.communities(request, *self.edit_roles)
        return mine.filter(admission_policy=Community.Admission.INVITATION)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.withdraw_view)
        own = path("<int:pk>/withdraw/", view, name="members_invitation_withdraw")
        return [own, *super().get_urls()]

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, row: Invitation) -> SafeString:
        if row.state == State.SENT and not is_open(row, now=timezone.now()):
            return badge("plain", "clock", _("Ended"))
        kind, sign = BADGES[State(row.state)]
        return badge(kind, sign, row.get_state_display())

    @admin.display(description="")
    def withdraw_link(self, row: Invitation) -> SafeString | str:
        if row.state != State.SENT:
            return ""
        url = reverse("admin:members_invitation_withdraw", args=[row.pk])
        return format_html('<a href="{}">{}</a>', url, _("Take it back"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = InvitationForm(request.POST or None, communities=self._by_invitation(request))
        if request.method == "POST" and form.is_valid():
            try:
                row = send_invitation(by=request.user, now=timezone.now(), **form.cleaned_data)
            except ActionError as error:
                form.add_error(None, str(error))
            else:
                text = _("The invitation is on its way to %(address)s.")
                messages.success(request, text % {"address": row.email})
                return HttpResponseRedirect(reverse(LIST))
        context = {
            "title": _("Invite somebody"),
            "form": form,
            "label": _("Send the invitation"),
            "back_url": reverse(LIST),
        }
        return self.page(request, "form.html", context)

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.get_queryset(request).select_related("community").filter(pk=pk).first()
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        if request.method == "POST":
            try:
                withdraw_invitation(invitation=row, by=request.user, now=timezone.now())
            except ActionError as error:
                messages.error(request, str(error))
            else:
                messages.success(request, _("Taken back. Its link opens nothing any more."))
            return HttpResponseRedirect(reverse(LIST))
        context = {
            "title": _("Take this invitation back?"),
            "text": _("The link in the mail to %(address)s opens nothing any more.")
            % {"address": row.email},
            "label": _("Take it back"),
            "back_url": reverse(LIST),
            "danger": True,
        }
        return self.page(request, "confirm.html", context)
