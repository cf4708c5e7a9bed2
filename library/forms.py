from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cop.core.errors import ActionError
from cop.core.formfields import OneLineField, WordsField
from cop.core.uploads import MEGABYTE, CheckedUpload, accept_attribute, check_upload
from library.models import Resource, Visibility

MAX_TOPICS = 6
# What members send in. A policy statement comes out of an endorsement by members.
KINDS = [choice for choice in Resource.Kind.choices if choice[0] != "policy_statement"]


class What(models.TextChoices):
    LINK = "url", _("A link")
    FILE = "file", _("A file or a photo")
    TEXT = "body", _("A text I write here")


class ResourceForm(forms.Form):
    """Link, file or text, and what a reader needs to find and trust it."""

    what = forms.ChoiceField(
        label=_("What is it?"), choices=What, widget=forms.RadioSelect, initial=What.LINK
    )
    url = forms.CharField(
        label=_("The link"),
        required=False,
        max_length=500,
        widget=forms.URLInput(attrs={"inputmode": "url", "placeholder": "https://"}),
    )
    file = forms.FileField(
        label=_("The file"),
        required=False,
        # The check of files has a better sentence for it.
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": accept_attribute()}),
        help_text=_(
            "PDF, Word, PowerPoint, Excel, a photo, sound or video, up to 50 MB. We take the place "
            "and the device out of photos. Leave out names of clients."
        ),
    )
    body = WordsField(
        label=_("The text"),
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("An empty line starts a new paragraph; a line with “- ” becomes a list."),
    )
    title = OneLineField(label=_("Title"), max_length=160)
    summary = WordsField(
        label=_("Summary in plain words"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Two or three sentences: what it is, for whom, and when it helped you."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, initial=Resource.Kind.TOOL)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    topics = forms.CharField(
        label=_("Topics"),
        required=False,
        max_length=300,
        help_text=_("One to six words that others would look for, with commas between them."),
    )
    visibility = forms.ChoiceField(
        label=_("Who may see it"),
        choices=Visibility,
        initial=Visibility.MEMBERS_AND_ALLIES,
        widget=forms.RadioSelect,
        help_text=_("Nobody can open it to more people later without asking you."),
    )
    rights = forms.ChoiceField(
        label=_("Who made it, and may others use it?"), choices=Resource.Rights
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        narrowest: bool = True,
        resource: Resource | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        """`narrowest`: may choose “members only” (an ally would shut out themselves)."""
        self.resource = resource
        if resource is not None:
            kwargs["initial"] = initial_of(resource)
        super().__init__(*args, **kwargs)
        if not narrowest:
            self.fields["visibility"].choices = [
                choice for choice in Visibility.choices if choice[0] != Visibility.MEMBERS
            ]
        if resource is not None and resource.kind not in dict(KINDS):
            self.fields["kind"].choices = Resource.Kind.choices
        if resource is not None and resource.file:
            text = _("We have “%(name)s”. Choose another to replace it.")
            self.fields["file"].help_text = text % {"name": resource.file_name}

    def chosen(self) -> str:
        return self.data.get(self.add_prefix("what"), "")

    def clean_url(self) -> str:
        url = self.cleaned_data["url"].strip()
        if not url or self.chosen() != What.LINK:
            return ""
        url = url if "://" in url else f"https://{url}"
        URLValidator(
            schemes=["http", "https"],
            message=_("This does not look like the address of a page. It starts with https://."),
        )(url)
        if urlsplit(url).username is not None:
            raise ValidationError(
                _("This link has a name or a password in it. Take that part out first.")
            )
        return url

    def clean_file(self) -> CheckedUpload | None:
        file = self.cleaned_data["file"]
        if file is None or self.chosen() != What.FILE:
            return None
        try:
            return check_upload(file, max_bytes=50 * MEGABYTE)
        except ActionError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_topics(self) -> list[str]:
        return clean_topics(self.cleaned_data["topics"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        what = data.get("what")
        kept = what == What.FILE and self.resource is not None and bool(self.resource.file)
        if what and what not in self.errors and not data.get(what) and not kept:
            self.add_error(what, MISSING[what])
        if data.get("rights") == Resource.Rights.LINK_ONLY and what and what != What.LINK:
            text = _("What belongs to others can only be a link. Give the link to it instead.")
            self.add_error("rights", text)
        if what != What.TEXT:
            data["body"] = ""
        return data

    def values(self) -> dict[str, Any]:
        """What the actions take."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "what"}
        data["upload"] = data.pop("file")
        return data


MISSING = {
    What.LINK: _("Paste the link here, or choose a file or a text above."),
    What.FILE: _("Choose the file, or choose a link or a text above."),
    What.TEXT: _("Write the text here, or choose a link or a file above."),
}


def clean_topics(text: str) -> list[str]:
    """Comma-separated words as a short list without doubles, in small letters."""
    words = [" ".join(word.split()).lower()[:60] for word in text.split(",")]
    topics = list(dict.fromkeys(word for word in words if word))
    if len(topics) > MAX_TOPICS:
        raise forms.ValidationError(_("Six topics at most. Keep the ones others would look for."))
    return topics


def initial_of(resource: Resource) -> dict[str, Any]:
    what = What.LINK if resource.url else What.TEXT if resource.body else What.FILE
    names = ("url", "body", "title", "summary", "kind", "language", "visibility", "rights")
    return {name: getattr(resource, name) for name in names} | {
        "what": what,
        "topics": ", ".join(resource.topics),
    }


class ReasonForm(forms.Form):
    """The words that the sender, or the next reader, will see."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 4, "cols": 60})
    )


class StoryForm(forms.Form):
    """One line for the next house."""

    story = OneLineField(
        label=_("What did you change for your house?"), max_length=280, required=False
    )
