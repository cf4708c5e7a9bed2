"""The form with which a folder comes in. It looks at nothing but whether there is one."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from members.models import Community


class FolderForm(forms.Form):
    community = forms.ModelChoiceField(
        label=_("Community"), queryset=Community.objects.none(), empty_label=None
    )
    file = forms.FileField(
        label=_("The folder, packed as a ZIP"),
        help_text=_(
            "Up to 250 MB with 1,000 files, of 50 MB each; unpacked 500 MB at most. We delete the "
            "ZIP when all is taken over, or after a week."
        ),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
        error_messages={"empty": _("This file is empty.")},
    )

    def __init__(self, *args: Any, communities: QuerySet[Community], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        mine = communities.order_by("name", "pk")
        self.fields["community"].queryset = mine
        self.initial.setdefault("community", mine.first())
        if mine.count() == 1:
            self.fields["community"].widget = forms.HiddenInput()
