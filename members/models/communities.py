from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from cop.core.text import localized
from cop.core.time import DEFAULT_ZONE, zone_choices

if TYPE_CHECKING:
    from members.models.people import User

# First parts of addresses that belong to the site itself.
RESERVED_SLUGS = frozenset({
    "about", "accessibility", "account", "admin", "api", "calendar", "communities", "community",
    "contact", "desk", "feed", "files", "healthz", "help", "i18n", "invite", "join", "language",
    "library", "m", "mail-events", "mailbox", "me", "media", "meetings", "members", "new",
    "newsletter", "organizations", "privacy", "robots.txt", "favicon.ico", "search", "sign-in",
    "sitemap.xml", "start",
    "static", "styleguide", "terms", "well-known",
})  # fmt: skip


def validate_slug_is_free(slug: str) -> None:
    """Raises ValidationError for a word that the site needs for itself."""
    if slug in RESERVED_SLUGS or slug == settings.DESK_PATH:
        raise ValidationError(
            _("“%(slug)s” is a word the site needs. Choose another address."), params={"slug": slug}
        )


class CommunityQuerySet(models.QuerySet["Community"]):
    def public(self) -> Self:
        """Those whose public page may be seen by anybody."""
        return self.exclude(status=Community.Status.ARCHIVED)

    def staffed_by(self, person: "User | AnonymousUser", *roles: str) -> Self:
        """Where this person holds a role today (any of `roles`, or any at all)."""
        if not person.is_authenticated:
            return self.none()
        if person.is_superuser:
            return self
        grants = Q(role_grants__person=person) & current_grant("role_grants__")
        if roles:
            grants &= Q(role_grants__role__in=roles)
        return self.filter(pk__in=Community.objects.filter(grants).values("pk"))

    def opening(self, person: "User | AnonymousUser", audience: str) -> Self:
        """The communities whose things for `audience` this person may see (G3, P4).

        `audience`: `public`, `members_and_allies` or `members`. People of a funder or regulator
        stand before the wall whatever else they are; the evaluator sees totals only.
        """
        if audience == "public":
            return self.public()
        if not person.is_authenticated or person.is_walled():
            return self.none()
        from_role = Q(role_grants__person=person) & current_grant("role_grants__")
        from_role &= ~Q(role_grants__role="evaluator")
        categories = ["member"] if audience == "members" else ["member", "ally"]
        from_membership = Q(
            memberships__person=person,
            memberships__state__in=["active", "grace"],
            memberships__category__in=categories,
        )
        return self.filter(
            Q(pk__in=Community.objects.filter(from_role).values("pk"))
            | Q(pk__in=Community.objects.filter(from_membership).values("pk"))
        )


def current_grant(prefix: str = "", on: date | None = None) -> Q:
    """The role grants in force on a day (UTC), as a condition."""
    on = on or timezone.now().date()
    return Q(**{f"{prefix}starts_on__lte": on}) & (
        Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": on})
    )


