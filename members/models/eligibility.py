from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from cop.core.scan import ScanState
from members.files import evidence_path


class Criterion(models.Model):
    """One way for an organization to qualify. The active ones of a community are an OR list."""

    community = models.ForeignKey("members.Community", models.CASCADE, related_name="criteria")
    code = models.CharField(_("code"), max_length=20)
    label = models.CharField(_("name"), max_length=80)
    label_fr = models.CharField(_("name in French"), max_length=80, blank=True)
    help_text = models.TextField(_("what counts"))
    not_enough = models.TextField(_("what does not count"), blank=True)
    reference_label = models.CharField(_("reference asked for"), max_length=120)
    check_url = models.URLField(_("public listing to check"), blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("eligibility criterion")
        verbose_name_plural = _("eligibility criteria")
        constraints = [
            models.UniqueConstraint(fields=["community", "code"], name="criterion_code_once")
        ]

    def __str__(self) -> str:
        return self.label


class Evidence(models.Model):
    """A fact offered to meet a criterion, with its check."""

    class Kind(models.TextChoices):
        REFERENCE = "reference", _("Reference number")
        CERTIFICATE = "certificate", _("Certificate")
        PUBLIC_LISTING = "public_listing", _("Public listing")
        FUNDING_LETTER = "funding_letter", _("Funding letter")
        OTHER = "other", _("Other")

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("To be checked")
        DOUBTFUL = "doubtful", _("Doubtful")
        VERIFIED = "verified", _("Verified")
        REJECTED = "rejected", _("Rejected")
        UNDER_CHALLENGE = "under_challenge", _("Under challenge")
        EXPIRED = "expired", _("Expired")
        SUPERSEDED = "superseded", _("Superseded")
        REVOKED = "revoked", _("Revoked")

    class Method(models.TextChoices):
        PUBLIC_REGISTER = "public_register", _("Public register")
        ISSUER_CONTACT = "issuer_contact", _("Asked the issuer")
        DOCUMENT_ONLY = "document_only", _("Document only")
        KNOWN_TO_HOST = "known_to_host", _("Known to the host")

    public_id = PublicIdField()
    organization = models.ForeignKey(
        "members.Organization", models.PROTECT, related_name="evidence"
    )
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="evidence")
    application = models.ForeignKey(
        "members.MembershipApplication",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="evidence",
    )
    kind = models.CharField(_("kind"), max_length=15, choices=Kind, default=Kind.REFERENCE)
    reference = models.CharField(_("reference"), max_length=160, blank=True)
    issuer = models.CharField(_("issued by"), max_length=120, blank=True)
    document = models.FileField(_("document"), upload_to=evidence_path, blank=True)
    document_name = models.CharField(_("file name"), max_length=160, blank=True)
    scan_state = models.CharField(max_length=10, choices=ScanState, default=ScanState.OFF)
    document_purged_at = models.DateTimeField(null=True, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=15, choices=State, default=State.SUBMITTED)
    reason_code = models.CharField(_("reason"), max_length=30, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    submitted_at = models.DateTimeField(_("submitted"))
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    check_method = models.CharField(_("checked how"), max_length=15, choices=Method, blank=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="verified") | Q(checked_at__isnull=False),
                name="evidence_verified_was_checked",
            )
        ]

    def __str__(self) -> str:
        return f"{self.criterion.label} ({self.get_state_display()})"
