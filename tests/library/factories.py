from datetime import timedelta
from itertools import count
from typing import Any

from library.models import Resource
from members.models import Community
from tests.factories import NOW

_numbers = count(1)


def make_resource(community: Community, **fields: Any) -> Resource:
    """A published link for everybody, unless told otherwise; each a minute newer than the last."""
    number = next(_numbers)
    values = {
        "kind": "tool",
        "title": f"Tool {number}",
        "summary": "What it is and for whom.",
        "language": "en",
        "visibility": "public",
        "state": "published",
        "published_at": NOW + timedelta(minutes=number),
    } | fields
    if not (values.get("file") or values.get("body")):
        values.setdefault("url", "https://tools.example/card")
    if values["state"] in {"in_review", "returned", "draft"}:
        values["published_at"] = None
    return Resource.objects.create(community=community, **values)