class Community(models.Model):
    """People with a shared domain who meet regularly to learn from each other."""

    class Status(models.TextChoices):
        PLANNING = "planning", _("Being planned")
        OPEN = "open", _("Open")
        PAUSED = "paused", _("Paused")
        CLOSING = "closing", _("Closing")
        ARCHIVED = "archived", _("Archived")

    class Admission(models.TextChoices):
        OPEN = "open", _("Open: anybody with an account")
        CRITERIA = "criteria", _("By criteria: each application is reviewed")
        INVITATION = "invitation", _("By invitation")

    class Stage(models.TextChoices):
        POTENTIAL = "potential", _("Potential")
        COALESCING = "coalescing", _("Coalescing")
        MATURING = "maturing", _("Maturing")
        STEWARDSHIP = "stewardship", _("Stewardship")
        TRANSFORMATION = "transformation", _("Transformation")

    public_id = PublicIdField()
    slug = models.SlugField(_("address"), unique=True, validators=[validate_slug_is_free])
    name = models.CharField(_("name"), max_length=120)
    name_fr = models.CharField(_("name in French"), max_length=120, blank=True)
    short_name = models.CharField(_("short name"), max_length=40)
    purpose = models.TextField(_("purpose, in three lines"))
    purpose_fr = models.TextField(_("purpose in French"), blank=True)
    domain = models.TextField(_("domain"), blank=True)
    community = models.TextField(_("community"), blank=True)
    practice = models.TextField(_("practice"), blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PLANNING)
    lifecycle_stage = models.CharField(
        _("stage"), max_length=15, choices=Stage, default=Stage.POTENTIAL
    )
    admission_policy = models.CharField(
        _("admission"), max_length=10, choices=Admission, default=Admission.CRITERIA
    )
    allies_allowed = models.BooleanField(_("allies are welcome"), default=True)
    timezone = models.CharField(
        _("time zone"), max_length=40, choices=zone_choices, default=DEFAULT_ZONE
    )
    languages = ArrayField(
        models.CharField(max_length=5), default=list, verbose_name=_("languages")
    )
    default_duration = models.PositiveSmallIntegerField(_("minutes of a meeting"), default=90)
    programme_start = models.DateField(_("programme starts"), null=True, blank=True)
    programme_end = models.DateField(_("programme ends"), null=True, blank=True)
    year_start_month = models.PositiveSmallIntegerField(_("year starts in month"), default=4)
    newsletter_interval_months = models.PositiveSmallIntegerField(
        _("months between newsletters"), default=2
    )
    support_text = models.TextField(_("where to find support"), blank=True)
    contact_email = models.EmailField(_("address for replies"), blank=True)
    postal_address = models.CharField(_("postal address of the sender"), max_length=200, blank=True)
    anonymity_min_n = models.PositiveSmallIntegerField(_("smallest number shown"), default=5)

    objects = CommunityQuerySet.as_manager()

    class Meta:
        verbose_name = _("community")
        verbose_name_plural = _("communities")

    def __str__(self) -> str:
        return localized(self, "name")

    def get_absolute_url(self) -> str:
        return reverse("members:community_detail", args=[self.slug])

    @property
    def takes_applications(self) -> bool:
        return self.status in {self.Status.PLANNING, self.Status.OPEN} and (
            self.admission_policy != self.Admission.INVITATION
        )

    @property
    def is_writing(self) -> bool:
        """Paused and archived communities send no reminders and no newsletters."""
        return self.status in {self.Status.PLANNING, self.Status.OPEN, self.Status.CLOSING}


class ParticipationAgreement(models.Model):
    """The ground rules of a community. A new text is a new version."""

    community = models.ForeignKey(Community, models.CASCADE, related_name="agreements")
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    lines = ArrayField(models.CharField(max_length=300), verbose_name=_("lines"))
    published_on = models.DateField(_("in force since"))

    class Meta:
        verbose_name = _("participation agreement")
        verbose_name_plural = _("participation agreements")
        constraints = [
            models.UniqueConstraint(fields=["community", "version"], name="agreement_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.community}: {self.version}"


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

    community = models.ForeignKey(Community, models.CASCADE, related_name="streams")
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    name = models.CharField(_("name"), max_length=80)
    cadence = models.CharField(
        _("rhythm"), max_length=15, choices=Cadence, default=Cadence.AS_NEEDED
    )

    class Meta:
        verbose_name = _("stream")
        verbose_name_plural = _("streams")

    def __str__(self) -> str:
        return self.name


class Partner(models.Model):
    """An organization that stands behind a community. Exactly one is the host (C3)."""

    class Role(models.TextChoices):
        HOST = "host", _("Host")
        COHOST = "cohost", _("Co-host")
        FUNDER = "funder", _("Funder")
        EVALUATOR = "evaluator", _("Evaluator")
        KNOWLEDGE = "knowledge", _("Knowledge partner")

    community = models.ForeignKey(Community, models.CASCADE, related_name="partners")
    organization = models.ForeignKey(
        "members.Organization", models.PROTECT, related_name="partnerships"
    )
    role = models.CharField(_("role"), max_length=10, choices=Role)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints = [
            models.UniqueConstraint(
                fields=["community"], condition=Q(role="host"), name="partner_one_host"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization} ({self.get_role_display()})"
