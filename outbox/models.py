import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cop.core.fields import EmailKeyField, PublicIdField


class Purpose(models.TextChoices):
    """Why we write. It decides what is asked before sending, and who goes first."""

    SECURITY = "security", _("Security")
    TRANSACTIONAL = "transactional", _("Your own business")
    REMINDER = "reminder", _("Reminder")
    NEWSLETTER = "newsletter", _("Newsletter")


PRIORITY = {
    Purpose.SECURITY: 0,
    Purpose.TRANSACTIONAL: 1,
    Purpose.REMINDER: 2,
    Purpose.NEWSLETTER: 3,
}


class MailingList(models.Model):
    """Something a person can choose to get: one kind of mail of one community."""

    class Kind(models.TextChoices):
        NEWSLETTER = "newsletter", _("Newsletter")
        WEEKLY_DIGEST = "weekly_digest", _("Weekly digest")
        INVITATIONS = "invitations", _("Meeting invitations")
        DISCUSSION = "discussion", _("Discussions")
        BALLOTS = "ballots", _("Votes")

    public_id = PublicIdField()
    # The public id of the community it belongs to; this app knows no communities.
    scope = models.CharField(_("community"), max_length=20)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    sender_name = models.CharField(_("sender"), max_length=120)

    class Meta:
        verbose_name = _("mailing list")
        verbose_name_plural = _("mailing lists")
        constraints = [
            models.UniqueConstraint(fields=["scope", "kind"], name="mailinglist_one_of_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.sender_name}: {self.get_kind_display()}"


class Subscription(models.Model):
    """The current choice of one address about one list. Consent rows say how it came about."""

    class State(models.TextChoices):
        PENDING = "pending_confirm", _("Waiting for confirmation")
        SUBSCRIBED = "subscribed", _("Subscribed")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        BOUNCED = "suspended_bounce", _("Suspended: mail bounces")
        COMPLAINED = "complained", _("Ended by a complaint")

    mailing_list = models.ForeignKey(
        MailingList, models.CASCADE, related_name="subscriptions", verbose_name=_("mailing list")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="subscriptions",
        verbose_name=_("person"),
    )
    address = EmailKeyField(_("address"), blank=True)
    state = models.CharField(_("state"), max_length=20, choices=State)
    changed_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(
                fields=["mailing_list", "person"],
                condition=Q(person__isnull=False),
                name="subscription_one_per_person",
            ),
            models.UniqueConstraint(
                fields=["mailing_list", "address"],
                condition=Q(person__isnull=True),
                name="subscription_one_per_address",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, address="")
                | (Q(person__isnull=True) & ~Q(address="")),
                name="subscription_person_or_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mailing_list} ({self.get_state_display()})"


class Consent(models.Model):
    """One statement about being written to. Append-only: the latest row decides (CASL-1)."""

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="consents")
    given = models.BooleanField(_("given"))
    wording = models.CharField(_("wording version"), max_length=40)
    source = models.CharField(_("where"), max_length=40)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("consent to mail")
        verbose_name_plural = _("consents to mail")

    def __str__(self) -> str:
        return f"{'yes' if self.given else 'no'} {self.wording} {self.at:%Y-%m-%d}"


class Suppression(models.Model):
    """An address that must not be written to, as a keyed hash: it outlives the account (CASL-6)."""

    address_hash = models.CharField(max_length=64)
    # "all", or the public id of one mailing list.
    scope = models.CharField(max_length=20, default="all")
    cause = models.CharField(max_length=20)
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["address_hash", "scope"],
                condition=Q(lifted_at__isnull=True),
                name="suppression_once_in_force",
            )
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {self.cause}"


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
    reason = models.CharField(max_length=200, blank=True)
    frozen_at = models.DateTimeField()
    recipients = models.PositiveIntegerField(default=0)
    # One content for each language; %%NAME%% marks are filled in for each recipient.
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
        return self.filter(state__in=[Delivery.State.QUEUED, Delivery.State.PAUSED])


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
        MailBatch, models.PROTECT, null=True, blank=True, related_name="deliveries"
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
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.get_state_display()})"

    @property
    def message_id(self) -> str:
        """The same over all attempts, so that a mail program folds a repeat into one."""
        return f"<{self.id}@{settings.MAIL_DOMAIN}>"


class Heartbeat(models.Model):
    """When the clock last ticked, by name: the health page shows ages, not promises."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
