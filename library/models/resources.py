import secrets
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from cop.core.scan import ScanState
from library.models.audience import ResourceManager, Visibility
from library.models.vectors import head_vector, whole_vector


def resource_path(resource: Any, name: str) -> str:  # noqa: ANN401
    """A random key outside the web root. The name the person gave stands in the row alone."""
    return f"library/{secrets.token_hex(16)}"


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

    class Sensitivity(models.TextChoices):
        NONE = "none", _("Nothing special")
        HEAVY_TOPIC = "heavy_topic", _("Touches a heavy topic")
        STORY = "story", _("Somebody tells their story")

    class Evidence(models.TextChoices):
        COMMUNITY = "community_wisdom", _("Wisdom of this community")
        EVALUATED = "evaluated_practice", _("Evaluated practice")
        GUIDANCE = "evidence_based", _("Evidence-based guidance")

    class TextState(models.TextChoices):
        """Of the text inside the file, which a worker reads."""

        NONE = "none", _("No file")
        WAITING = "waiting", _("Being read")
        READ = "read", _("Can be searched")
        EMPTY = "empty", _("No text inside")
        FAILED = "failed", _("Could not be read")

    class LinkState(models.TextChoices):
        UNKNOWN = "unknown", _("Not checked yet")
        FINE = "fine", _("Answers")
        SHAKY = "shaky", _("Did not answer once")
        DEAD = "dead", _("Does not answer")

    SHOWN_STATES = (State.PUBLISHED, State.REVIEW_DUE)
    # Out of the library; the address stays and says why.
    GONE_STATES = (State.SUPERSEDED, State.WITHDRAWN)
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
    sensitivity = models.CharField(
        _("what readers should know first"), max_length=12, choices=Sensitivity,
        default=Sensitivity.NONE,
    )  # fmt: skip
    sensitivity_note = models.CharField(_("in your own words"), max_length=200, blank=True)
    evidence = models.CharField(_("what it rests on"), max_length=20, choices=Evidence, blank=True)
    date_of_source = models.DateField(_("date of the source"), null=True, blank=True)
    publisher = models.CharField(_("publisher"), max_length=160, blank=True)
    edition = models.CharField(_("edition"), max_length=60, blank=True)
    publisher_note = models.CharField(_("note of the librarian"), max_length=300, blank=True)
    is_external = models.BooleanField(_("made by others, not by this community"), default=False)
    # Of a best practice: where and with whom it worked, and where it does not fit.
    used_where = models.TextField(_("where it was used"), blank=True)
    limits = models.TextField(_("where it does not fit"), blank=True)
    organization = models.ForeignKey(
        "members.Organization", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("organization"),
    )  # fmt: skip
    organization_consent = models.CharField(
        _("how the organization said yes"), max_length=200, blank=True
    )
    audience_tags = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("for whom")
    )
    stream = models.ForeignKey(
        "members.Stream", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("stream"),
    )  # fmt: skip
    meeting = models.ForeignKey(
        "meetings.Meeting", models.SET_NULL, null=True, blank=True, related_name="resources",
        verbose_name=_("meeting"),
    )  # fmt: skip
    translation_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="translations",
        verbose_name=_("translation of"),
    )  # fmt: skip
    # Of a recording or film: what is said, for those who read it and for the search.
    transcript = models.TextField(_("transcript"), blank=True)
    captions = models.FileField(_("captions"), upload_to=resource_path, blank=True)
    chapters = models.TextField(_("chapters"), blank=True)
    expires_on = models.DateField(_("kept until"), null=True, blank=True)
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    superseded_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="supersedes",
        verbose_name=_("replaced by"),
    )  # fmt: skip
    steward = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True,
        related_name="stewarded_resources", verbose_name=_("looks after it"),
    )  # fmt: skip
    # The checklist of its kind, signed before it went out.
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        editable=False,
    )  # fmt: skip
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The text inside the file (or the page images of a PDF), read by a worker.
    text_state = models.CharField(
        max_length=8, choices=TextState, default=TextState.NONE, editable=False
    )
    text_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    file_text = models.TextField(blank=True, editable=False)
    preview_pages = models.PositiveSmallIntegerField(default=0, editable=False)
    # Topics, people and sources in one line, for the search (library/actions/indexing.py).
    words = models.TextField(blank=True, editable=False)
    # Of the source, else of its publication where the community lives.
    year = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    link_state = models.CharField(
        max_length=8, choices=LinkState, default=LinkState.UNKNOWN, editable=False
    )
    link_problem = models.CharField(max_length=200, blank=True, editable=False)
    link_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Counted with each use, so that no list has to.
    helped_count = models.PositiveIntegerField(default=0, editable=False)
    used_count = models.PositiveIntegerField(default=0, editable=False)
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
    # What ranking reads of every hit: short, beside the row. And what finds it: all of it.
    head = models.GeneratedField(
        expression=head_vector(), output_field=SearchVectorField(), db_persist=True
    )
    search = models.GeneratedField(
        expression=whole_vector(), output_field=SearchVectorField(), db_persist=True
    )

    objects = ResourceManager()

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
            # No list of pending entries: a search never waits for somebody's upload.
            GinIndex(fields=["search"], fastupdate=False, name="resource_search"),
            models.Index(fields=["community", "-published_at", "-id"], name="resource_newest"),
            models.Index(
                fields=["text_tries", "id"],
                condition=Q(text_state="waiting"),
                name="resource_text_waits",
            ),
            models.Index(
                fields=["link_checked_at"], condition=~Q(url=""), name="resource_link_check"
            ),
            models.Index(
                fields=["review_due_on"], condition=Q(state="published"), name="resource_review"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("library:resource_detail", args=[self.community.slug, self.public_id])

    @property
    def is_heavy(self) -> bool:
        return self.sensitivity == self.Sensitivity.HEAVY_TOPIC

    @property
    def is_shown(self) -> bool:
        return self.state in self.SHOWN_STATES
