from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from outbox.models import MailingList

# What each list means to the person who ticks it, in one sentence.
PROMISES = {
    MailingList.Kind.NEWSLETTER.value: _(
        "Newsletter: every two months, what we did and what comes."
    ),
    MailingList.Kind.WEEKLY_DIGEST.value: _(
        "Weekly digest: on Tuesdays, only when there is something new."
    ),
    MailingList.Kind.INVITATIONS.value: _(
        "Meeting invitations: one mail when a meeting gets its date."
    ),
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
