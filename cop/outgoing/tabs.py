"""The tabs over all pages about mail."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _


def mail_tabs(current: str = "") -> dict[str, Any]:
    tabs = [
        ("board", _("This week"), reverse("outgoing_board")),
        ("look", _("Needs a look"), reverse("outgoing_look")),
        ("why", _("Why did somebody not get it?"), reverse("outgoing_why")),
        ("all", _("All mail"), reverse("admin:outbox_delivery_changelist")),
    ]
    return {"tabs": tabs, "tab": current}
