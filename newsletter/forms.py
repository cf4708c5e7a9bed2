from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from newsletter.items import ItemText
from newsletter.models import IssueItem, NewsletterIssue

STEP = 10


class IssueForm(forms.Form):
    subject = forms.CharField(
        label=_("Subject"),
        max_length=160,
        required=False,
        help_text=_("What the mail is called in people's inbox. Name what is in it."),
    )
    intro = forms.CharField(
        label=_("Opening words"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Two or three sentences. **bold**, lists and [links](https://…) work."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class ItemForm(forms.Form):
    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    is_included = forms.BooleanField(label=_("In"), required=False, initial=True)
    position = forms.IntegerField(label=_("Order"), required=False, min_value=0, max_value=9999)
    title = forms.CharField(label=_("Title"), max_length=160, required=False)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    edition = forms.ChoiceField(
        label=_("For whom"), choices=IssueItem.Edition.choices, initial=IssueItem.Edition.PUBLIC
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        is_new = not values.get("pk")
        if not values.get("title") and (values.get("text") or not is_new):
            self.add_error("title", _("Give it a title."))
        return values


ItemFormSet = forms.formset_factory(ItemForm, extra=1, max_num=300)


def forms_for(issue: NewsletterIssue, items: Iterable[IssueItem]) -> tuple[IssueForm, Any]:
    initial = {"subject": issue.subject, "intro": issue.intro, "version": issue.version}
    names = ("pk", "is_included", "position", "title", "text", "edition")
    rows = [{name: getattr(item, name) for name in names} for item in items]
    return IssueForm(initial=initial), ItemFormSet(initial=rows, prefix="items")


def item_texts(formset: Any) -> list[ItemText]:  # noqa: ANN401  a formset of ItemForm
    """What the actions take. An empty last row is no item; a new one without a number goes last."""
    rows = [row for row in formset.cleaned_data if row.get("title")]
    last = max((row["position"] or 0 for row in rows), default=0)
    return [
        ItemText(
            pk=row["pk"],
            title=row["title"],
            text=row["text"],
            position=last + STEP if row["position"] is None else row["position"],
            is_included=row["is_included"],
            edition=row["edition"],
        )
        for row in rows
    ]
