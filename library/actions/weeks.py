"""How often a resource was opened and taken in a week: numbers, and nobody behind them."""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection

from library.models import Resource

logger = logging.getLogger(__name__)
UPSERT = """
    INSERT INTO library_resourceweek AS week (resource_id, monday, opened, taken)
    VALUES (%(resource)s, %(monday)s, %(opened)s, %(taken)s)
    ON CONFLICT (resource_id, monday) DO UPDATE
    SET opened = week.opened + excluded.opened, taken = week.taken + excluded.taken
"""


def count_opened(*, resource: Resource, now: datetime) -> None:
    _count(resource, now, opened=1, taken=0)


def count_taken(*, resource: Resource, now: datetime) -> None:
    _count(resource, now, opened=0, taken=1)


def _count(resource: Resource, now: datetime, **numbers: int) -> None:
    """One statement. Where it cannot be written the page still comes, and the count is lost."""
    today = now.astimezone(ZoneInfo(resource.community.timezone)).date()
    monday = today - timedelta(days=today.weekday())
    try:
        with connection.cursor() as cursor:
            cursor.execute(UPSERT, {"resource": resource.pk, "monday": monday, **numbers})
    except DatabaseError as error:
        logger.warning("A visit was not counted: %s", type(error).__name__)
