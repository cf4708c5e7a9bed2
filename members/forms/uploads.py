"""The field for a photo or a PDF that shows how an organization qualifies."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from cop.core.errors import ActionError
from cop.core.uploads import DOCUMENT_TYPES, MEGABYTE, CheckedUpload, check_upload
from members.kept_files import kept_name, kept_upload

MAX_DOCUMENT = 10 * MEGABYTE


class DocumentField(forms.FileField):
    """A photo or a PDF. The cleaned value is a CheckedUpload, or None."""

    limits: dict[str, Any] = {"allowed": DOCUMENT_TYPES, "max_bytes": MAX_DOCUMENT}

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        widget = forms.FileInput(attrs={"accept": "image/*,application/pdf"})
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> CheckedUpload | None:  # noqa: ANN401
        file = super().clean(data, initial)
        if not file:
            return None
        try:
            return check_upload(file, **self.limits)
        except ActionError as error:
            raise ValidationError(str(error)) from error


def document_field() -> DocumentField:
    return DocumentField(
        label=gettext_lazy("Photo or PDF"),
        help_text=gettext_lazy(
            "A phone photo of one page is enough. Cover dollar figures and client names first. "
            "Only reviewers and you can open it, and we delete it 90 days after the decision."
        ),
    )


class KeepsFile(forms.Form):
    """A form with a `document` that is not lost when something else needs another look.

    The view keeps what `new_file` gives, and hands its token to `keep`.
    """

    document = document_field()
    kept = forms.CharField(required=False, widget=forms.HiddenInput)

    person_id = ""

    @cached_property
    def kept_file(self) -> str:
        """The name of the file that is here from the try before."""
        token = self.data.get(self.add_prefix("kept"), "") if self.is_bound else ""
        return kept_name(self.person_id, token) if token else ""

    def new_file(self) -> CheckedUpload | None:
        """The file that came with this try, if it may be kept."""
        field = self.fields.get("document")
        if field is None:
            return None
        try:
            return field.clean(self.files.get(self.add_prefix("document")))
        except ValidationError:
            return None

    def keep(self, token: str) -> None:
        self.remember("kept", token)
        self.__dict__.pop("kept_file", None)

    def remember(self, name: str, value: str) -> None:
        """Hand it back in a hidden field."""
        self.data = self.data.copy()
        self.data[self.add_prefix(name)] = value

    def take_kept(self, data: dict[str, Any]) -> None:
        """The file of the try before, unless a new one came."""
        kept = data.pop("kept", "")
        if kept and not data.get("document") and "document" not in self.errors:
            limits = self.fields["document"].limits
            data["document"] = kept_upload(self.person_id, kept, **limits)
