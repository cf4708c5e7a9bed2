from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from cop.core.text import localized
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
        EDITING = "editing", _("Being edited")
        TEST_SENT = "test_sent", _("Test sent")
        APPROVED = "approved", _("Approved")
        SCHEDULED = "scheduled", _("Scheduled")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        CLOSED = "closed", _("Closed")
        HELD = "held", _("On hold")

    EDITABLE = (
        State.COLLECTING,
        State.DRAFT,
        State.EDITING,
        State.TEST_SENT,
        State.APPROVED,
        State.SCHEDULED,
        State.HELD,
    )
    WRITTEN = (State.DRAFT, State.EDITING, State.TEST_SENT)
    LEFT = (State.SENDING, State.SENT, State.CLOSED)

    public_id = PublicIdField()
    community = models.ForeignKey(
        "members.Community", models.CASCADE, related_name="issues", verbose_name=_("community")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    period_from = models.DateField(_("from"))
    period_to = models.DateField(_("to"))
    send_on = models.DateField(_("planned for"))
    # In English and French; where one is empty, the other stands (G5).
    subject = models.CharField(_("subject"), max_length=160, blank=True)
    subject_fr = models.CharField(_("subject in French"), max_length=160, blank=True)
    intro = models.TextField(_("opening words"), blank=True)
    intro_fr = models.TextField(_("opening words in French"), blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.COLLECTING)
    drafted_at = models.DateTimeField(_("draft made"), null=True, blank=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    # What the draft left out: [{"title": …, "why": …}], for the editors to see.
    left_out = models.JSONField(default=list, blank=True)
    # News there was no room for, counted.
    more = models.PositiveIntegerField(default=0)
    # Held: does the next issue take its items along (merge), or were they skipped for good (N9)?
    carries_over = models.BooleanField(default=True)
    # When it shall leave, once it is scheduled; the clock takes it from there.
    scheduled_at = models.DateTimeField(_("leaves"), null=True, blank=True)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Somebody said that it shall leave although it holds fewer than three items (N9).
    is_thin_confirmed = models.BooleanField(default=False)
    # When the first mail leaves: until then sending can be taken back.
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    # Who was left out when the recipients were frozen: reason -> how many.
    not_sent_to = models.JSONField(default=dict, blank=True)
    # The numbers of the report as they stood when it was closed (day +7). No person is in them.
    report = models.JSONField(default=dict, blank=True)
    # Answers come to the community's own mailbox: the editors say how many there were.
    replies = models.PositiveIntegerField(_("answers"), null=True, blank=True)
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
            models.CheckConstraint(
                condition=~Q(state="scheduled")
                | Q(scheduled_at__isnull=False, approved_by__isnull=False),
                name="issue_scheduled_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("newsletter:issue_detail", args=[self.community.slug, self.number])

    @property
    def title(self) -> str:
        """The subject in the reader's language."""
        return localized(self, "subject")

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE
