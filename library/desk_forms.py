from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cop.core.errors import ActionError
from cop.core.uploads import CheckedUpload, check_upload
from library.actions import check_not_wider
from library.forms import clean_topics
from library.models import Resource


class ResourceDeskForm(forms.ModelForm):
    """What a librarian may tidy. The admin sets `acting` to who is at the desk."""

    acting: Any = None
    url = forms.URLField(label=_("Link"), required=False, max_length=500, assume_scheme="https")
    topics = forms.CharField(
        label=_("Topics"),
        required=False,
        max_length=300,
        help_text=_("With commas between them, six at most."),
    )
    new_file = forms.FileField(
        label=_("Another file"), required=False,
        help_text=_("Takes the place of the present link, text or file."),
    )  # fmt: skip

    class Meta:
        model = Resource
        fields = [
            "title", "summary", "kind", "language", "visibility", "rights", "source", "url", "body",
            "sensitivity", "reading_minutes", "review_due_on",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if "topics" in self.fields and self.instance.pk:
            self.initial["topics"] = ", ".join(self.instance.topics)
        # The row is checked as it was; the form may not change it before the action does.
        self.before = Resource.objects.get(pk=self.instance.pk) if self.instance.pk else None

    def clean_topics(self) -> list[str]:
        return clean_topics(self.cleaned_data["topics"])

    def clean_new_file(self) -> CheckedUpload | None:
        file = self.cleaned_data["new_file"]
        try:
            return check_upload(file) if file else None
        except ActionError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_visibility(self) -> str:
        visibility = self.cleaned_data["visibility"]
        try:
            if self.before is not None:
                check_not_wider(self.before, visibility, by=self.acting)
        except ActionError as error:
            raise forms.ValidationError(str(error)) from error
        return visibility

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        given = [data.get("new_file"), data.get("url"), data.get("body")]
        keeps_file = self.before is not None and bool(self.before.file) and not any(given)
        if not self.errors and sum(map(bool, given)) != 1 and not keeps_file:
            raise forms.ValidationError(_("Give exactly one: a link, a file or a text."))
        return data

    def _post_clean(self) -> None:
        """Leave the row alone: the action sets its fields and the database checks them."""
