from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from cop.core.time import is_quiet, to_instant, zone_label


class MoveForm(forms.Form):
    """Another moment for mail that waits, on the wall clock of the community."""

    day = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    at = forms.TimeField(
        label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    anyway = forms.BooleanField(label=_("Yes, at night"), required=False)

    def __init__(self, *args: Any, zone: str, due_at: datetime, **kwargs: Any) -> None:  # noqa: ANN401
        local = due_at.astimezone(ZoneInfo(zone))
        first: dict[str, date | time] = {"day": local.date(), "at": local.time()}
        super().__init__(*args, initial=first, **kwargs)
        self.zone = zone
        self.fields["at"].help_text = zone_label(zone)
        self.asks_about_night = False

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if self.errors:
            return values
        values["due_at"] = to_instant(values["day"], values["at"], self.zone)
        if is_quiet(values["due_at"], self.zone) and not values["anyway"]:
            self.asks_about_night = True
            self.add_error(
                "at",
                _("That is between 8 in the evening and 7 in the morning. Choose another time."),
            )
        return values


class SearchForm(forms.Form):
    """Who did not get a mail, and which one. The words are never kept in an address."""

    who = forms.CharField(
        label=_("Who?"),
        min_length=2,
        max_length=120,
        help_text=_("Part of a name, or an address"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class AboutForm(forms.Form):
    about = forms.CharField(
        label=_("Which mail?"),
        required=False,
        max_length=120,
        help_text=_("A word of its subject, a meeting, or a kind such as “reminder”. Empty: all."),
    )
