from typing import Any

from django import template
from django.utils import timezone

from cop.desk import has_scanner, waiting_for
from members.models import User

register = template.Library()


@register.inclusion_tag("admin/_waiting.html")
def desk_waiting(person: User) -> dict[str, Any]:
    """What waits for this person, on the start page of the desk."""
    return {"waiting": waiting_for(person, now=timezone.now()), "has_scanner": has_scanner()}
