"""Topics that people wish for, and the votes that choose among them (2.11)."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from meetings.models.words import title_and_description
from members.models import Community

if TYPE_CHECKING:
    from members.models import User


class TopicQuerySet(models.QuerySet["TopicProposal"]):
    def visible_to(self, person: "User | AnonymousUser") -> Self:
        """Moderated topics for members and allies; one's own always. Nobody behind the wall."""
        inside = Q(community__in=Community.objects.opening(person, "members_and_allies"))
        shown = inside & ~Q(state=TopicProposal.State.PROPOSED)
        if not person.is_authenticated or getattr(person, "sees_as_member_of", None):
            return self.filter(shown)
        return self.filter(shown | (inside & Q(proposed_by=person.pk)))


class TopicProposal(models.Model):
    """What somebody would like to talk about. Whose it was is shown only if they said so."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Waiting to be read")
        OPEN = "open", _("Open")
        ON_BALLOT = "on_ballot", _("In a vote")
        SHORTLISTED = "shortlisted", _("Chosen")
        SCHEDULED = "scheduled", _("Has a meeting")
        COVERED = "covered", _("Talked about")
        MERGED = "merged", _("Joined with another")
        PARKED = "parked", _("Parked")
        DECLINED = "declined", _("Not taken up")

    ALIVE = (State.OPEN, State.ON_BALLOT, State.SHORTLISTED, State.SCHEDULED)

    class Wish(models.TextChoices):
        LEARNING = "learning", _("To learn about it")
        DIALOGUE = "dialogue", _("To talk about it with peers")
        EITHER = "either", _("Either way")

    class Source(models.TextChoices):
        MEMBER = "member", _("A member")
        SURVEY = "survey", _("A survey")
        DISCUSSION = "discussion", _("A discussion")
        COORDINATOR = "coordinator", _("The coordinators")
        FEEDBACK = "feedback", _("Feedback after a meeting")

    public_id = PublicIdField()
    community = models.ForeignKey(
        "members.Community", models.CASCADE, related_name="topics", verbose_name=_("community")
    )
    stream = models.ForeignKey(
        "members.Stream", models.SET_NULL, null=True, blank=True, related_name="topics",
        verbose_name=_("stream"),
    )  # fmt: skip
    title = models.CharField(_("title"), max_length=140)
    description = models.TextField(_("what it is about"), blank=True)
    wished_kind = models.CharField(_("how"), max_length=10, choices=Wish, default=Wish.EITHER)
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="en"
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="topics"
    )
    show_name = models.BooleanField(_("show my name to members"), default=False)
    source = models.CharField(_("from"), max_length=12, choices=Source, default=Source.MEMBER)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.PROPOSED)
    # Shown to everybody who sees the topic: why it was parked or not taken up.
    reason = models.CharField(_("why"), max_length=300, blank=True)
    revisit_on = models.DateField(_("look at it again on"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="merged"
    )
    is_urgent = models.BooleanField(_("cannot wait for a vote"), default=False)
    # How many votes it stood in without being chosen: after one it is carried over (TP5).
    times_carried = models.PositiveSmallIntegerField(default=0, editable=False)
    proposed_at = models.DateTimeField(_("proposed"))
    moderated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["parked", "declined"]) | ~Q(reason=""),
                name="topic_put_aside_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="merged") | Q(merged_into__isnull=False),
                name="topic_merged_into_one",
            ),
        ]
        indexes = [
            models.Index(fields=["community", "state", "proposed_at"], name="topic_by_state"),
            GinIndex(fields=["title"], opclasses=["gin_trgm_ops"], name="topic_title_trgm"),
            GinIndex(title_and_description(), name="topic_words"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("meetings:topic_detail", args=[self.community.slug, self.public_id])


class BallotQuerySet(models.QuerySet["Ballot"]):
    def visible_to(self, person: "User | AnonymousUser") -> Self:
        """Votes that are open or over, for members and allies (allies look on, TP7)."""
        inside = Community.objects.opening(person, "members_and_allies")
        return self.filter(community__in=inside).exclude(state=Ballot.State.DRAFT)


class Ballot(models.Model):
    """A vote on topics. Who may vote is written down when it opens, one paper each."""

    class Method(models.TextChoices):
        DOTS = "dots", _("Dots: a few for each person, several on one topic if they like")
        APPROVAL = "approval", _("Approval: a yes for each topic one would come to")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")
        PUBLISHED = "published", _("Published")
        CANCELLED = "cancelled", _("Called off")

    public_id = PublicIdField()
    community = models.ForeignKey(
        "members.Community", models.CASCADE, related_name="ballots", verbose_name=_("community")
    )
    title = models.CharField(_("title"), max_length=140)
    intro = models.TextField(_("a few words before it"), blank=True)
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="en"
    )
    method = models.CharField(_("method"), max_length=10, choices=Method, default=Method.DOTS)
    dots = models.PositiveSmallIntegerField(
        _("dots for each person"), default=3, validators=[MinValueValidator(1)]
    )
    most_on_one = models.PositiveSmallIntegerField(
        _("most dots on one topic"), default=2, validators=[MinValueValidator(1)]
    )
    seats = models.PositiveSmallIntegerField(
        _("topics to choose"), default=3, validators=[MinValueValidator(1)]
    )
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    # The snapshot: how many papers were given out (TP3).
    electorate = models.PositiveIntegerField(default=0, editable=False)
    papers_cast = models.PositiveIntegerField(default=0, editable=False)
    # A coordinator said yes: from `opens_at` on the clock opens it.
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Why it was called off, for everybody who could vote.
    reason = models.CharField(_("why"), max_length=300, blank=True, editable=False)

    objects = BallotQuerySet.as_manager()

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="ballot_closes_after_open"
            ),
            models.CheckConstraint(
                condition=Q(papers_cast__lte=F("electorate")), name="ballot_papers_in_electorate"
            ),
        ]
        indexes = [models.Index(fields=["community", "closes_at"], name="ballot_by_close")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("meetings:ballot_detail", args=[self.community.slug, self.public_id])


class BallotOption(models.Model):
    """One topic in a vote. The totals stay empty until it closes (TP1)."""

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="options")
    topic = models.ForeignKey(TopicProposal, models.CASCADE, related_name="options")
    order = models.PositiveSmallIntegerField()
    dots = models.PositiveIntegerField(null=True, blank=True, editable=False)
    voters = models.PositiveIntegerField(null=True, blank=True, editable=False)
    # 1 is first by the votes (TP2); `place` is the binding order, empty where not chosen.
    rank = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    place = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    # Why the coordinator moved it up, down or out, for everybody to read (TP4).
    reason = models.CharField(_("why the order changed"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("topic in a vote")
        verbose_name_plural = _("topics in a vote")
        constraints = [
            models.UniqueConstraint(fields=["ballot", "topic"], name="ballot_option_once"),
        ]

    def __str__(self) -> str:
        return str(self.topic)


class BallotPaper(models.Model):
    """One person's right to vote in one ballot: the snapshot of the electorate."""

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="papers")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="ballot_papers"
    )
    cast_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("ballot paper")
        verbose_name_plural = _("ballot papers")
        constraints = [
            models.UniqueConstraint(fields=["ballot", "person"], name="ballot_paper_once")
        ]

    def __str__(self) -> str:
        return f"paper {self.pk}"


class BallotMark(models.Model):
    """Dots on one topic. Kept while the paper can change; wiped when the result is published."""

    paper = models.ForeignKey(BallotPaper, models.CASCADE, related_name="marks")
    option = models.ForeignKey(BallotOption, models.CASCADE, related_name="marks")
    dots = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        constraints = [
            models.UniqueConstraint(fields=["paper", "option"], name="ballot_mark_once"),
            models.CheckConstraint(condition=Q(dots__gte=1), name="ballot_mark_has_dots"),
        ]

    def __str__(self) -> str:
        return f"mark {self.pk}"
