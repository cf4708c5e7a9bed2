from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from newsletter.models.issues import NewsletterIssue


class IssueVersion(models.Model):
    """An issue as it stood after one save: who changed it, and what to go back to."""

    class How(models.TextChoices):
        DRAFTED = "drafted", _("Draft made")
        SAVED = "saved", _("Saved")
        AUTOSAVED = "autosaved", _("Saved by itself")
        RESTORED = "restored", _("Brought back")

    issue = models.ForeignKey(NewsletterIssue, models.CASCADE, related_name="versions")
    # The version of the issue that this save made.
    number = models.PositiveIntegerField(_("version"))
    how = models.CharField(_("how"), max_length=10, choices=How, default=How.SAVED)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("when"))
    # {"subject": …, "items": [{"pk": …, "title": …}, …]}: see newsletter.changes.
    content = models.JSONField()

    class Meta:
        verbose_name = _("version of an issue")
        verbose_name_plural = _("versions of issues")
        constraints = [
            models.UniqueConstraint(fields=["issue", "number"], name="issue_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.issue} v{self.number}"
