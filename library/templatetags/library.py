"""What the library shows on pages of other apps: {% load library %}."""

from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser

from cop.core.links import absolute
from library.models import Resource
from members.models import Community, User

register = template.Library()
ICONS = {
    "best_practice": "star",
    "guideline": "map",
    "tool": "clipboard-check",
    "policy_statement": "megaphone",
    "recording": "play-circle",
    "case_study": "chat-left-text",
    "meeting_notes": "journal-text",
    "slides": "layers",
    "research_summary": "lightbulb",
    "link": "link-45deg",
}


@register.inclusion_tag("library/_newest_resources.html")
def newest_resources(
    community: Community, person: User | AnonymousUser, number: int = 3
) -> dict[str, Any]:
    """{% newest_resources community request.user 3 %}: the newest this person may see."""
    rows = Resource.objects.visible_to(person).published().filter(community=community)
    rows = rows.defer("body").order_by("-published_at", "-pk")[:number]
    return {"resources": rows, "community": community}


@register.filter
def kind_icon(resource: Resource) -> str:
    return ICONS.get(resource.kind, "file-earmark-text")


@register.filter
def host(url: str) -> str:
    """https://www.example.org/a/b becomes example.org: where a link leads."""
    return url.partition("//")[2].partition("/")[0].rpartition("@")[2].removeprefix("www.")


@register.filter
def full_address(path: str) -> str:
    """/every-door/library/x/ with the name of the site before it."""
    return absolute(path)
