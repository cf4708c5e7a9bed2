"""manage.py reindex_library: after a change of what the search is made of."""

from typing import Any

from django.core.management.base import BaseCommand

from library.actions.indexing import reindex
from library.models import Resource


class Command(BaseCommand):
    help = "Write the search words of every resource anew. Safe to stop and to run again."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        rows = Resource.objects.select_related("community").order_by("pk")
        number = 0
        for resource in rows.iterator(chunk_size=50):
            reindex(resource)
            number += 1
        self.stdout.write(f"{number} resources.")
