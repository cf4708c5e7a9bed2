from django.db import models
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from cop.core.text import localized
from newsletter.models.issues import NewsletterIssue


class IssueItem(models.Model):
    """One block of an issue, with the reason why it is in and who may read it."""

    class Kind(models.TextChoices):
        MEETING_NEXT = "meeting_next", _("Coming meeting")
        MEETING_RECAP = "meeting_recap", _("What we did")
        NEW_RESOURCE = "new_resource", _("New in the library")
        PRODUCT_FOR_COMMENT = "product_for_comment", _("Open for comment")
        BALLOT = "ballot", _("Vote")
        GOAL_PROGRESS = "goal_progress", _("How our goals stand")
        MEMBER_WELCOME = "member_welcome", _("Welcome")
        DISCUSSION = "discussion", _("Asked and answered")
        SPOTLIGHT = "spotlight", _("Spotlight")
        QUESTION = "question_of_the_month", _("Question of the month")
        SECTOR_NEWS = "sector_news", _("From the field")
        STORIES = "stories", _("Story")
        PRACTICAL = "practical", _("Practical")
        OWN_TEXT = "own_text", _("Text")

    # What the editors may add themselves; the others come from what happened.
    OWN = (
        Kind.OWN_TEXT,
        Kind.SPOTLIGHT,
        Kind.QUESTION,
        Kind.SECTOR_NEWS,
        Kind.STORIES,
        Kind.PRACTICAL,
    )

    class Edition(models.TextChoices):
        """Who reads it. The values are the audiences of Community.opening, widest first."""

        PUBLIC = "public", _("Everybody")
        MEMBERS_AND_ALLIES = "members_and_allies", _("Members and allies: title and link only")
        MEMBERS = "members", _("Members: title and link only")

    issue = models.ForeignKey(NewsletterIssue, models.CASCADE, related_name="items")
    kind = models.CharField(_("kind"), max_length=25, choices=Kind, default=Kind.OWN_TEXT)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_included = models.BooleanField(_("in"), default=True)
    title = models.CharField(_("title"), max_length=160)
    title_fr = models.CharField(_("title in French"), max_length=160, blank=True)
    text = models.TextField(_("text"), blank=True)
    text_fr = models.TextField(_("text in French"), blank=True)
    # A path of this site, or the whole address of a page elsewhere.
    path = models.CharField(_("link"), max_length=500, blank=True)
    edition = models.CharField(
        _("for whom"), max_length=20, choices=Edition, default=Edition.PUBLIC
    )
    why = models.CharField(_("why it is in"), max_length=160, blank=True)
    # Where it comes from: "meeting:<public id>", so that the next issue does not repeat it.
    source = models.CharField(max_length=60, blank=True)
    # When the meeting was said to be, kept when the issue leaves: that stays as it was (N8).
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    zone = models.CharField(max_length=40, blank=True)
    # Of a spotlight: whom it is about. Without their yes to these words it stays out (CO1).
    person = models.ForeignKey(
        "members.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    picture = models.ForeignKey(
        "newsletter.IssuePicture", models.SET_NULL, null=True, blank=True, related_name="items"
    )

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "source"], condition=~models.Q(source=""), name="item_source_once"
            )
        ]

    def __str__(self) -> str:
        return localized(self, "title")


class IssuePicture(models.Model):
    """A picture of an issue: drawn anew from what was uploaded, so nothing hidden comes along.

    The bytes lie in the database: few, small (at most MAX_PICTURE), and they must leave with it.
    """

    MAX_PICTURE = 400_000

    public_id = PublicIdField()
    issue = models.ForeignKey(NewsletterIssue, models.CASCADE, related_name="pictures")
    # What it shows, for those who do not see it. Required before the issue is approved.
    alt = models.CharField(_("what it shows"), max_length=250, blank=True)
    alt_fr = models.CharField(_("what it shows, in French"), max_length=250, blank=True)
    content_type = models.CharField(max_length=20)
    content = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("picture of an issue")
        verbose_name_plural = _("pictures of issues")

    def __str__(self) -> str:
        return self.alt or self.public_id
