from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from cop.core.time import DEFAULT_ZONE, zone_choices

if TYPE_CHECKING:
    from members.models.communities import Community


class Fold(Func):
    """Lower case without accents, the same in every language (cop_fold of migration core 0001)."""

    function = "cop_fold"
    output_field = models.TextField()


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def suggest(self, words: str) -> Self:
        """Known organizations whose name has all these words, accents and capitals aside."""
        rows = self.filter(status=Organization.Status.ACTIVE).alias(folded=Fold(F("name")))
        for word in words.split()[:6]:
            rows = rows.filter(folded__contains=Fold(Value(word)))
        return rows.order_by(Fold(F("name")), "pk")

    def known_to(self, communities: "models.QuerySet[Community]") -> Self:
        """Those that have to do with these communities: for their staff's eyes."""
        return self.filter(
            Q(partnerships__community__in=communities)
            | Q(applications__community__in=communities)
            | Q(evidence__criterion__community__in=communities)
            | Q(affiliations__person__memberships__community__in=communities)
        ).distinct()


class Organization(models.Model):
    """A legal or operating body that people belong to."""

    class Kind(models.TextChoices):
        SERVICE_PROVIDER = "service_provider", _("Service provider")
        HOST = "host", _("Host")
        FUNDER = "funder", _("Funder")
        GOVERNMENT = "government", _("Government")
        ACADEMIC = "academic", _("University or college")
        PEER_NETWORK = "peer_network", _("Peer network")
        NATIONAL_BODY = "national_body", _("Provincial or national body")
        OTHER = "other", _("Other")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed in an application")
        ACTIVE = "active", _("Active")
        MERGED = "merged", _("Merged")
        CLOSED = "closed", _("Closed")

    public_id = PublicIdField()
    name = models.CharField(_("name"), max_length=255, help_text=_("As people call it."))
    legal_name = models.CharField(_("legal name"), max_length=255, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.SERVICE_PROVIDER)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    city = models.CharField(_("city"), max_length=80, blank=True)
    domains = ArrayField(
        models.CharField(max_length=120), default=list, blank=True, verbose_name=_("mail domains")
    )
    web = models.URLField(_("web page"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="en"
    )
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_from",
        verbose_name=_("merged into"),
    )
    is_indigenous_led = models.BooleanField(_("Indigenous-led (as they say)"), default=False)
    is_regulator_or_funder = models.BooleanField(
        _("regulates or funds members"),
        default=False,
        help_text=_("Its people see public things only: no member spaces, no names (P4)."),
    )

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """One house or centre. Its address is nobody's business but staff's (O1)."""

    class Region(models.TextChoices):
        FRASER = "fraser", _("Fraser")
        INTERIOR = "interior", _("Interior")
        ISLAND = "island", _("Island")
        NORTHERN = "northern", _("Northern")
        VANCOUVER_COASTAL = "vancouver_coastal", _("Vancouver Coastal")
        OTHER = "other", _("Outside British Columbia")

    class Service(models.TextChoices):
        WITHDRAWAL = "withdrawal_management", _("Withdrawal management")
        STABILIZATION = "stabilization_transitional", _("Stabilization and transitional living")
        TREATMENT = "treatment", _("Treatment, bed-based")
        SUPPORTIVE = "supportive_recovery", _("Supportive recovery")
        SECOND_STAGE = "second_stage", _("Second stage")
        RESIDENCE = "community_residential", _("Community residential facility")
        OUTPATIENT = "outpatient", _("Outpatient")
        OTHER = "other", _("Other")

    public_id = PublicIdField()
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="sites")
    name = models.CharField(_("name"), max_length=120)
    city = models.CharField(_("city"), max_length=80)
    region = models.CharField(_("health region"), max_length=20, choices=Region)
    address = models.CharField(_("street address"), max_length=200, blank=True)
    address_confidential = models.BooleanField(_("address is confidential"), default=True)
    timezone = models.CharField(
        _("time zone"), max_length=40, choices=zone_choices, default=DEFAULT_ZONE
    )
    services = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("services")
    )
    beds = models.PositiveSmallIntegerField(_("beds"), null=True, blank=True)
    population = models.CharField(_("population served"), max_length=40, blank=True)
    operator = models.CharField(_("operator, if another"), max_length=160, blank=True)
    shows_city = models.BooleanField(
        _("the directory may name the city"),
        default=True,
        help_text=_("Without it the directory names the health region only."),
    )
    opened_on = models.DateField(_("open since"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"


class Affiliation(models.Model):
    """Where a person works or volunteers."""

    class RoleGroup(models.TextChoices):
        FRONT_LINE = "front_line", _("Front line")
        PEER_WORKER = "peer_worker", _("Peer worker")
        CLINICAL = "clinical", _("Clinical")
        MANAGER = "manager", _("Manager")
        EXECUTIVE = "executive", _("Executive")
        BOARD = "board", _("Board")
        VOLUNTEER = "volunteer", _("Volunteer")
        CONTRACTOR = "contractor", _("Contractor")
        OTHER = "other", _("Other")

    class State(models.TextChoices):
        CLAIMED = "claimed", _("Claimed")
        CONFIRMED = "confirmed", _("Confirmed")
        DISPUTED = "disputed", _("Disputed")
        ENDED = "ended", _("Ended")

    class Method(models.TextChoices):
        EMAIL_DOMAIN = "email_domain", _("By an address of the organization")
        ORG_CONTACT = "org_contact", _("By a contact of the organization")
        REVIEWER = "reviewer", _("By a reviewer")
        ROSTER = "roster", _("By a list of the organization")

    public_id = PublicIdField()
    person = models.ForeignKey("members.User", models.CASCADE, related_name="affiliations")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="affiliations")
    site = models.ForeignKey(
        Site,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="affiliations",
        verbose_name=_("house or centre"),
    )
    role_title = models.CharField(_("role"), max_length=120, blank=True)
    role_group = models.CharField(
        _("kind of role"), max_length=15, choices=RoleGroup, default=RoleGroup.FRONT_LINE
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CLAIMED)
    confirmed_by = models.CharField(_("confirmed by"), max_length=15, choices=Method, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    # When the contacts were asked "does this person work with you?", and reminded.
    asked_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    is_contact = models.BooleanField(_("speaks for the organization"), default=False)
    is_primary = models.BooleanField(_("main one"), default=True)
    started_on = models.DateField(_("since"), null=True, blank=True)
    ended_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organization"],
                condition=~Q(state="ended"),
                name="affiliation_one_current",
            ),
            models.CheckConstraint(
                condition=~Q(state="ended") | Q(ended_on__isnull=False),
                name="affiliation_ended_has_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.organization}"
