"""What is new in the library for everybody, as Atom (RFC 4287)."""

from datetime import datetime
from typing import Any

from django.db.models import Max

from library.models import Resource
from members.models import Community

NEWEST = 30


def public_rows(community: Community) -> Any:  # noqa: ANN401  a ResourceQuerySet
    """Open to everybody and in the library. The feed knows no reader."""
    from django.contrib.auth.models import AnonymousUser

    rows = Resource.objects.visible_to(AnonymousUser()).published()
    return rows.filter(community=community)


def last_change(community: Community) -> datetime | None:
    found: datetime | None = public_rows(community).aggregate(last=Max("published_at"))["last"]
    return found


def newest(community: Community) -> list[Resource]:
    rows = public_rows(community).defer("body", "transcript", "words")
    return list(rows.order_by("-published_at", "-pk")[:NEWEST])
