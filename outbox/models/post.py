"""The post office itself: whether it is open, how fast it goes, what it heard back."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from outbox.models.mail import Delivery


class Heartbeat(models.Model):
    """When the clock last ticked, by name: the health page shows ages, not promises."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class SendGate(models.Model):
    """One row: may this installation send? A restored copy may not until someone adopts it (F38).

    `environment` is the installation that may; outbox.gate computes the one we are.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    environment = models.CharField(_("installation"), max_length=32)
    is_open = models.BooleanField(_("open"), default=True)
    reason = models.CharField(_("why"), max_length=200, blank=True)
    # The circuit: while the mail server is away nobody knocks before this.
    resume_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("send gate")
        verbose_name_plural = _("send gate")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="sendgate_one_row")]

    def __str__(self) -> str:
        return "open" if self.is_open else f"closed: {self.reason}"


class HostPace(models.Model):
    """How fast one receiving host takes our mail; "*" is all mail together.

    A token bucket: `tokens` at the moment `at`, growing by `per_second`. A host that asks us to
    slow down is halved and recovers by a tenth a minute. Security mail does not wait for it.
    """

    host = models.CharField(_("receiving host"), max_length=120, primary_key=True)
    per_second = models.FloatField(_("mails a second"))
    # What staff allow at most; empty: only the host itself slows us down.
    cap = models.FloatField(_("at most a second"), null=True, blank=True)
    tokens = models.FloatField(default=1)
    at = models.DateTimeField()
    slowed_at = models.DateTimeField(_("slowed down"), null=True, blank=True)
    last_answer = models.CharField(_("answer of the server"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("pace of a host")
        verbose_name_plural = _("paces of hosts")

    def __str__(self) -> str:
        return f"{self.host}: {self.per_second:g}/s"


class MailEvent(models.Model):
    """What a provider or a bounce told us afterwards. The same event counts once (F36)."""

    class Kind(models.TextChoices):
        HARD_BOUNCE = "hard_bounce", _("Bounced for good")
        SOFT_BOUNCE = "soft_bounce", _("Bounced for now")
        COMPLAINT = "complaint", _("Marked as spam")
        UNSUBSCRIBE = "unsubscribe", _("Unsubscribed at the provider")

    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(_("what happened"), max_length=15, choices=Kind)
    delivery = models.ForeignKey(
        Delivery, models.SET_NULL, null=True, blank=True, related_name="events"
    )
    address_hash = models.CharField(max_length=32, blank=True)
    detail = models.CharField(_("what the server said"), max_length=200, blank=True)
    at = models.DateTimeField(_("when"))
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("mail event")
        verbose_name_plural = _("mail events")
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="mailevent_once")
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.kind}"


class MailHold(models.Model):
    """A word of staff about mail that may not be queued yet: whatever key begins so, waits.

    Queueing asks for it: `hold` makes the new rows paused, `cancel` makes them cancelled.
    """

    class Action(models.TextChoices):
        HOLD = "hold", _("Hold")
        CANCEL = "cancel", _("Do not send")

    scope = models.CharField(max_length=20)
    prefix = models.CharField(max_length=120)
    action = models.CharField(max_length=10, choices=Action)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("hold on mail")
        verbose_name_plural = _("holds on mail")
        constraints = [
            models.UniqueConstraint(fields=["scope", "prefix"], name="mailhold_one_word")
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.prefix}"


class MailAlarm(models.Model):
    """Something that a person must look at, found by the hourly look; gone when it is mended."""

    name = models.CharField(max_length=80, primary_key=True)
    scope = models.CharField(max_length=20, blank=True)
    detail = models.CharField(max_length=200)
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("mail alarm")
        verbose_name_plural = _("mail alarms")

    def __str__(self) -> str:
        return self.name
