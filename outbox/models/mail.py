import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cop.core.fields import EmailKeyField, PublicIdField
from outbox.models.lists import MailingList


class Purpose(models.TextChoices):
    """Why we write. It decides what is asked before sending, and who goes first."""

    SECURITY = "security", _("Security")
    TRANSACTIONAL = "transactional", _("Your own business")
    REMINDER = "reminder", _("Reminder")
    NEWSLETTER = "newsletter", _("Newsletter")


# Who goes first. Between budgeted mails of one person the rank in `outbox.budget` decides (EM1).
PRIORITY = {
    Purpose.SECURITY: 0,
    Purpose.TRANSACTIONAL: 10,
    Purpose.REMINDER: 20,
    Purpose.NEWSLETTER: 30,
}


class MailBatch(models.Model):
    """One text for many: an issue of the newsletter. Recipients are frozen when it is queued."""

    class State(models.TextChoices):
        SENDING = "sending", _("Sending")
        PAUSED = "paused", _("Paused")
        CANCELLED = "cancelled", _("Cancelled")

    public_id = PublicIdField()
    key = models.CharField(max_length=80, unique=True)
    mailing_list = models.ForeignKey(MailingList, models.PROTECT, related_name="batches")
    state = models.CharField(max_length=10, choices=State, default=State.SENDING)
    reason = models.CharField(_("why"), max_length=200, blank=True)
    frozen_at = models.DateTimeField()
    # The error budget counts from here on: whoever resumes a batch gives it a new one.
    resumed_at = models.DateTimeField(null=True, blank=True)
    recipients = models.PositiveIntegerField(default=0)
    # language -> subject, text, html, digest_title, digest_path. %%NAME%% marks are filled in for
    # each recipient; the last two stand in the weekly digest of whoever has had enough mail.
    contents = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("mail batch")
        verbose_name_plural = _("mail batches")

    def __str__(self) -> str:
        return self.key


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, now: datetime) -> Self:
        return self.filter(state=Delivery.State.QUEUED, due_at__lte=now)

    def waiting(self) -> Self:
        """Not yet handed over, so that it can still be taken back; the fence will find it gone."""
        states = Delivery.State
        return self.filter(
            Q(state__in=[states.QUEUED, states.PAUSED])
            | Q(state=states.CLAIMED, started_at__isnull=True)
        )


class Delivery(models.Model):
    """One e-mail to one person: the only way out. The table is the truth, Celery only the hands."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        CLAIMED = "claimed", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Not sent")
        UNCERTAIN = "uncertain", _("Unclear")
        PAUSED = "paused", _("Paused")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Queueing the same fact twice is a no-op: reminder:<meeting>:<person>:<kind>:<sequence>.
    key = models.CharField(max_length=160, unique=True)
    purpose = models.CharField(_("purpose"), max_length=15, choices=Purpose)
    kind = models.CharField(_("message"), max_length=40)
    priority = models.PositiveSmallIntegerField()
    batch = models.ForeignKey(
        MailBatch, models.PROTECT, null=True, blank=True, related_name="deliveries", db_index=False
    )
    mailing_list = models.ForeignKey(
        MailingList, models.PROTECT, null=True, blank=True, related_name="deliveries"
    )
    # The public id of the community, so that its staff see its mail and no other.
    scope = models.CharField(max_length=20, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("person"),
    )
    address = EmailKeyField(_("address"), blank=True)
    # The receiving host, for pacing.
    host = models.CharField(max_length=120, blank=True)
    # Counts towards "at most two mails a week" (EM1). What is over goes into the digest.
    budgeted = models.BooleanField(default=False)
    digest_title = models.CharField(max_length=200, blank=True)
    digest_path = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5, default="en")
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    calendar = models.TextField(blank=True)
    calendar_method = models.CharField(max_length=10, blank=True)
    reply_to = models.EmailField(blank=True)
    sender_name = models.CharField(max_length=120, blank=True)
    due_at = models.DateTimeField(_("due"))
    expires_at = models.DateTimeField(_("worthless after"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    reason = models.CharField(_("why"), max_length=120, blank=True)
    owner = models.BigIntegerField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_answer = models.CharField(_("answer of the server"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("queued"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    # The date that stands in the mail: of the first attempt, kept over all others.
    dated_at = models.DateTimeField(null=True, blank=True)
    # When address and content were wiped, 90 days after the end; security mail at once.
    purged_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(owner__isnull=False, claimed_at__isnull=False),
                name="delivery_claimed_has_owner",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(ended_at__isnull=False),
                name="delivery_sent_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(purpose="newsletter") | Q(mailing_list__isnull=False),
                name="delivery_newsletter_has_list",
            ),
        ]
        indexes = [
            models.Index(
                fields=["priority", "due_at", "id"],
                condition=Q(state="queued"),
                name="delivery_queue",
            ),
            models.Index(
                fields=["owner"], condition=Q(state="claimed"), name="delivery_claimed_by"
            ),
            models.Index(fields=["batch", "state", "ended_at"], name="delivery_of_batch"),
            models.Index(
                fields=["scope", "due_at"],
                condition=Q(state__in=["queued", "paused", "claimed", "uncertain"]),
                name="delivery_outgoing",
            ),
            models.Index(
                fields=["person", "ended_at"], condition=Q(budgeted=True), name="delivery_budget"
            ),
            models.Index(
                fields=["ended_at"],
                condition=Q(purged_at__isnull=True, ended_at__isnull=False),
                name="delivery_to_purge",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.get_state_display()})"

    @property
    def message_id(self) -> str:
        """The same over all attempts, so that a mail program folds a repeat into one."""
        return f"<{self.id}@{settings.MAIL_DOMAIN}>"
