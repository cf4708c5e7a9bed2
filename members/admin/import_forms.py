"""Forms of the desk about lists. They check; the actions act."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from members.models import Community, ImportRun

FORMATS = (("xlsx", _("Excel (.xlsx)")), ("csv", _("CSV, for other programs")))


class ListForm(forms.Form):
    """Which community, and organizations or people."""

    community = forms.ModelChoiceField(
        label=_("Community"), queryset=Community.objects.none(), empty_label=None
    )
    kind = forms.ChoiceField(
        label=_("What it lists"), choices=ImportRun.Kind, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, communities: QuerySet[Community], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        mine = communities.order_by("name", "pk")
        self.fields["community"].queryset = mine
        self.initial.setdefault("community", mine.first())
        if mine.count() == 1:
            self.fields["community"].widget = forms.HiddenInput()
        self.initial.setdefault("kind", ImportRun.Kind.PEOPLE)


class UploadForm(ListForm):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Excel (.xlsx) or CSV of at most 20 MB: 20,000 people or 5,000 organizations. "
            "We delete it when done."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
        error_messages={"empty": _("This file is empty.")},
    )


class ExportForm(ListForm):
    file_format = forms.ChoiceField(
        label=_("Format"), choices=FORMATS, widget=forms.RadioSelect, initial="xlsx"
    )
