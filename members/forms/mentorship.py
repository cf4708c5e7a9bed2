from django import forms
from django.utils.translation import gettext_lazy as _

from cop.core.formfields import OneLineField
from members.forms.directory import LanguagesField
from members.models import Site

REGIONS = [("", _("No matter where")), *Site.Region.choices]


class WishForm(forms.Form):
    """What somebody would like to talk about."""

    topics = OneLineField(
        label=_("What would you like to talk about?"),
        max_length=300,
        help_text=_("For example: night rosters, difficult talks. Please nothing about clients."),
    )
    languages = LanguagesField(
        label=_("In which languages?"), max_length=200, help_text=_("Parted by commas.")
    )
    region = forms.ChoiceField(
        label=_("Near you?"),
        choices=REGIONS,
        required=False,
        help_text=_("Somebody of the same region is suggested first."),
    )


class OfferForm(WishForm):
    """What somebody can give."""

    hours_a_month = forms.TypedChoiceField(
        label=_("Hours a month"), choices=[(n, n) for n in (1, 2, 3, 4, 6, 8)], coerce=int
    )
    max_matches = forms.TypedChoiceField(
        label=_("People at once"), choices=[(1, 1), (2, 2)], coerce=int
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].label = _("What can you be asked about?")


class CheckInForm(forms.Form):
    words = forms.CharField(
        label=_("A few words to the coordinator"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
