"""Many resources at once, from a folder packed as a ZIP: looked through first, then taken over."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField


def import_path(_row: Any, _name: str) -> str:  # noqa: ANN401
    import secrets

    return f"library-imports/{secrets.token_hex(16)}"


class LibraryImport(models.Model):
    class State(models.TextChoices):
        READING = "reading", _("Being looked through")
        READY = "ready", _("Ready to take over")
        RUNNING = "running", _("Being taken over")
        DONE = "done", _("Taken over")
        FAILED = "failed", _("Could not be read")

    public_id = PublicIdField()
    community = models.ForeignKey(
        "members.Community", models.CASCADE, related_name="+", verbose_name=_("community")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+",
        verbose_name=_("brought by"),
    )  # fmt: skip
    file = models.FileField(_("file"), upload_to=import_path, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.READING)
    # One entry per line of the table: what it would become, and what is wrong with it.
    rows = models.JSONField(default=list, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import into the library")
        verbose_name_plural = _("imports into the library")

    def __str__(self) -> str:
        return f"import {self.pk}"
