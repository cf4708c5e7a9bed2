"""Who is in a resource and what it translates, as a librarian types it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from library.models import Resource, ResourceCredit, Visibility
from library.queries.credits import AUDIENCES, covers
from library.queries.translations import possible_originals
from meetings.desk_forms.meetings import people_of
from members.models import Community, User


class CreditForm(forms.Form):
    part = forms.ChoiceField(label=_("Part"), choices=ResourceCredit.Part.choices)
    person = forms.ModelChoiceField(
        label=_("Person"), queryset=User.objects.none(), required=False,
        empty_label=_("Nobody with an account"),
    )  # fmt: skip
    name = forms.CharField(
        label=_("Or the name of somebody without an account"), max_length=120, required=False,
        help_text=_("They sign a form; you note below where it is."),
    )  # fmt: skip
    is_named = forms.BooleanField(
        label=_("The name stands beside it"), required=False,
        help_text=_("Only once they agree to that."),
    )  # fmt: skip

    def __init__(self, *args: Any, resource: Resource, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        here = Community.objects.filter(pk=resource.community_id)
        self.fields["person"].queryset = people_of(here)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("person")) == bool((data.get("name") or "").strip()):
            raise forms.ValidationError(
                _("Choose a person, or write the name of somebody without an account: one of them.")
            )
        return data


class NoteForm(forms.Form):
    note = forms.CharField(max_length=200)


class AskForm(forms.Form):
    """For whom the question is: today's readers, or more than that (L3)."""

    visibility = forms.ChoiceField(label=_("Who will see it"))

    def __init__(self, *args: Any, resource: Resource, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        wider = [one for one in AUDIENCES if covers(one, resource.visibility)]
        self.fields["visibility"].choices = [(one, Visibility(one).label) for one in wider]
        self.initial.setdefault("visibility", resource.visibility)


class TranslationForm(forms.Form):
    original = forms.ModelChoiceField(
        label=_("The original"), queryset=Resource.objects.none(), required=False,
        empty_label=_("None: this is an original, or stands alone"),
    )  # fmt: skip

    def __init__(self, *args: Any, resource: Resource, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        rows = possible_originals(resource).only("title", "language")
        self.fields["original"].queryset = rows
        self.initial.setdefault("original", resource.translation_of_id)
