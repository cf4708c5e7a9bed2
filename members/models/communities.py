from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, Q
from django.db.models.expressions import RawSQL
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
    "about", "accessibility", "account", "admin", "api", "calendar", "check", "communities",
    "community",
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


# Written out: it stands in each list of each page, and the ORM takes longer to write it than
# PostgreSQL takes to answer. `current_grant` and CURRENT_STATES say the same.
OPENS = """(
    SELECT community_id FROM members_rolegrant
    WHERE person_id = %s AND role <> 'evaluator' AND starts_on <= %s
    AND (ends_on IS NULL OR ends_on >= %s)
    UNION ALL
    SELECT community_id FROM members_membership
    WHERE person_id = %s AND state IN ('active', 'grace') AND category = ANY(%s))"""


class CommunityQuerySet(models.QuerySet["Community"]):
    def public(self) -> Self:
        """Those whose public page may be seen by anybody."""
        return self.exclude(status=Community.Status.ARCHIVED)

    def staffed_by(self, person: "User | AnonymousUser", *roles: str) -> Self:
        """Where this person holds a role today (any of `roles`, or any at all)."""
        if not person.is_authenticated or person.sees_as_member_of is not None:
            return self.none()
        if person.is_superuser:
            return self
        grants = Q(role_grants__person=person) & current_grant("role_grants__")
        grants &= role_holds(person, "role_grants__")
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
        if person.sees_as_member_of is not None:
            return self.filter(pk=person.sees_as_member_of.pk)
        today = timezone.now().date()
        categories = ["member"] if audience == "members" else ["member", "ally"]
        keys = [person.pk, today, today, person.pk, categories]
        return self.filter(pk__in=RawSQL(OPENS, keys))  # noqa: S611


def current_grant(prefix: str = "", on: date | None = None) -> Q:
    """The role grants in force on a day (UTC), as a condition."""
    on = on or timezone.now().date()
    return Q(**{f"{prefix}starts_on__lte": on}) & (
        Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": on})
    )


def role_holds(person: "User", prefix: str = "") -> Q:
    """Whoever began to work for a funder or regulator keeps the evaluator's role at most (P4).

    Asked in the same query as the roles, so that it holds from the very moment.
    """
    ties = person.affiliations.exclude(state="ended")
    walled = ties.filter(organization__is_regulator_or_funder=True)
    return Q(**{f"{prefix}role": "evaluator"}) | ~Q(Exists(walled))


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

    class Function(models.TextChoices):
        RELATIONSHIPS = "relationships", _("Relationships and networks")
        SAFE_SPACE = "safe_space", _("A safe space for questions and stories")
        LEARNING = "learning", _("Learning sessions")
        PEERS = "peers", _("Peer learning, mentorship and reflection")
        PRACTICE = "practice", _("Best practices, guidance and tools")
        DIALOGUE = "dialogue", _("Dialogue across sectors")
        SYSTEM_CHANGE = "system_change", _("Speaking up for change in the system")

    public_id = PublicIdField()
    slug = models.SlugField(_("address"), unique=True, validators=[validate_slug_is_free])
    name = models.CharField(_("name"), max_length=120)
    name_fr = models.CharField(_("name in French"), max_length=120, blank=True)
    short_name = models.CharField(_("short name"), max_length=40)
    purpose = models.TextField(_("purpose, in three lines"))
    purpose_fr = models.TextField(_("purpose in French"), blank=True)
    # The three core elements.
    domain = models.TextField(_("domain"), blank=True)
    domain_fr = models.TextField(_("domain in French"), blank=True)
    community = models.TextField(_("community"), blank=True)
    community_fr = models.TextField(_("community in French"), blank=True)
    practice = models.TextField(_("practice"), blank=True)
    practice_fr = models.TextField(_("practice in French"), blank=True)
    functions = ArrayField(
        models.CharField(max_length=20, choices=Function),
        default=list,
        blank=True,
        verbose_name=_("what it is for"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PLANNING)
    lifecycle_stage = models.CharField(
        _("stage"), max_length=15, choices=Stage, default=Stage.POTENTIAL
    )
    admission_policy = models.CharField(
        _("admission"), max_length=10, choices=Admission, default=Admission.CRITERIA
    )
    allies_allowed = models.BooleanField(_("allies are welcome"), default=True)
    ally_share_max = models.PositiveSmallIntegerField(
        _("at most so many of a hundred are allies"),
        default=20,
        validators=[MaxValueValidator(100)],
    )
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
    # Without an approval, if nothing is wrong with it on its day; else somebody approves each one.
    newsletter_sends_itself = models.BooleanField(
        _("newsletters leave by themselves when nothing is wrong"), default=False
    )
    # Totals for each link, never who.
    newsletter_counts_clicks = models.BooleanField(
        _("count how often the links of a newsletter are followed"), default=True
    )
    # The day after the last one, once it is closing: 60 days of notice.
    closes_on = models.DateField(_("closes on"), null=True, blank=True)
    support_text = models.TextField(_("where to find support"), blank=True)
    support_text_fr = models.TextField(_("where to find support, in French"), blank=True)
    territory_text = models.TextField(
        _("territory acknowledgement"),
        blank=True,
        help_text=_("Your own words, spoken by people. Empty: none is shown."),
    )
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
