"""The library: resources, what they were, who is in them, what people do with them."""

from library.models.audience import Visibility
from library.models.collections import Collection, CollectionItem
from library.models.credits import ResourceCredit
from library.models.imports import LibraryImport
from library.models.resources import Resource, resource_path
from library.models.using import Favourite, ResourceUse, ResourceWeek, TopicFollow
from library.models.versions import ResourceVersion
from library.models.words import SearchWord

__all__ = [
    "Collection",
    "CollectionItem",
    "Favourite",
    "LibraryImport",
    "Resource",
    "ResourceCredit",
    "ResourceUse",
    "ResourceVersion",
    "ResourceWeek",
    "SearchWord",
    "TopicFollow",
    "Visibility",
    "resource_path",
]
