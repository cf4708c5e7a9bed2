"""Who does what at a meeting, the issue holder's brief, and the call that prepares it."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from cop.core.time import DEFAULT_ZONE, to_instant, zone_choices
from meetings.models.formats import Part


class MeetingRole(models.Model):
    """One person's part in one meeting. The lead facilitator stands on the meeting itself.

    `name` is for a guest speaker without an account. Of two issue holders one may be the backup:
    if the first withdraws, one tap swaps them.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        INVITED = "invited", _("Asked")
        ACCEPTED = "accepted", _("Said yes")
        WITHDRAWN = "withdrawn", _("Withdrew")

    IN_FORCE = (State.PLANNED, State.INVITED, State.ACCEPTED)

    public_id = PublicIdField()
    meeting = models.ForeignKey("meetings.Meeting", models.CASCADE, related_name="roles")
    part = models.CharField(_("part"), max_length=20, choices=Part)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="meeting_roles",
        verbose_name=_("person"),
    )
    name = models.CharField(_("name of a guest"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)
    is_backup = models.BooleanField(_("backup"), default=False)
    # The brief of an issue holder: one page, no client details.
    context = models.TextField(_("the situation"), blank=True)
    tried = models.TextField(_("what I tried"), blank=True)
    question = models.CharField(_("my question in one sentence"), max_length=300, blank=True)
    brief_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Thirty days later: what happened, in the holder's own words.
    outcome = models.TextField(_("what happened"), blank=True)
    outcome_may_be_shared = models.BooleanField(_("may be shared"), default=False)
    outcome_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("role at a meeting")
        verbose_name_plural = _("roles at a meeting")
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | ~Q(name=""), name="meeting_role_is_somebody"
            ),
            models.UniqueConstraint(
                fields=["meeting", "part", "person"],
                condition=Q(person__isnull=False),
                name="meeting_role_once",
            ),
        ]
        indexes = [models.Index(fields=["person", "meeting"], name="meeting_role_by_person")]

    def __str__(self) -> str:
        return self.get_part_display()

    @property
    def who(self) -> str:
        return str(self.person) if self.person else self.name


class PrepCall(models.Model):
    """Twenty minutes of issue holder and facilitator, the week before. Wall time and zone rule."""

    public_id = PublicIdField()
    meeting = models.OneToOneField("meetings.Meeting", models.CASCADE, related_name="prep_call")
    local_date = models.DateField(_("day"))
    local_time = models.TimeField(_("starts at (wall clock)"))
    timezone = models.CharField(
        _("time zone"), max_length=40, choices=zone_choices, default=DEFAULT_ZONE
    )
    duration = models.PositiveSmallIntegerField(_("minutes"), default=20)
    starts_at = models.DateTimeField(editable=False)
    ends_at = models.DateTimeField(editable=False)
    join_url = models.URLField(_("join link"), blank=True)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    is_cancelled = models.BooleanField(default=False, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("preparation call")
        verbose_name_plural = _("preparation calls")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="prep_call_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"prep call {self.pk}"

    def derive_instants(self) -> None:
        """Set `starts_at` and `ends_at` (UTC) from wall time and zone."""
        self.starts_at = to_instant(self.local_date, self.local_time, self.timezone)
        self.ends_at = self.starts_at + timedelta(minutes=self.duration)
