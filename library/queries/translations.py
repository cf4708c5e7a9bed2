"""The same thing in the other languages, as far as this person may see it."""

from typing import TYPE_CHECKING

from django.db.models import Q

from library.models import Resource

if TYPE_CHECKING:
    from library.models.audience import ResourceQuerySet
    from members.access import Visitor


def translations_of(resource: Resource, person: "Visitor") -> "ResourceQuerySet":
    root = resource.translation_of_id or resource.pk
    family = Q(pk=root) | Q(translation_of=root)
    rows = Resource.objects.visible_to(person).published().filter(family)
    rows = rows.filter(community=resource.community_id).exclude(pk=resource.pk)
    return rows.order_by("language", "pk")


def possible_originals(resource: Resource) -> "ResourceQuerySet":
    """For the desk: what it may be the translation of."""
    rows = Resource.objects.filter(community=resource.community_id, translation_of=None)
    rows = rows.exclude(pk=resource.pk).exclude(language=resource.language)
    gone = [*Resource.GONE_STATES, Resource.State.ARCHIVED]
    return rows.exclude(state__in=gone).order_by("title", "pk")
