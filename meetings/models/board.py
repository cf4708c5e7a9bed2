"""The Open Space board: slots across, rooms down, and the topics that people put there."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField


class BoardSlot(models.Model):
    """One round. `starts_minute`: minutes after the start of the meeting."""

    meeting = models.ForeignKey("meetings.Meeting", models.CASCADE, related_name="board_slots")
    order = models.PositiveSmallIntegerField()
    label = models.CharField(_("label"), max_length=40)
    starts_minute = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("round of the board")
        verbose_name_plural = _("rounds of the board")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "order"], name="board_slot_order_once")
        ]

    def __str__(self) -> str:
        return self.label


class BoardRoom(models.Model):
    meeting = models.ForeignKey("meetings.Meeting", models.CASCADE, related_name="board_rooms")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(_("room"), max_length=40)

    class Meta:
        verbose_name = _("room of the board")
        verbose_name_plural = _("rooms of the board")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "order"], name="board_room_order_once")
        ]

    def __str__(self) -> str:
        return self.name


class BoardTopic(models.Model):
    """A topic that somebody hosts: on the wall, then in a slot and a room; with its notes."""

    public_id = PublicIdField()
    meeting = models.ForeignKey("meetings.Meeting", models.CASCADE, related_name="board_topics")
    title = models.CharField(_("topic"), max_length=140)
    host = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    slot = models.ForeignKey(
        BoardSlot, models.SET_NULL, null=True, blank=True, related_name="topics"
    )
    room = models.ForeignKey(
        BoardRoom, models.SET_NULL, null=True, blank=True, related_name="topics"
    )
    notes = models.TextField(_("notes"), blank=True)
    notes_version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("topic on the board")
        verbose_name_plural = _("topics on the board")
        constraints = [
            models.UniqueConstraint(
                fields=["slot", "room"],
                condition=Q(slot__isnull=False, room__isnull=False),
                name="board_one_topic_a_place",
            ),
            models.CheckConstraint(
                condition=Q(slot__isnull=True, room__isnull=True)
                | Q(slot__isnull=False, room__isnull=False),
                name="board_slot_and_room",
            ),
        ]

    def __str__(self) -> str:
        return self.title
