"""Texts that only some may read: whether the recipient still belongs is asked when the mail leaves.

Who belongs is known further right; an app says so here once, when it starts. A batch names its
circle by the last part of its key.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from outbox.models import Delivery


@dataclass(frozen=True)
class Circle:
    """`belongs`: SQL about the row `d` of outbox_delivery, with {today}. Empty: everybody."""

    name: str
    belongs: str


EVERYBODY = Circle("", "")
# How keys of batches begin -> its circles, narrowest first.
_rings: dict[str, list[Circle]] = {}


def register_circles(prefix: str, rings: Mapping[str, str]) -> None:
    """`rings`: the last part of a key -> the condition. Narrowest first."""
    _rings[prefix] = [Circle(name, belongs) for name, belongs in rings.items()]


def circle_of(key: str) -> Circle:
    prefix, ending = key.partition(":")[0], key.rpartition(":")[2]
    found = (one for one in _rings.get(f"{prefix}:", []) if one.name == ending)
    return next(found, EVERYBODY)


def wider_keys(key: str) -> Iterator[tuple[str, Circle]]:
    """The keys of the batches with the same news for more people, the next one first."""
    prefix, (head, _colon, ending) = key.partition(":")[0], key.rpartition(":")
    names = [one.name for one in _rings.get(f"{prefix}:", [])]
    if ending in names:
        for one in _rings[f"{prefix}:"][names.index(ending) + 1 :]:
            yield f"{head}:{one.name}", one


def belongs(delivery: Delivery, circle: Circle, *, now: datetime) -> bool:
    """The same question as the fence asks, by itself."""
    if not circle.belongs or delivery.person_id is None:
        return not circle.belongs
    condition = circle.belongs.format(today="%(today)s")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM outbox_delivery d WHERE d.id = %(id)s AND {condition}",  # noqa: S608
            {"id": delivery.pk, "today": now.date()},
        )
        return cursor.fetchone() is not None
