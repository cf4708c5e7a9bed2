from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = _("Meetings")

    def ready(self) -> None:
        post_migrate.connect(_load_formats, sender=self)


def _load_formats(using: str = "default", **kwargs: Any) -> None:  # noqa: ANN401
    """Formats are data that every installation has; an older state of the tables has none."""
    from meetings.actions.formats import load_house_formats

    tables = connections[using].introspection.table_names()
    if using == "default" and "meetings_formatstep" in tables:
        load_house_formats()
