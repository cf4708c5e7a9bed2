"""What members send in, from a phone: one thing, what it is, why it helps, who may see it (L7)."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from library.forms import KINDS, ResourceForm, What
from library.models import Resource

Kind, Rights = Resource.Kind, Resource.Rights
KIND_OF_FILE = {
    "mp3": Kind.RECORDING, "m4a": Kind.RECORDING, "mp4": Kind.RECORDING, "pptx": Kind.SLIDES,
    "odp": Kind.SLIDES,
}  # fmt: skip
# What comes first; the rest is under "More", and the librarian fills in what is left open.
FIRST = ("title", "summary", "visibility", "shows_people")
MORE = ("kind", "language", "topics", "sensitivity", "rights")


class SendForm(ResourceForm):
    """Nobody chooses first what it is: the one thing that is given says so."""

    what = forms.ChoiceField(choices=What, required=False, widget=forms.HiddenInput)
    shows_people = forms.BooleanField(
        label=_("Somebody can be seen or heard in it"),
        required=False,
        help_text=_("Then the librarian asks them before others see it."),
    )
    sensitivity = forms.ChoiceField(
        label=_("Should readers know something first?"),
        choices=Resource.Sensitivity,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        words = {
            "file": _("A photo or a file"), "url": _("Or a link"), "body": _("The text"),
            "title": _("What is it?"), "summary": _("Why does it help?"),
            "rights": _("Who made it?"),
        }  # fmt: skip
        for name, label in words.items():
            self.fields[name].label = label
        self.fields["summary"].widget.attrs["rows"] = 2
        self.fields["summary"].help_text = _("One or two lines: for whom, and when it helped you.")
        self.fields["language"].initial = (get_language() or "en")[:2]
        for name in ("kind", "rights"):
            self.fields[name].required = False
        kinds = KINDS if self.resource is None else self.fields["kind"].choices
        self.fields["kind"].choices = [("", _("Let the librarian choose")), *kinds]
        self.fields["kind"].initial = ""
        ours = _("Made by us; a link belongs to others")
        self.fields["rights"].choices = [("", ours), *Rights.choices]
        if self.resource is not None:
            self.initial["sensitivity"] = self.resource.sensitivity
            # Asked once: from then on the librarian keeps the list of who is in it.
            del self.fields["shows_people"]

    @property
    def first(self) -> list[Any]:
        return [self[name] for name in FIRST if name in self.fields]

    @property
    def more(self) -> list[Any]:
        return [self[name] for name in MORE]

    @property
    def more_is_open(self) -> bool:
        return any(name in self.errors for name in MORE)

    def chosen(self) -> str:
        return super().chosen() or next(iter(self._given()), "")

    def _given(self) -> list[str]:
        """Of file, link and text those that came; of a change those that are new."""
        came = {
            What.FILE: self.files.get(self.add_prefix("file")),
            What.LINK: self.data.get(self.add_prefix("url"), "").strip(),
            What.TEXT: self.data.get(self.add_prefix("body"), "").strip(),
        }
        given = [what for what, value in came.items() if value]
        if self.resource is None or len(given) < 2:
            return given
        old = {What.LINK: self.resource.url, What.TEXT: self.resource.body.strip()}
        return [what for what in given if came[what] != old.get(what)] or given

    def clean_what(self) -> str:
        return self.cleaned_data["what"] or self.chosen()

    def clean_sensitivity(self) -> str:
        return self.cleaned_data["sensitivity"] or Resource.Sensitivity.NONE

    def clean(self) -> dict[str, Any]:
        given = self._given()
        has_file = self.resource is not None and bool(self.resource.file)
        if not self.data.get(self.add_prefix("what")):
            if len(given) > 1:
                text = _("Give just one: a file, a link or a text. Send the other on its own.")
                self.add_error(given[1], text)
            elif not given and has_file:
                self.cleaned_data["what"] = What.FILE
            elif not given:
                self.add_error("file", _("Choose a photo or a file, or give a link or a text."))
        data = super().clean()
        if self.errors and What.FILE in given and "file" not in self.errors:
            self["file"].help_text = _("Choose the file once more: a page cannot hold it.")
        return data

    def values(self) -> dict[str, Any]:
        data = super().values()
        is_link = bool(data["url"])
        upload = data["upload"]
        by_file = KIND_OF_FILE.get(upload.type, Kind.TOOL) if upload else Kind.TOOL
        old = self.resource
        data["kind"] = data["kind"] or (old and old.kind) or (Kind.LINK if is_link else by_file)
        data["rights"] = data["rights"] or (Rights.LINK_ONLY if is_link else Rights.OWN)
        return data
