from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cop.core.fields import EmailKeyField, PublicIdField


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


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def in_force(self, now: datetime) -> Self:
        """May be written to at this moment: subscribed, consent not run out, no pause."""
        not_over = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
        not_paused = Q(paused_until__isnull=True) | Q(paused_until__lte=now)
        return self.filter(not_over, not_paused, state=Subscription.State.SUBSCRIBED)


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
    # "Pause me": nothing of this list leaves before.
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    # "Fewer": not each on its own, but together in the weekly digest.
    in_digest = models.BooleanField(_("only in the weekly digest"), default=False)
    # The end of an implied consent (CASL-3). Express consent has none.
    expires_at = models.DateTimeField(_("consent ends"), null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

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
    """One statement about being written to. Append-only: the latest row decides (CASL-1).

    It outlives subscription and account, with the keyed hash of the address (CASL-6).
    """

    class Basis(models.TextChoices):
        EXPRESS = "express", _("Asked for it")
        IMPLIED = "implied", _("Implied, with proof")

    subscription = models.ForeignKey(
        Subscription, models.SET_NULL, null=True, related_name="consents"
    )
    mailing_list = models.ForeignKey(MailingList, models.PROTECT, related_name="consents")
    address_hash = models.CharField(max_length=32)
    given = models.BooleanField(_("given"))
    basis = models.CharField(_("basis"), max_length=10, choices=Basis, default=Basis.EXPRESS)
    wording = models.CharField(_("wording version"), max_length=40)
    source = models.CharField(_("where"), max_length=40)
    # Of an imported address: what shows that the consent exists.
    proof = models.CharField(_("proof"), max_length=200, blank=True)
    at = models.DateTimeField(_("when"))
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent to mail")
        verbose_name_plural = _("consents to mail")
        constraints = [
            models.CheckConstraint(
                condition=~Q(basis="implied", given=True)
                | (Q(expires_at__isnull=False) & ~Q(proof="")),
                name="consent_implied_has_proof_and_end",
            )
        ]
        indexes = [
            models.Index(fields=["mailing_list", "address_hash", "at"], name="consent_by_address")
        ]

    def __str__(self) -> str:
        return f"{'yes' if self.given else 'no'} {self.wording} {self.at:%Y-%m-%d}"


class Suppression(models.Model):
    """An address that must not be written to, as a keyed hash: it outlives the account (CASL-6).

    Append-only in spirit: a row is lifted, never deleted.
    """

    class Cause(models.TextChoices):
        BOUNCED = "bounced", _("Mail came back")
        COMPLAINED = "complained", _("Marked as spam")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")

    address_hash = models.CharField(max_length=32)
    # "all", or the public id of one mailing list.
    scope = models.CharField(max_length=20, default="all")
    cause = models.CharField(_("cause"), max_length=20, choices=Cause)
    # What the server or the provider said; never the address.
    evidence = models.CharField(_("evidence"), max_length=200, blank=True)
    at = models.DateTimeField(_("since"))
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)

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


class AddressScore(models.Model):
    """How an address has been bouncing, by its keyed hash. The scores fade with time (N6)."""

    address_hash = models.CharField(max_length=32, primary_key=True)
    soft = models.FloatField(default=0)
    hard = models.FloatField(default=0)
    at = models.DateTimeField()
    last_answer = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("bounce score")
        verbose_name_plural = _("bounce scores")

    def __str__(self) -> str:
        return f"{self.soft:.1f} soft, {self.hard:.1f} hard"
