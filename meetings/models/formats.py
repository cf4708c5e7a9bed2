"""Session formats as data (2.10), and the agenda of one meeting, copied from one of them."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cop.core.text import localized
from members.models import Community


class Kind(models.TextChoices):
    LEARNING = "learning_session", _("Learning session")
    DIALOGUE = "dialogue_session", _("Dialogue session")
    BUSINESS = "business", _("Business meeting")
    ORIENTATION = "orientation", _("Orientation")
    WORKING_GROUP = "working_group", _("Working group")


class Recording(models.TextChoices):
    NONE = "none", _("Nothing is recorded")
    PRESENTATION = "presentation_only", _("Only the presentation is recorded")
    FULL = "full", _("All of it is recorded")


class Room(models.TextChoices):
    PLENARY = "plenary", _("All together")
    BREAKOUT = "breakout", _("Small groups")
    SILENT = "silent", _("In silence")
    ASYNC = "async", _("In one's own time")


class Part(models.TextChoices):
    """What somebody does at a meeting. The words of the field; screens add who does it."""

    FACILITATOR = "facilitator", _("Facilitator")
    ISSUE_HOLDER = "issue_holder", _("Issue holder")
    SPEAKER = "speaker", _("Speaker")
    TIMEKEEPER = "timekeeper", _("Timekeeper")
    NOTE_TAKER = "note_taker", _("Note-taker")
    TECH_HOST = "tech_host", _("Tech host")
    TABLE_HOSTS = "table_hosts", _("Table hosts")
    TOPIC_HOSTS = "topic_hosts", _("Topic hosts")
    INNER_CIRCLE = "inner_circle", _("Inner circle")
    GREETER = "greeter", _("Greeter")
    LEAD = "lead", _("Lead of the working group")
    COORDINATOR = "coordinator", _("Coordinator")


# Held on the spot by whoever is there: nobody need be named beforehand (F4).
ON_THE_SPOT = (Part.TOPIC_HOSTS, Part.INNER_CIRCLE)


class SessionFormatQuerySet(models.QuerySet["SessionFormat"]):
    def of(self, community: Community) -> Self:
        """The formats of the house and this community's own, those in use."""
        return self.filter(Q(community=None) | Q(community=community), is_active=True)


class SessionFormat(models.Model):
    """A repeatable process with timed steps. Without a community it serves all of them."""

    community = models.ForeignKey(
        "members.Community",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="session_formats",
        verbose_name=_("community"),
        help_text=_("Empty: for all communities."),
    )
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    name_fr = models.CharField(_("name in French"), max_length=80, blank=True)
    purpose = models.TextField(_("what it is for"), blank=True)
    purpose_fr = models.TextField(_("what it is for, in French"), blank=True)
    use_when = models.TextField(_("use it when"), blank=True)
    use_when_fr = models.TextField(_("use it when, in French"), blank=True)
    not_when = models.TextField(_("do not use it when"), blank=True)
    not_when_fr = models.TextField(_("do not use it when, in French"), blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    # What counts as dialogue, and so stays unrecorded (MT7), is told by the kind.
    recording_policy = models.CharField(
        _("recording"), max_length=20, choices=Recording, default=Recording.NONE
    )
    minutes = models.PositiveSmallIntegerField(_("minutes"), validators=[MinValueValidator(1)])
    min_people = models.PositiveSmallIntegerField(_("fewest people"), default=1)
    max_people = models.PositiveSmallIntegerField(_("most people"), default=100)
    group_size = models.PositiveSmallIntegerField(_("people in a group"), default=12)
    roles = ArrayField(
        models.CharField(max_length=20, choices=Part),
        default=list,
        blank=True,
        verbose_name=_("roles needed"),
    )
    prep = models.TextField(_("preparation"), blank=True)
    prep_fr = models.TextField(_("preparation, in French"), blank=True)
    script = models.TextField(_("words for the facilitator"), blank=True)
    script_fr = models.TextField(_("words for the facilitator, in French"), blank=True)
    virtual_tips = models.TextField(_("tips for online"), blank=True)
    virtual_tips_fr = models.TextField(_("tips for online, in French"), blank=True)
    what_if = models.TextField(_("what if"), blank=True)
    what_if_fr = models.TextField(_("what if, in French"), blank=True)
    after = models.TextField(_("afterwards"), blank=True)
    after_fr = models.TextField(_("afterwards, in French"), blank=True)
    source_note = models.CharField(_("where it comes from"), max_length=300, blank=True)
    source_note_fr = models.CharField(
        _("where it comes from, in French"), max_length=300, blank=True
    )
    is_active = models.BooleanField(_("in use"), default=True)

    objects = SessionFormatQuerySet.as_manager()

    class Meta:
        verbose_name = _("format")
        verbose_name_plural = _("formats")
        constraints = [
            models.UniqueConstraint(
                fields=["community", "code"], name="format_code_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(min_people__lte=models.F("max_people")), name="format_people_in_order"
            ),
        ]

    def __str__(self) -> str:
        return localized(self, "name")

    @property
    def is_dialogue(self) -> bool:
        return self.kind == Kind.DIALOGUE


class Step(models.Model):
    """What the steps of a format and those of a meeting have in common. `minutes` whole."""

    order = models.PositiveSmallIntegerField(_("order"))
    title = models.CharField(_("title"), max_length=160)
    minutes = models.PositiveSmallIntegerField(_("minutes"), validators=[MinValueValidator(1)])
    room = models.CharField(_("room"), max_length=10, choices=Room, default=Room.PLENARY)
    lead = models.CharField(_("who leads"), max_length=20, choices=Part, default=Part.FACILITATOR)
    instruction = models.TextField(_("instruction"), blank=True)
    is_flexible = models.BooleanField(_("can be stretched"), default=False)
    output = models.CharField(_("what comes of it"), max_length=160, blank=True)
    # With more people than this, the step is done in several groups.
    split_over = models.PositiveSmallIntegerField(_("split over"), null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return localized(self, "title")


class FormatStep(Step):
    format = models.ForeignKey(SessionFormat, models.CASCADE, related_name="steps")
    title_fr = models.CharField(_("title in French"), max_length=160, blank=True)
    instruction_fr = models.TextField(_("instruction in French"), blank=True)
    output_fr = models.CharField(_("what comes of it, in French"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("step of a format")
        verbose_name_plural = _("steps of a format")
        constraints = [
            models.UniqueConstraint(fields=["format", "order"], name="format_step_order_once")
        ]


class AgendaStep(Step):
    """One step of one meeting: copied, in the meeting's language, and free to change (2.10)."""

    meeting = models.ForeignKey("meetings.Meeting", models.CASCADE, related_name="agenda")
    # Notes of those who run the meeting, taken on the run sheet; nobody else reads them.
    note = models.TextField(_("notes"), blank=True)
    note_version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("step of the agenda")
        verbose_name_plural = _("agenda")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "order"],
                name="agenda_step_order_once",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]
