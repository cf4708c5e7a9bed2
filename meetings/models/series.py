from datetime import date, timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cop.core.time import DEFAULT_ZONE, zone_choices

LAST = 5


class Audience(models.TextChoices):
    MEMBERS_ONLY = "members_only", _("Members only")
    MEMBERS_AND_ALLIES = "members_and_allies", _("Members and allies")
    PUBLIC = "public", _("Everybody")


class MeetingSeries(models.Model):
    """A regular slot. It makes drafts for a year; each meeting then lives alone."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    class Nth(models.IntegerChoices):
        FIRST = 1, _("first")
        SECOND = 2, _("second")
        THIRD = 3, _("third")
        FOURTH = 4, _("fourth")
        LAST = LAST, _("last")

    stream = models.ForeignKey(
        "members.Stream", models.CASCADE, related_name="series", verbose_name=_("stream")
    )
    title = models.CharField(_("title"), max_length=120)
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    nth = models.PositiveSmallIntegerField(_("which one in the month"), choices=Nth)
    local_time = models.TimeField(_("starts at (wall clock)"))
    timezone = models.CharField(
        _("time zone"), max_length=40, choices=zone_choices, default=DEFAULT_ZONE
    )
    duration = models.PositiveSmallIntegerField(
        _("minutes"), default=90, validators=[MinValueValidator(5)]
    )
    audience = models.CharField(
        _("who may come"), max_length=20, choices=Audience, default=Audience.MEMBERS_AND_ALLIES
    )
    skip_months = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(12)]),
        default=list,
        blank=True,
        verbose_name=_("months left out"),
        help_text=_("As numbers with commas between: 7, 12 leaves out July and December."),
    )
    target_count = models.PositiveSmallIntegerField(_("promised in a year"), default=10)

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")

    def __str__(self) -> str:
        return self.title

    def slot_in(self, year: int, month: int) -> date | None:
        """The day of this series in a month; None in a month that is left out."""
        if month in self.skip_months:
            return None
        first = date(year, month, 1)
        day = first + timedelta(days=(self.weekday - first.weekday()) % 7)
        if self.nth < LAST:
            return day + timedelta(weeks=self.nth - 1)
        fifth = day + timedelta(weeks=4)
        return fifth if fifth.month == month else day + timedelta(weeks=3)
