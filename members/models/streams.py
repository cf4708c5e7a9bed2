from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from cop.core.text import localized
from members.models.communities import Community


class ParticipationAgreement(models.Model):
    """The ground rules of a community. A new text is a new version."""

    community = models.ForeignKey(Community, models.CASCADE, related_name="agreements")
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    lines = ArrayField(models.CharField(max_length=300), verbose_name=_("lines"))
    lines_fr = ArrayField(
        models.CharField(max_length=300),
        default=list,
        blank=True,
        verbose_name=_("lines in French"),
    )
    published_on = models.DateField(_("in force since"))
    asks_again = models.BooleanField(
        _("ask everybody again"),
        default=False,
        help_text=_("For a change of meaning. Members see the new text at their next visit."),
    )

    class Meta:
        verbose_name = _("participation agreement")
        verbose_name_plural = _("participation agreements")
        constraints = [
            models.UniqueConstraint(fields=["community", "version"], name="agreement_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.community}: {self.version}"


class AgreementAcceptance(models.Model):
    """That a person took part in the spirit of one version, and when."""

    agreement = models.ForeignKey(
        ParticipationAgreement, models.PROTECT, related_name="acceptances"
    )
    person = models.ForeignKey("members.User", models.CASCADE, related_name="acceptances")
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("accepted agreement")
        verbose_name_plural = _("accepted agreements")
        constraints = [
            models.UniqueConstraint(fields=["agreement", "person"], name="acceptance_once")
        ]

    def __str__(self) -> str:
        return f"{self.agreement}"


class Stream(models.Model):
    """A line of activity with its own purpose and rhythm."""

    class Kind(models.TextChoices):
        LEARN = "learn", _("Learn")
        SHARE = "share", _("Share and connect")
        BUILD = "build", _("Build")

    class Cadence(models.TextChoices):
        MONTHLY = "monthly", _("monthly")
        EVERY_2_MONTHS = "every_2_months", _("every two months")
        AS_NEEDED = "as_needed", _("as needed")
        CUSTOM = "custom", _("other")

    class Feature(models.TextChoices):
        MEETINGS = "meetings", _("Meetings")
        LIBRARY = "library", _("Library")
        DIRECTORY = "directory", _("Directory")
        MENTORSHIP = "mentorship", _("Peer mentorship")
        TOPICS = "topics", _("Topics and votes")
        DISCUSSIONS = "discussions", _("Questions, asks and offers")
        GROUPS = "groups", _("Working groups")

    # What each kind of stream comes with; the coordinator changes it.
    FEATURES_OF = {
        Kind.LEARN: [Feature.MEETINGS, Feature.LIBRARY, Feature.TOPICS],
        Kind.SHARE: [
            Feature.MEETINGS, Feature.DIRECTORY, Feature.MENTORSHIP, Feature.DISCUSSIONS,
        ],
        Kind.BUILD: [Feature.MEETINGS, Feature.LIBRARY, Feature.GROUPS],
    }  # fmt: skip

    public_id = PublicIdField()
    community = models.ForeignKey(Community, models.CASCADE, related_name="streams")
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    name = models.CharField(_("name"), max_length=80)
    name_fr = models.CharField(_("name in French"), max_length=80, blank=True)
    purpose = models.TextField(_("what it is for"), blank=True)
    purpose_fr = models.TextField(_("what it is for, in French"), blank=True)
    cadence = models.CharField(
        _("rhythm"), max_length=15, choices=Cadence, default=Cadence.AS_NEEDED
    )
    features = ArrayField(
        models.CharField(max_length=15, choices=Feature),
        default=list,
        blank=True,
        verbose_name=_("parts in use"),
    )
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("stream")
        verbose_name_plural = _("streams")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="stream_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return localized(self, "name")

    @property
    def is_followed_by_default(self) -> bool:
        """Everybody follows all but Build, until they say otherwise (ST2)."""
        return self.kind != self.Kind.BUILD


class StreamChoice(models.Model):
    """That somebody follows a stream, or does not; only where they said so themselves (ST2)."""

    stream = models.ForeignKey(Stream, models.CASCADE, related_name="choices")
    person = models.ForeignKey("members.User", models.CASCADE, related_name="stream_choices")
    follows = models.BooleanField(_("follows"))

    class Meta:
        verbose_name = _("choice of a stream")
        verbose_name_plural = _("choices of streams")
        constraints = [
            models.UniqueConstraint(fields=["stream", "person"], name="stream_choice_once")
        ]

    def __str__(self) -> str:
        return f"{self.stream}"


class Partner(models.Model):
    """An organization that stands behind a community. Exactly one is the host (C3)."""

    class Role(models.TextChoices):
        HOST = "host", _("Host")
        COHOST = "cohost", _("Co-host")
        SPONSOR = "sponsor", _("Champion")
        FUNDER = "funder", _("Funder")
        EVALUATOR = "evaluator", _("Evaluator")
        KNOWLEDGE = "knowledge", _("Knowledge partner")

    class Access(models.TextChoices):
        NONE = "none", _("Nothing")
        AGGREGATES = "aggregates", _("Totals only")

    community = models.ForeignKey(Community, models.CASCADE, related_name="partners")
    organization = models.ForeignKey(
        "members.Organization", models.PROTECT, related_name="partnerships"
    )
    role = models.CharField(_("role"), max_length=10, choices=Role)
    starts_on = models.DateField(_("since"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    statement = models.TextField(_("a sentence about it"), blank=True)
    data_access = models.CharField(_("may see"), max_length=10, choices=Access, default=Access.NONE)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints = [
            models.UniqueConstraint(
                fields=["community"],
                condition=Q(role="host", ends_on__isnull=True),
                name="partner_one_host",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization} ({self.get_role_display()})"
