from django import forms
from django.utils.translation import gettext_lazy as _

from cop.core.formfields import OneLineField
from members.models import Affiliation


class WorkForm(forms.Form):
    """What somebody does at an organization that was picked."""

    role_group = forms.ChoiceField(
        label=_("What kind of role is it?"),
        choices=[("", _("Choose one")), *Affiliation.RoleGroup.choices],
        error_messages={"required": _("Choose the kind of role.")},
    )
    role_title = OneLineField(
        label=_("What are you called there?"),
        max_length=120,
        required=False,
        help_text=_("For example: night support worker."),
    )
