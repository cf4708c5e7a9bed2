import secrets
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from cop.core.scan import ScanState
from members.models import Community

if TYPE_CHECKING:
    from members.models import User


def resource_path(resource: Any, name: str) -> str:  # noqa: ANN401
    """A random key outside the web root. The name the person gave stands in the row alone."""
    return f"library/{secrets.token_hex(16)}"


class Visibility(models.TextChoices):
    PUBLIC = "public", _("Everybody")
    MEMBERS_AND_ALLIES = "members_and_allies", _("Members and allies")
    MEMBERS = "members", _("Members only")


class ResourceQuerySet(models.QuerySet["Resource"]):
    def published(self) -> Self:
        return self.filter(state__in=Resource.SHOWN_STATES)

    def visible_to(self, person: "User | AnonymousUser") -> Self:
        """Published resources that this person may see, and one's own while they wait (G3)."""
        return self.filter(
            (_admits(person) & Q(state__in=Resource.SHOWN_STATES)) | _own_waiting(person)
        )

    def readable_by(self, person: "User | AnonymousUser") -> Self:
        """Those whose address answers: the visible, the withdrawn (with the reason), and all for
        those who look after the library."""
        staffed = Community.objects.staffed_by(person, *Resource.KEEPER_ROLES)
        return self.filter(
            (_admits(person) & Q(state__in=[*Resource.SHOWN_STATES, Resource.State.WITHDRAWN]))
            | _own_waiting(person)
            | Q(community__in=staffed)
        )


def _admits(person: "User | AnonymousUser") -> Q:
    """The audience of the resource has this person in it."""
    admitted = Q()
    for audience in Visibility.values:
        opened = Community.objects.opening(person, audience)
        admitted |= Q(visibility=audience, community__in=opened)
    return admitted & Q(community__in=Community.objects.public())


def _own_waiting(person: "User | AnonymousUser") -> Q:
    if not person.is_authenticated:
        return Q(pk__in=[])
    return Q(submitted_by=person, state__in=[Resource.State.IN_REVIEW, Resource.State.RETURNED])


class Resource(models.Model):
    """Something worth keeping: exactly one of a file, a link or a text (L1)."""

    class Kind(models.TextChoices):
        BEST_PRACTICE = "best_practice", _("Best practice")
        GUIDELINE = "guideline", _("Guideline")
        TOOL = "tool", _("Tool")
        POLICY_STATEMENT = "policy_statement", _("Policy statement")
        RECORDING = "recording", _("Recording")
        CASE_STUDY = "case_study", _("Case study")
        MEETING_NOTES = "meeting_notes", _("Meeting notes")
        SLIDES = "slides", _("Slides")
        RESEARCH_SUMMARY = "research_summary", _("Research summary")
        LINK = "link", _("Link")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("With the librarian")
        RETURNED = "returned", _("Returned")
        PUBLISHED = "published", _("Published")
        REVIEW_DUE = "review_due", _("Due for review")
        SUPERSEDED = "superseded", _("Replaced")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        ARCHIVED = "archived", _("Archived")

    class Rights(models.TextChoices):
        OWN = "own", _("Made by us")
        CC_BY = "cc_by", _("Free to use with credit (CC BY)")
        CC_BY_NC = "cc_by_nc", _("Free to use with credit, not commercially (CC BY-NC)")
        PERMISSION = "permission_on_file", _("With permission")
        LINK_ONLY = "link_only", _("Belongs to others: link only")

    SHOWN_STATES = (State.PUBLISHED, State.REVIEW_DUE)
    # Who look after the library: they publish, return, tidy and withdraw.
    KEEPER_ROLES = ("librarian", "coordinator")

    public_id = PublicIdField()
    community = models.ForeignKey(
        "members.Community", models.CASCADE, related_name="resources", verbose_name=_("community")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    title = models.CharField(_("title"), max_length=160)
    summary = models.TextField(_("summary in plain words"))
    body = models.TextField(_("text"), blank=True)
    url = models.URLField(_("link"), max_length=500, blank=True)
    file = models.FileField(_("file"), upload_to=resource_path, blank=True)
    file_name = models.CharField(_("file name"), max_length=160, blank=True)
    file_size = models.PositiveIntegerField(_("bytes"), null=True, blank=True)
    file_type = models.CharField(_("file type"), max_length=10, blank=True)
    scan_state = models.CharField(
        _("malware check"), max_length=10, choices=ScanState, default=ScanState.OFF
    )
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="en"
    )
    visibility = models.CharField(
        _("who may see it"), max_length=20, choices=Visibility, default=Visibility.MEMBERS
    )
    rights = models.CharField(_("rights"), max_length=20, choices=Rights, default=Rights.OWN)
    source = models.CharField(_("made by"), max_length=160, blank=True)
    heavy_topic = models.BooleanField(_("touches a heavy topic"), default=False)
    reading_minutes = models.PositiveSmallIntegerField(_("minutes to read"), null=True, blank=True)
    topics = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, verbose_name=_("topics")
    )
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.IN_REVIEW)
    return_reason = models.CharField(
        _("why it was returned or withdrawn"), max_length=300, blank=True
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="resources",
        verbose_name=_("sent in by"),
    )
    created_at = models.DateTimeField(_("sent in"), auto_now_add=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    review_due_on = models.DateField(_("next review"), null=True, blank=True)
    search_en = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="cop_en")
        + SearchVector("summary", weight="B", config="cop_en")
        + SearchVector("body", weight="C", config="cop_en"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    search_fr = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="cop_fr")
        + SearchVector("summary", weight="B", config="cop_fr")
        + SearchVector("body", weight="C", config="cop_fr"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ResourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        constraints = [
            models.CheckConstraint(
                condition=(Q(body="", file="") & ~Q(url=""))
                | (Q(body="", url="") & ~Q(file=""))
                | (Q(url="", file="") & ~Q(body="")),
                name="resource_one_main_content",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "review_due"])
                | (Q(published_at__isnull=False) & ~Q(summary="")),
                name="resource_published_is_complete",
            ),
        ]
        indexes = [
            GinIndex(fields=["search_en"], name="resource_search_en"),
            GinIndex(fields=["search_fr"], name="resource_search_fr"),
            models.Index(fields=["community", "-published_at", "-id"], name="resource_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("library:resource_detail", args=[self.community.slug, self.public_id])

    @property
    def is_shown(self) -> bool:
        return self.state in self.SHOWN_STATES
