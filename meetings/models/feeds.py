import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _


def new_feed_secret() -> str:
    return secrets.token_urlsafe(24)


class CalendarFeed(models.Model):
    """The private calendar address of one person. Replacing the secret kills the old address."""

    person = models.OneToOneField("members.User", models.CASCADE, related_name="calendar_feed")
    secret = models.CharField(max_length=40, unique=True, default=new_feed_secret)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return f"feed {self.pk}"


class MeetingChoices(models.Model):
    """How one person wants to hear of meetings. No row: the defaults."""

    person = models.OneToOneField(
        "members.User", models.CASCADE, related_name="meeting_choices", verbose_name=_("person")
    )
    # Calendars at work are read by others: entries then say "CoP meeting" and no more.
    has_discreet_titles = models.BooleanField(_("discreet calendar titles"), default=False)
    wants_link_mail = models.BooleanField(_("a mail half an hour before"), default=True)

    class Meta:
        verbose_name = _("choices about meetings")
        verbose_name_plural = _("choices about meetings")

    def __str__(self) -> str:
        return f"choices {self.pk}"
