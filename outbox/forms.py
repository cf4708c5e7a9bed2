from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from outbox.models import MailingList

# What each list means to the person who ticks it, in one sentence.
PROMISES = {
    MailingList.Kind.NEWSLETTER: _("Newsletter: what happened and what comes, every two months."),
    MailingList.Kind.WEEKLY_DIGEST: _(
        "Weekly digest: what is new, on Tuesdays, only when there is something."
    ),
    MailingList.Kind.INVITATIONS: _("Meeting invitations: one mail when a meeting is announced."),
}


class MailChoicesForm(forms.Form):
    """Which mail a person wants from one community. Validates; never saves."""

    def __init__(self, *args: Any, current: set[str], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["lists"] = forms.MultipleChoiceField(
            label=_("What may we send you?"),
            choices=list(PROMISES.items()),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            initial=sorted(current),
        )
