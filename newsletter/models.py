from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from members.models import Community

if TYPE_CHECKING:
    from members.models import User


class IssueQuerySet(models.QuerySet["NewsletterIssue"]):
    def sent(self) -> Self:
        """What has left, even if the last mails are on their way (`sent_at` ends the undo)."""
        left = Q(state__in=[NewsletterIssue.State.SENT, NewsletterIssue.State.CLOSED])
        leaving = Q(state=NewsletterIssue.State.SENDING, sent_at__lte=Now())
        return self.filter(left | leaving)

    def visible_to(self, person: "User | AnonymousUser") -> Self:
        """The archive is public; which items a reader sees is asked of each item."""
        return self.sent().filter(community__in=Community.objects.public())


class NewsletterIssue(models.Model):
    """One newsletter. Built from what happened, edited by people, sent once, then fixed (N8)."""

    class State(models.TextChoices):
        COLLECTING = "collecting", _("Collecting")
        DRAFT = "draft", _("Draft")
        TEST_SENT = "test_sent", _("Test sent")
        APPROVED = "approved", _("Approved")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        CLOSED = "closed", _("Closed")
        HELD = "held", _("On hold")

    EDITABLE = (State.COLLECTING, State.DRAFT, State.TEST_SENT, State.APPROVED, State.HELD)

    public_id = PublicIdField()
    community = models.ForeignKey(
        "members.Community", models.CASCADE, related_name="issues", verbose_name=_("community")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    period_from = models.DateField(_("from"))
    period_to = models.DateField(_("to"))
    send_on = models.DateField(_("planned for"))
    subject = models.CharField(_("subject"), max_length=160, blank=True)
    intro = models.TextField(_("opening words"), blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.COLLECTING)
    drafted_at = models.DateTimeField(_("draft made"), null=True, blank=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # When the first mail leaves: until then sending can be taken back.
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    # Of issues from before this system: what was counted then.
    recipients_then = models.PositiveIntegerField(null=True, blank=True)
    # Raised by each edit and by each sending that was taken back.
    version = models.PositiveIntegerField(default=1)

    objects = IssueQuerySet.as_manager()

    class Meta:
        verbose_name = _("newsletter issue")
        verbose_name_plural = _("newsletter issues")
        constraints = [
            models.UniqueConstraint(fields=["community", "number"], name="issue_number_once"),
            models.UniqueConstraint(fields=["community", "period_from"], name="issue_period_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["sending", "sent", "closed"]) | Q(sent_at__isnull=False),
                name="issue_sent_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("newsletter:issue_detail", args=[self.community.slug, self.number])

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE


class IssueItem(models.Model):
    """One block of an issue, with the reason why it is in and who may read it."""

    class Kind(models.TextChoices):
        MEETING_NEXT = "meeting_next", _("Coming meeting")
        MEETING_RECAP = "meeting_recap", _("What we did")
        NEW_RESOURCE = "new_resource", _("New in the library")
        OWN_TEXT = "own_text", _("Text")

    class Edition(models.TextChoices):
        """Who reads it. The values are the audiences of Community.opening, widest first."""

        PUBLIC = "public", _("Everybody")
        MEMBERS_AND_ALLIES = "members_and_allies", _("Members and allies: title and link only")
        MEMBERS = "members", _("Members: title and link only")

    issue = models.ForeignKey(NewsletterIssue, models.CASCADE, related_name="items")
    kind = models.CharField(_("kind"), max_length=15, choices=Kind, default=Kind.OWN_TEXT)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_included = models.BooleanField(_("in"), default=True)
    title = models.CharField(_("title"), max_length=160)
    text = models.TextField(_("text"), blank=True)
    path = models.CharField(_("link"), max_length=300, blank=True)
    edition = models.CharField(
        _("for whom"), max_length=20, choices=Edition, default=Edition.PUBLIC
    )
    why = models.CharField(_("why it is in"), max_length=160, blank=True)
    # Where it comes from: "meeting:<public id>", so that the next issue does not repeat it.
    source = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "source"], condition=~Q(source=""), name="item_source_once"
            )
        ]

    def __str__(self) -> str:
        return self.title
