from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from members.files import import_path


class ImportRun(models.Model):
    """A list of organizations or people from a table: looked through first, then taken over whole.

    The file is deleted when the run has ended. The counts stay.
    """

    class Kind(models.TextChoices):
        ORGANIZATIONS = "organizations", _("Organizations")
        PEOPLE = "people", _("People")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        LOOKING = "looking", _("Being looked through")
        READY = "ready", _("Ready: look at what would change")
        RUNNING = "running", _("Being taken over")
        DONE = "done", _("Taken over")
        REFUSED = "refused", _("Nothing was taken over")
        CANCELLED = "cancelled", _("Cancelled")

    public_id = PublicIdField()
    community = models.ForeignKey("members.Community", models.CASCADE, related_name="imports")
    kind = models.CharField(_("what"), max_length=15, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    file = models.FileField(_("file"), upload_to=import_path, blank=True)
    file_name = models.CharField(_("file name"), max_length=160)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    # Counts by what would happen, and the first rows of each with row numbers; ids, no addresses.
    report = models.JSONField(default=dict, blank=True)
    failure = models.TextField(blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.file_name}"
