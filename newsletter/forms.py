from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import Community, Membership
from newsletter.items import HEAD, WORDS, IssueText, ItemText
from newsletter.models import IssueItem, NewsletterIssue
from newsletter.rules import MAX_ITEMS

STEP = 10
OWN_KINDS = [(kind.value, kind.label) for kind in IssueItem.OWN]


class IssueForm(forms.Form):
    subject = forms.CharField(
        label=_("Subject"),
        max_length=160,
        required=False,
        help_text=_("What the mail is called in people's inbox. Name what is in it."),
    )
    subject_fr = forms.CharField(label=_("Subject in French"), max_length=160, required=False)
    intro = forms.CharField(
        label=_("Opening words"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Two or three sentences. **bold**, lists and [links](https://…) work."),
    )
    intro_fr = forms.CharField(
        label=_("Opening words in French"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class ItemForm(forms.Form):
    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=OWN_KINDS, required=False, initial=IssueItem.Kind.OWN_TEXT
    )
    is_included = forms.BooleanField(label=_("In"), required=False, initial=True)
    position = forms.IntegerField(label=_("Order"), required=False, min_value=0, max_value=9999)
    title = forms.CharField(label=_("Title"), max_length=160, required=False)
    title_fr = forms.CharField(label=_("Title in French"), max_length=160, required=False)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    text_fr = forms.CharField(
        label=_("Text in French"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    edition = forms.ChoiceField(
        label=_("For whom"), choices=IssueItem.Edition.choices, initial=IssueItem.Edition.PUBLIC
    )
    path = forms.CharField(
        label=_("Link"),
        max_length=500,
        required=False,
        help_text=_("A whole address: https://…"),
    )
    about = forms.CharField(
        label=_("Whom it is about"),
        max_length=254,
        required=False,
        help_text=_("Their name or e-mail address. Their yes is needed before the issue leaves."),
    )
    person = forms.IntegerField(required=False, widget=forms.HiddenInput)
    alt = forms.CharField(
        label=_("What the picture shows"),
        max_length=250,
        required=False,
        help_text=_("One sentence, for people who do not see it."),
    )
    alt_fr = forms.CharField(
        label=_("What the picture shows, in French"), max_length=250, required=False
    )

    def __init__(self, *args: Any, community: Community, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.community = community

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        is_new = not values.get("pk")
        written = values.get("title") or values.get("title_fr")
        if not written and (values.get("text") or values.get("text_fr") or not is_new):
            self.add_error("title", _("Give it a title."))
        if "about" in values and self._is_posted("about"):
            values["person"] = self._find_person(values["about"].strip(), values.get("person"))
        return values

    def _is_posted(self, name: str) -> bool:
        return self.add_prefix(name) in self.data

    def _find_person(self, words: str, known: int | None) -> int | None:
        """Whoever is meant. Two of the same name: only the address tells them apart."""
        if not words:
            return None
        current = self.community.memberships.filter(
            state__in=Membership.CURRENT_STATES, person__is_active=True
        )
        by_address = current.filter(person__email=words)
        by_name = current.filter(person__display_name__iexact=words)
        rows = by_address if "@" in words else by_name
        found = sorted(set(rows.values_list("person", flat=True)[:3]))
        if known in found:
            return known
        if len(found) == 1:
            return found[0]
        self.add_error(
            "about",
            _("Several people are called so. Write their e-mail address.")
            if found
            else _("Nobody who belongs to the community is called so."),
        )
        return known


ItemFormSet = forms.formset_factory(
    ItemForm, extra=1, max_num=MAX_ITEMS + 1, absolute_max=MAX_ITEMS + 20
)


def forms_for(issue: NewsletterIssue, items: Iterable[IssueItem]) -> tuple[IssueForm, Any]:
    initial = {name: getattr(issue, name) for name in (*HEAD, "version")}
    rows = [_initial(item) for item in items]
    formset = ItemFormSet(initial=rows, prefix="items", form_kwargs={"community": issue.community})
    return IssueForm(initial=initial), formset


def bound_forms(issue: NewsletterIssue, data: Any) -> tuple[IssueForm, Any]:  # noqa: ANN401
    formset = ItemFormSet(data, prefix="items", form_kwargs={"community": issue.community})
    return IssueForm(data), formset


def _initial(item: IssueItem) -> dict[str, Any]:
    names = ("pk", "kind", "is_included", "position", "title", "title_fr", "text", "text_fr",
             "edition", "path")  # fmt: skip
    row = {name: getattr(item, name) for name in names}
    row |= {"person": item.person_id, "about": str(item.person) if item.person else ""}
    if item.picture:
        row |= {"alt": item.picture.alt, "alt_fr": item.picture.alt_fr}
    return row


def written_text(form: IssueForm, formset: Any, present: IssueText) -> IssueText:  # noqa: ANN401
    """What the actions take, out of two valid forms. A field that was not on the page keeps its
    value; an empty last row is no item; a new item without a number goes last."""
    known = {item.pk: item for item in present.items}
    rows = [row for row in formset if row.cleaned_data.get("title") or row.cleaned_data.get("pk")
            or row.cleaned_data.get("title_fr")]  # fmt: skip
    last = max((row.cleaned_data["position"] or 0 for row in rows), default=0)
    items = []
    for row in rows:
        values = row.cleaned_data
        item = known.get(values["pk"]) or ItemText(
            values["pk"], "", kind=values["kind"] or IssueItem.Kind.OWN_TEXT
        )
        asked = [name for name in WORDS if name in values and _was_there(row, name)]
        item = replace(item, **{name: values[name] for name in asked})
        if values["position"] is None:
            last += STEP
            item = replace(item, position=last)
        items.append(item)
    head = {name: form.cleaned_data[name] for name in HEAD if form.add_prefix(name) in form.data}
    return replace(present, items=tuple(items), **head)


def _was_there(row: ItemForm, name: str) -> bool:
    """A box without a tick is posted as nothing at all."""
    if name == "is_included":
        return True
    if name == "person":
        return row.add_prefix("about") in row.data
    return row.add_prefix(name) in row.data
