"""What is in the library already: by title, by link, by the content of the file."""

import hashlib
from collections.abc import Iterable
from typing import IO

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from cop.core.storages import StorageAway
from cop.core.zipcheck import CHUNK
from library.models import Resource
from members.models import Community

State = Resource.State
# What is out of the library may come back.
GONE = (State.SUPERSEDED, State.WITHDRAWN, State.ARCHIVED)
MOST_COMPARED = 5


def print_of(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(CHUNK):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def known_titles(community: Community, titles: Iterable[str]) -> set[str]:
    wanted = {title.lower() for title in titles}
    rows = _here(community).annotate(small=Lower("title")).filter(small__in=wanted)
    return set(rows.values_list("small", flat=True))


def known_links(community: Community, urls: Iterable[str]) -> set[str]:
    rows = _here(community).filter(url__in=[url for url in urls if url])
    return set(rows.values_list("url", flat=True))


def same_file(community: Community, *, size: int, mark: str) -> str:
    """The title of a resource with this very file, or nothing."""
    rows = _here(community).filter(file_size=size).exclude(file="").order_by("pk")
    for row in rows.only("title", "file")[:MOST_COMPARED]:
        try:
            with row.file.open("rb") as file:
                if print_of(file) == mark:
                    return row.title
        except (OSError, StorageAway):
            continue
    return ""


def say_title() -> str:
    return _("Something with this title is in the library already.")


def say_link() -> str:
    return _("This link is in the library already.")


def say_file(title: str) -> str:
    return _("This very file is in the library already: “%(title)s”.") % {"title": title}


def say_line(number: int) -> str:
    return _("The same as line %(number)s.") % {"number": number}


def _here(community: Community) -> QuerySet[Resource]:
    return Resource.objects.filter(community=community).exclude(state__in=GONE)
