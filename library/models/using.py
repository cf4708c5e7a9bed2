"""What people do with a resource: what helped, what was used, what one keeps and follows."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ResourceUse(models.Model):
    """“This helped” or “I used this”, once per person (L8). Who said it is shown to nobody."""

    class Kind(models.TextChoices):
        HELPED = "helped", _("This helped")
        USED = "used", _("I used this")

    resource = models.ForeignKey("library.Resource", models.CASCADE, related_name="uses")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind)
    # The adaptation log: one line on what was changed for one's own house. Shown without a name.
    story = models.CharField(_("what I changed"), max_length=280, blank=True)
    is_hidden = models.BooleanField(_("hidden by the librarian"), default=False)
    said_on = models.DateField()

    class Meta:
        verbose_name = _("use of a resource")
        verbose_name_plural = _("uses of resources")
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "person", "kind"], name="resource_use_once_per_person"
            ),
            models.CheckConstraint(
                condition=Q(story="") | Q(kind="used"), name="resource_story_of_a_use"
            ),
        ]
        indexes = [models.Index(fields=["person"], name="resource_use_by_person")]

    def __str__(self) -> str:
        return self.get_kind_display()


class Favourite(models.Model):
    """A resource that a person keeps at hand."""

    resource = models.ForeignKey("library.Resource", models.CASCADE, related_name="favourites")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourite_resources"
    )
    kept_at = models.DateTimeField()

    class Meta:
        verbose_name = _("kept resource")
        verbose_name_plural = _("kept resources")
        constraints = [
            models.UniqueConstraint(fields=["person", "resource"], name="favourite_once")
        ]

    def __str__(self) -> str:
        return f"kept {self.pk}"


class TopicFollow(models.Model):
    """What is new under a topic of the library stands first for this person."""

    community = models.ForeignKey("members.Community", models.CASCADE, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="followed_topics"
    )
    topic = models.CharField(_("topic"), max_length=60)
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("followed topic")
        verbose_name_plural = _("followed topics")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "community", "topic"], name="topic_follow_once"
            )
        ]

    def __str__(self) -> str:
        return self.topic


class ResourceWeek(models.Model):
    """How often a resource was opened and taken in one week. It counts, and knows nobody."""

    resource = models.ForeignKey("library.Resource", models.CASCADE, related_name="weeks")
    monday = models.DateField()
    opened = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("week of a resource")
        verbose_name_plural = _("weeks of resources")
        constraints = [
            models.UniqueConstraint(fields=["resource", "monday"], name="resource_week_once")
        ]

    def __str__(self) -> str:
        return f"{self.monday}: {self.opened}, {self.taken}"
