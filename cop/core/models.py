from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """Who did what, when and why. Append-only: a database trigger refuses any change.

    Ids and states only, never a name or an address. The one way to change a row is the
    database function `core_erase_person(user_id)`, which replaces a person by nobody.
    """

    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("who"),
    )
    action = models.CharField(_("what"), max_length=60)
    object_type = models.CharField(_("of what kind"), max_length=60)
    object_id = models.CharField(_("on which"), max_length=40)
    # The public id of the community, so that its staff read their own history only.
    scope = models.CharField(_("community"), max_length=20, blank=True)
    old = models.CharField(_("before"), max_length=60, blank=True)
    new = models.CharField(_("after"), max_length=60, blank=True)
    reason = models.TextField(_("why"), blank=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="audit_by_object"),
            models.Index(fields=["scope", "-at"], name="audit_by_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"
