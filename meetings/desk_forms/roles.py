"""Roles and the preparation call as staff type them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings.desk_forms.meetings import people_of
from meetings.models import Meeting, Part
from members.models import Community, User


class RoleForm(forms.Form):
    part = forms.ChoiceField(label=_("Part"), choices=Part.choices)
    person = forms.ModelChoiceField(
        label=_("Person"), queryset=User.objects.none(), required=False,
        empty_label=_("Nobody of the community"),
    )  # fmt: skip
    name = forms.CharField(
        label=_("Or the name of a guest"), max_length=120, required=False,
        help_text=_("Somebody without an account. They get no mail from here."),
    )  # fmt: skip
    is_backup = forms.BooleanField(
        label=_("As the backup"), required=False,
        help_text=_("Steps in if the issue holder cannot come."),
    )  # fmt: skip

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        here = Community.objects.filter(pk=meeting.community_id)
        self.fields["person"].queryset = people_of(here)


class PrepCallForm(forms.Form):
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    at = forms.TimeField(
        label=_("Starts at (wall clock)"), widget=forms.TimeInput(attrs={"type": "time"})
    )
    join_url = forms.URLField(
        label=_("Join link"), required=False, assume_scheme="https",
        help_text=_("Another room than the one of the meeting."),
    )  # fmt: skip
