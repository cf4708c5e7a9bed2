from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cop.core.errors import ActionError
from cop.core.uploads import CheckedUpload, check_upload
from library.actions import check_not_wider
from library.captions import Cue, read_captions
from library.forms import ReasonForm, clean_topics
from library.models import Resource
from library.steps import CHECKS, Step
from members.models import RoleGrant, Stream, User
from members.models.communities import current_grant


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
    new_captions = forms.FileField(
        label=_("Captions"), required=False,
        help_text=_("WebVTT (.vtt). They become the transcript too, if there is none."),
    )  # fmt: skip
    new_file = forms.FileField(
        label=_("Another file"), required=False,
        help_text=_("Takes the place of the present link, text or file."),
    )  # fmt: skip

    audience_tags = forms.CharField(
        label=_("For whom"), required=False, max_length=300,
        help_text=_("With commas between them: front line, managers …"),
    )  # fmt: skip
    change_note = forms.CharField(
        label=_("What changed"), required=False, max_length=300,
        help_text=_("One line for those who read the earlier version. Needed when the content of "
                    "something published changes; the earlier one stays readable."),
    )  # fmt: skip

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Resource
        fields = [
            "title", "summary", "kind", "language", "visibility", "rights", "source", "url", "body",
            "sensitivity", "sensitivity_note", "reading_minutes", "review_due_on", "publisher",
            "edition", "date_of_source", "is_external", "evidence", "publisher_note", "used_where",
            "limits", "organization", "organization_consent", "transcript", "chapters",
            "expires_on", "stream", "steward",
        ]  # fmt: skip
        widgets = {
            name: forms.Textarea(attrs={"rows": 3})
            for name in ("summary", "used_where", "limits", "chapters")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        for name in ("topics", "audience_tags"):
            if name in self.fields and self.instance.pk:
                self.initial[name] = ", ".join(getattr(self.instance, name))
        if "seen" in self.fields:
            self.initial["seen"] = self.instance.version
        for name in ("url", "topics", "audience_tags", "change_note"):
            if name in self.fields:
                self.fields[name].widget.attrs["class"] = "vTextField"
        for name in {"organization", "stream", "steward"} & self.fields.keys():
            widget = self.fields[name].widget
            widget.can_add_related = widget.can_change_related = widget.can_view_related = False
        self._offer_own()
        # The row is checked as it was; the form may not change it before the action does.
        self.before = Resource.objects.get(pk=self.instance.pk) if self.instance.pk else None

    def _offer_own(self) -> None:
        """Streams of this community, people who look after its library."""
        community = self.instance.community_id
        if "stream" in self.fields:
            self.fields["stream"].queryset = Stream.objects.filter(community=community)
        if "steward" in self.fields:
            keepers = RoleGrant.objects.filter(
                current_grant(), community=community, role__in=Resource.KEEPER_ROLES
            )
            self.fields["steward"].queryset = User.objects.filter(
                Q(pk__in=keepers.values("person")) | Q(pk=self.instance.steward_id)
            )

    def clean_audience_tags(self) -> list[str]:
        return clean_topics(self.cleaned_data["audience_tags"])

    def clean_topics(self) -> list[str]:
        return clean_topics(self.cleaned_data["topics"])

    def clean_new_captions(self) -> list[Cue]:
        file = self.cleaned_data["new_captions"]
        try:
            return read_captions(file) if file else []
        except ActionError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_new_file(self) -> CheckedUpload | None:
        return _checked(self.cleaned_data["new_file"])

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
        if not self.errors and self._changes_what_is_read(data) and not data.get("change_note"):
            self.add_error("change_note", _("Say in a line what changed."))
        return data

    def _changes_what_is_read(self, data: dict[str, Any]) -> bool:
        if self.before is None or not self.before.is_shown:
            return False
        changed = any(data.get(name) and data[name] != getattr(self.before, name)
                      for name in ("url", "body"))  # fmt: skip
        return bool(data.get("new_file")) or changed

    def _post_clean(self) -> None:
        """Leave the row alone: the action sets its fields and the database checks them."""


class NothingForm(forms.Form):
    """Asks no more than: really?"""

    def words(self) -> dict[str, Any]:
        return {}


class WhyForm(ReasonForm):
    def words(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


class VersionForm(forms.Form):
    """What comes in the place of the present content, and what is different about it."""

    new_file = forms.FileField(label=_("The new file"), required=False)
    url = forms.URLField(
        label=_("Or the new link"), required=False, max_length=500, assume_scheme="https"
    )
    body = forms.CharField(
        label=_("Or the new text"), required=False, max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 12}),
    )  # fmt: skip
    change_note = forms.CharField(
        label=_("What changed"), max_length=300,
        help_text=_("One line. Readers see it beside the earlier version."),
    )  # fmt: skip
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, resource: Resource, **kwargs: Any) -> None:  # noqa: ANN401
        now = {"seen": resource.version, "body": resource.body}
        super().__init__(*args, initial=now, **kwargs)
        self.before = resource
        wide = {"url": "vTextField", "body": "vLargeTextField", "change_note": "vTextField"}
        for name, look in wide.items():
            self.fields[name].widget.attrs["class"] = look

    def clean_new_file(self) -> CheckedUpload | None:
        return _checked(self.cleaned_data["new_file"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        # The present text stands there to be changed: a file or a link takes its place.
        if (data.get("new_file") or data.get("url")) and data.get("body") == self.before.body:
            data["body"] = ""
        given = [data.get("new_file"), data.get("url"), data.get("body")]
        if not self.errors and sum(map(bool, given)) != 1:
            raise forms.ValidationError(_("Give exactly one: a link, a file or a text."))
        return data

    def words(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        upload = data.pop("new_file")
        return data | {"upload": upload}


def _checked(file: Any) -> CheckedUpload | None:  # noqa: ANN401
    try:
        return check_upload(file) if file else None
    except ActionError as error:
        raise forms.ValidationError(str(error)) from error


class SuccessorForm(forms.Form):
    successor = forms.ModelChoiceField(label=_("The new one"), queryset=None)

    def __init__(self, *args: Any, resource: Resource, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        others = Resource.objects.published().filter(community=resource.community_id)
        self.fields["successor"].queryset = others.exclude(pk=resource.pk).order_by("title", "pk")

    def words(self) -> dict[str, Any]:
        return {"successor": self.cleaned_data["successor"]}


class ChecksForm(forms.Form):
    """What only a person can see, each line to be ticked: together they are the signature."""

    def __init__(self, *args: Any, checks: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        for number, text in enumerate(checks):
            self.fields[f"check{number}"] = forms.BooleanField(label=text)

    def words(self) -> dict[str, Any]:
        return {"is_checked": bool(self.fields)}


def step_form(step: Step, resource: Resource, data: Any, files: Any) -> Any:  # noqa: ANN401
    if step.asks == "content":
        return VersionForm(data, files, resource=resource)
    if step.asks == "successor":
        return SuccessorForm(data, resource=resource)
    if step.asks == "checks":
        return ChecksForm(data, checks=CHECKS.get(resource.kind, []))
    return WhyForm(data) if step.asks == "reason" else NothingForm(data)
