from collections.abc import Iterable
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from cop.desk import has_scanner, waiting_for
from cop.outgoing.scope import ROLES
from cop.proofs.access import may_proof_read
from members.models import Community, User

register = template.Library()


@register.inclusion_tag("admin/_waiting.html")
def desk_waiting(person: User) -> dict[str, Any]:
    """What waits for this person, on the start page of the desk."""
    return {"waiting": waiting_for(person, now=timezone.now()), "has_scanner": has_scanner()}


@register.simple_tag
def may_read_proofs(person: User) -> bool:
    return may_proof_read(person)


@register.filter
def handles_mail(person: User) -> bool:
    """May this person see what leaves, of some community?"""
    return person.is_superuser or Community.objects.staffed_by(person, *ROLES).exists()


@register.filter
def plans_meetings(person: User) -> bool:
    """Does this person plan the meetings of some community?"""
    mine = Community.objects.staffed_by(person, "coordinator", "facilitator")
    return person.is_superuser or mine.exists()


@register.filter
def with_labels(cells: Iterable[str], headers: list[dict[str, Any]]) -> list[SafeString]:
    """The cells of a row of the admin, each with the name of its column for narrow screens."""
    return [_labelled(cell, _label(one)) for cell, one in zip(cells, headers, strict=False)]


def _label(header: dict[str, Any]) -> str:
    """Escaped, and made once for all rows of the page."""
    if "label" not in header:
        header["label"] = escape(capfirst(strip_tags(str(header["text"])).strip()))
    return header["label"]


def _labelled(cell: str, label: str) -> SafeString:
    for tag in ("<td", "<th"):
        if label and cell.startswith(tag):
            # The cell comes escaped from Django, the label from above.
            return mark_safe(f'{tag} data-label="{label}"{cell[len(tag) :]}')  # noqa: S308
    return mark_safe(cell)  # noqa: S308
