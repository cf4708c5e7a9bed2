"""A topic as members type it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings.models import TopicProposal


class TopicForm(forms.ModelForm):
    class Meta:
        model = TopicProposal
        fields = ["title", "description", "wished_kind", "show_name"]
        labels = {
            "title": _("What should we talk about?"),
            "description": _("A few words about it (optional)"),
            "wished_kind": _("How would you like it?"),
            "show_name": _("Show my name to members"),
        }
        help_texts = {
            "title": _("In a few words, such as: sleep after night shifts."),
            "description": _("What makes it matter to you? No names, no houses, no clients."),
            "show_name": _(
                "Without this, members see only that a member proposed it. Coordinators know."
            ),
        }
        widgets = {
            "description": forms.Textarea(attrs={"rows": 4}),
            "wished_kind": forms.RadioSelect,
        }
