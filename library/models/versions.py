"""What a resource was before: kept and readable, with a note on what changed."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cop.core.scan import ScanState
from library.models.resources import resource_path


class ResourceVersion(models.Model):
    """The content of a resource up to the change after it. The present one is on the resource."""

    resource = models.ForeignKey("library.Resource", models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=160)
    body = models.TextField(_("text"), blank=True)
    url = models.URLField(_("link"), max_length=500, blank=True)
    file = models.FileField(_("file"), upload_to=resource_path, blank=True)
    file_name = models.CharField(_("file name"), max_length=160, blank=True)
    file_size = models.PositiveIntegerField(_("bytes"), null=True, blank=True)
    file_type = models.CharField(_("file type"), max_length=10, blank=True)
    scan_state = models.CharField(
        _("malware check"), max_length=10, choices=ScanState, default=ScanState.OFF
    )
    # What the version after this one changed.
    change_note = models.CharField(_("what changed"), max_length=300)
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    replaced_at = models.DateTimeField()

    class Meta:
        verbose_name = _("earlier version")
        verbose_name_plural = _("earlier versions")
        constraints = [
            models.UniqueConstraint(fields=["resource", "number"], name="resource_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.number}"
