from django.db import models
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from newsletter.models.issues import NewsletterIssue


class IssueLink(models.Model):
    """One address in a sent issue, and how often it was followed. Nobody is remembered."""

    public_id = PublicIdField()
    issue = models.ForeignKey(NewsletterIssue, models.CASCADE, related_name="links")
    url = models.CharField(_("address"), max_length=2000)
    # What the report calls it.
    label = models.CharField(_("label"), max_length=200, blank=True)
    clicks = models.PositiveIntegerField(_("clicks"), default=0)

    class Meta:
        verbose_name = _("link of an issue")
        verbose_name_plural = _("links of issues")
        constraints = [models.UniqueConstraint(fields=["issue", "url"], name="issue_link_once")]

    def __str__(self) -> str:
        return self.label or self.url


class LinkCheck(models.Model):
    """Whether an address in an issue answered when it was last asked."""

    issue = models.ForeignKey(NewsletterIssue, models.CASCADE, related_name="link_checks")
    url = models.CharField(_("address"), max_length=2000)
    # None: not asked yet.
    works = models.BooleanField(_("works"), null=True)
    answer = models.CharField(_("answer"), max_length=120, blank=True)
    checked_at = models.DateTimeField(_("asked"), null=True, blank=True)

    class Meta:
        verbose_name = _("check of a link")
        verbose_name_plural = _("checks of links")
        constraints = [models.UniqueConstraint(fields=["issue", "url"], name="link_check_once")]

    def __str__(self) -> str:
        return self.url
