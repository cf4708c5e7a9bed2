from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from cop.core.scan import ScanState
from cop.core.text import localized
from members.files import evidence_path


class EvidenceKind(models.TextChoices):
    """What people show for it."""

    REFERENCE = "reference", _("Reference number")
    CERTIFICATE = "certificate", _("Certificate")
    PUBLIC_LISTING = "public_listing", _("Public listing")
    FUNDING_LETTER = "funding_letter", _("Funding letter")
    AGREEMENT_EXTRACT = "agreement_extract", _("First and last page of an agreement")
    FUNDER_EMAIL = "funder_email", _("Mail from the funder")
    OTHER = "other", _("Other")


class Criterion(models.Model):
    """One way for an organization to qualify. The active ones of a community are an OR list."""

    class Level(models.TextChoices):
        ORGANIZATION = "organization", _("The organization as a whole")
        SITE = "site", _("One house or centre")

    class Validity(models.TextChoices):
        NEXT_31_MARCH = "next_31_march", _("Until the next 31 March")
        PERIOD = "period", _("To the end of the period, else twelve months")
        TWELVE_MONTHS = "twelve_months", _("Looked at again after twelve months")

    class Doubt(models.TextChoices):
        NONE = "none", _("No question")
        SOCIETY_NUMBER = "society_number", _("Ask when it looks like a society or charity number")

    community = models.ForeignKey("members.Community", models.CASCADE, related_name="criteria")
    code = models.CharField(_("code"), max_length=20)
    label = models.CharField(_("name"), max_length=80)
    label_fr = models.CharField(_("name in French"), max_length=80, blank=True)
    help_text = models.TextField(_("what counts"))
    help_text_fr = models.TextField(_("what counts, in French"), blank=True)
    examples = models.TextField(_("examples"), blank=True)
    examples_fr = models.TextField(_("examples in French"), blank=True)
    not_enough = models.TextField(_("what does not count"), blank=True)
    not_enough_fr = models.TextField(_("what does not count, in French"), blank=True)
    level = models.CharField(
        _("shown by"), max_length=12, choices=Level, default=Level.ORGANIZATION
    )
    accepted_kinds = ArrayField(
        models.CharField(max_length=20, choices=EvidenceKind),
        default=list,
        blank=True,
        verbose_name=_("papers that we take"),
        help_text=_("None ticked: all of them."),
    )
    issuers = ArrayField(
        models.CharField(max_length=120),
        default=list,
        blank=True,
        verbose_name=_("who issues it"),
    )
    reference_label = models.CharField(_("reference asked for"), max_length=120)
    reference_label_fr = models.CharField(
        _("reference asked for, in French"), max_length=120, blank=True
    )
    validity = models.CharField(
        _("holds until"), max_length=15, choices=Validity, default=Validity.PERIOD
    )
    doubt = models.CharField(
        _("question at the form"), max_length=15, choices=Doubt, default=Doubt.NONE
    )
    check_url = models.URLField(
        _("public listing to check"),
        blank=True,
        help_text=_("Where there is one, a paper alone does not verify."),
    )
    check_links = ArrayField(
        models.URLField(),
        default=list,
        blank=True,
        verbose_name=_("more places to check"),
    )
    # Its evidence ends by itself when the house moves or changes hands (E4).
    is_tied_to_address = models.BooleanField(
        _("tied to operator, address and class"), default=False
    )
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("eligibility criterion")
        verbose_name_plural = _("eligibility criteria")
        constraints = [
            models.UniqueConstraint(fields=["community", "code"], name="criterion_code_once")
        ]

    def __str__(self) -> str:
        return localized(self, "label")


class Evidence(models.Model):
    """A fact offered to meet a criterion, with its check."""

    Kind = EvidenceKind

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("To be checked")
        DOUBTFUL = "doubtful", _("Doubtful")
        VERIFIED = "verified", _("Verified")
        EXPIRING = "expiring", _("Ends soon")
        REJECTED = "rejected", _("Rejected")
        UNDER_CHALLENGE = "under_challenge", _("Under challenge")
        EXPIRED = "expired", _("Expired")
        SUPERSEDED = "superseded", _("Superseded")
        REVOKED = "revoked", _("Revoked")

    # While it holds. Under challenge still counts: a report alone takes nothing away (E8).
    COUNTING_STATES = (State.VERIFIED, State.EXPIRING, State.UNDER_CHALLENGE)
    UNCHECKED_STATES = (State.SUBMITTED, State.DOUBTFUL)

    class Method(models.TextChoices):
        PUBLIC_REGISTER = "public_register", _("Public register")
        ISSUER_CONTACT = "issuer_contact", _("Asked the issuer")
        DOCUMENT_ONLY = "document_only", _("Document only")
        KNOWN_TO_HOST = "known_to_host", _("Known to the host")

    public_id = PublicIdField()
    organization = models.ForeignKey(
        "members.Organization", models.PROTECT, related_name="evidence"
    )
    site = models.ForeignKey(
        "members.Site",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name=_("house or centre"),
    )
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="evidence")
    application = models.ForeignKey(
        "members.MembershipApplication",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="evidence",
    )
    kind = models.CharField(
        _("kind"), max_length=20, choices=EvidenceKind, default=EvidenceKind.REFERENCE
    )
    reference = models.CharField(_("reference"), max_length=160, blank=True)
    issuer = models.CharField(_("issued by"), max_length=120, blank=True)
    holder_name = models.CharField(_("name as written there"), max_length=160, blank=True)
    register_url = models.URLField(_("where it is listed"), blank=True)
    note = models.TextField(_("note of the reviewer"), blank=True)
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
        indexes = [models.Index(fields=["valid_to"], name="evidence_by_last_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gte=models.F("valid_from")),
                name="evidence_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(state="verified") | Q(checked_at__isnull=False),
                name="evidence_verified_was_checked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion.label} ({self.get_state_display()})"
