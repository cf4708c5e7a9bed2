"""Collections with what this reader may see of them."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import get_language

from library.models import Collection, CollectionItem, Resource
from members.access import Visitor
from members.models import Community, Membership

# How long somebody is new.
FIRST_DAYS = 60


@dataclass(frozen=True)
class Shelf:
    """A collection as one reader sees it; what they may not see is not even counted."""

    collection: Collection
    items: list[CollectionItem]

    @property
    def title(self) -> str:
        return said(self.collection, "title")

    @property
    def summary(self) -> str:
        return said(self.collection, "summary")


def said(collection: Collection, name: str) -> str:
    """In the language of the page, if there are words in it."""
    french = getattr(collection, f"{name}_fr") if get_language() == "fr" else ""
    return french or getattr(collection, name)


def shelves(person: Visitor, community: Community, **only: object) -> list[Shelf]:
    """Published collections in which this reader sees anything. Two statements."""
    rows = Collection.objects.visible_to(person).filter(community=community, **only)
    found = list(rows.order_by("-is_starter", "title", "pk"))
    visible = Resource.objects.visible_to(person).published().filter(community=community)
    items = (
        CollectionItem.objects.filter(collection__in=found, resource__in=visible.values("pk"))
        .select_related("resource")
        .defer(
            "resource__body", "resource__transcript", "resource__file_text", "resource__words",
            "resource__head", "resource__search",
        )
        .order_by("order", "pk")
    )  # fmt: skip
    of_collection: dict[int, list[CollectionItem]] = {}
    for item in items:
        of_collection.setdefault(item.collection_id, []).append(item)
    return [Shelf(one, of_collection[one.pk]) for one in found if one.pk in of_collection]


def is_new_here(person: Visitor, community: Community, today: date) -> bool:
    """A member of the first weeks."""
    if not person.is_authenticated:
        return False
    return Membership.objects.filter(
        community=community, person=person, state__in=Membership.CURRENT_STATES,
        joined_on__gte=today - timedelta(days=FIRST_DAYS),
    ).exists()  # fmt: skip
