from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from cop.core.fields import PublicIdField
from cop.core.time import DEFAULT_ZONE, to_instant, zone_choices
from meetings.models.formats import Kind, Recording, SessionFormat
from meetings.models.guests import guest_places
from meetings.models.rsvps import Rsvp
from meetings.models.series import Audience, MeetingSeries
from meetings.models.words import title_and_description
from members.models import Community

if TYPE_CHECKING:
    from members.models import User

# Freed seats are handed on by themselves until then; later whoever comes first sits down (RS3).
HANDING_ON_ENDS = timedelta(hours=3)
# The join button shows up this long before the start.
DOORS_OPEN = timedelta(minutes=15)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def published(self) -> Self:
        """What members may know of: drafts are the coordinators' own."""
        return self.exclude(state=Meeting.State.DRAFT)

    def visible_to(self, person: "User | AnonymousUser") -> Self:
        """Published meetings whose audience admits this person (G3). Drafts live at the desk."""
        return self.published().filter(
            self._as_guest(person)
            | Q(audience=Audience.PUBLIC, community__in=Community.objects.public())
            | Q(
                audience=Audience.MEMBERS_AND_ALLIES,
                community__in=Community.objects.opening(person, "members_and_allies"),
            )
            | Q(
                audience=Audience.MEMBERS_ONLY,
                community__in=Community.objects.opening(person, "members"),
            )
        )

    def _as_guest(self, person: "User | AnonymousUser") -> Q:
        """The one meeting of who waits for an answer (AM5); never from behind the wall (P4)."""
        if not person.is_authenticated or person.sees_as_member_of or person.is_walled():
            return Q(pk__in=[])
        places = guest_places(person, meetings=Meeting.objects.all(), answers=Rsvp.objects.all())
        return Q(audience=Audience.MEMBERS_AND_ALLIES) & places

    def upcoming(self, now: datetime) -> Self:
        return self.filter(state=Meeting.State.SCHEDULED, ends_at__gt=now)

    def past(self, now: datetime) -> Self:
        return self.filter(ends_at__lte=now).exclude(state=Meeting.State.CANCELLED)

    def with_my_answer(self, person: "User | AnonymousUser") -> Self:
        """Adds `my_state`: what this person answered, or None."""
        mine = Rsvp.objects.filter(meeting=OuterRef("pk"), person=person.pk)
        return self.annotate(my_state=Subquery(mine.values("state")[:1]))


class Meeting(models.Model):
    """One meeting. Local date, wall time and zone are the promise; the instants are derived."""

    Kind = Kind
    Recording = Recording

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        HELD = "held", _("Held")
        WRAPPED = "wrapped", _("Wrapped up")
        CANCELLED = "cancelled", _("Cancelled")

    class Sign(models.TextChoices):
        NONE = "", _("none")
        ASL = "asl", _("American Sign Language (ASL)")
        LSQ = "lsq", _("Quebec Sign Language (LSQ)")

    class Outcome(models.TextChoices):
        OPEN = "", _("not yet")
        NONE = "none", _("there are none")
        PUBLISHED = "published", _("published")

    class Mode(models.TextChoices):
        VIRTUAL = "virtual", _("Online")
        HYBRID = "hybrid", _("Online and in person")
        IN_PERSON = "in_person", _("In person")

    public_id = PublicIdField()
    community = models.ForeignKey(
        "members.Community", models.CASCADE, related_name="meetings", verbose_name=_("community")
    )
    stream = models.ForeignKey(
        "members.Stream",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="meetings",
        verbose_name=_("stream"),
    )
    series = models.ForeignKey(
        MeetingSeries,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="meetings",
        verbose_name=_("series"),
    )
    # The day that the series' rule gave, wherever the meeting was moved since: a slot once only.
    series_slot = models.DateField(null=True, blank=True, editable=False)
    title = models.CharField(_("title"), max_length=160)
    description = models.TextField(_("what it is about"), blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.LEARNING)
    format = models.ForeignKey(
        SessionFormat, models.SET_NULL, null=True, blank=True, related_name="meetings",
        verbose_name=_("format"),
    )  # fmt: skip
    topic = models.ForeignKey(
        "meetings.TopicProposal", models.SET_NULL, null=True, blank=True, related_name="meetings",
        verbose_name=_("topic"),
    )  # fmt: skip
    # Of a meeting that was called off: this one takes its place (MT6).
    make_up_for = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="make_ups", editable=False
    )
    # Parallel rounds of one format; each needs a facilitator and an issue holder of its own.
    circles = models.PositiveSmallIntegerField(
        _("circles side by side"), default=1, validators=[MinValueValidator(1)]
    )
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="en"
    )
    local_date = models.DateField(_("day"))
    local_time = models.TimeField(_("starts at (wall clock)"))
    timezone = models.CharField(
        _("time zone"), max_length=40, choices=zone_choices, default=DEFAULT_ZONE
    )
    duration = models.PositiveSmallIntegerField(
        _("minutes"), default=90, validators=[MinValueValidator(5)]
    )
    # Derived from the four fields above, in UTC; never typed.
    starts_at = models.DateTimeField(_("starts"), editable=False)
    ends_at = models.DateTimeField(_("ends"), editable=False)
    audience = models.CharField(
        _("who may come"), max_length=20, choices=Audience, default=Audience.MEMBERS_AND_ALLIES
    )
    mode = models.CharField(_("how"), max_length=10, choices=Mode, default=Mode.VIRTUAL)
    place = models.CharField(_("place"), max_length=200, blank=True)
    # Secret: shown and mailed to people who are coming, and to nobody else (MT8).
    join_url = models.URLField(_("join link"), blank=True)
    dial_in = models.CharField(_("dial-in number and code"), max_length=120, blank=True)
    # Raised when the address leaked: personal join links of before lead nowhere (MT8).
    door_version = models.PositiveIntegerField(default=0, editable=False)
    interpretation = models.CharField(
        _("interpretation"), max_length=120, blank=True,
        help_text=_("For example: French and English, live."),
    )  # fmt: skip
    has_captions = models.BooleanField(_("live captions"), default=False)
    sign_language = models.CharField(_("sign language"), max_length=3, choices=Sign, blank=True)
    access_by = models.DateField(
        _("ask for captions or sign language by"), null=True, blank=True,
        help_text=_("Until this day people can still ask, and you can still book."),
    )  # fmt: skip
    recording_policy = models.CharField(
        _("recording"), max_length=20, choices=Recording, default=Recording.NONE
    )
    pre_reading = models.TextField(_("to read before"), blank=True)
    materials = models.TextField(
        _("materials"), blank=True, help_text=_("Slides and handouts, as links. For those who "
                                                "asked for the materials too."),
    )  # fmt: skip
    content_note = models.CharField(_("content note"), max_length=200, blank=True)
    support_person = models.CharField(_("support person"), max_length=120, blank=True)
    facilitator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("facilitator"),
    )
    capacity = models.PositiveIntegerField(
        _("seats"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    # Fewer seats are wanted than are taken: as people give theirs back, the room gets smaller.
    target_capacity = models.PositiveIntegerField(null=True, blank=True, editable=False)
    going_count = models.PositiveIntegerField(_("seats taken"), default=0, editable=False)
    wait_next = models.PositiveIntegerField(default=0, editable=False)
    # Raised when start, length, link, place or state change: calendars follow it (MT4).
    sequence = models.PositiveIntegerField(default=0, editable=False)
    sequence_at = models.DateTimeField(null=True, blank=True, editable=False)
    # What people were last told, while changes still gather for one mail (MT4): before, and when
    # the mail leaves.
    change_before = models.JSONField(null=True, blank=True, editable=False)
    change_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    announced_at = models.DateTimeField(null=True, blank=True, editable=False)
    invited_at = models.DateTimeField(null=True, blank=True, editable=False)
    # What wrapping up asks for: attendance, notes, recording.
    attendance_saved_at = models.DateTimeField(null=True, blank=True, editable=False)
    unidentified_count = models.PositiveIntegerField(
        _("people nobody could name"), default=0, editable=False
    )
    notes_outcome = models.CharField(
        _("notes"), max_length=10, choices=Outcome, blank=True, editable=False
    )
    recording_outcome = models.CharField(
        _("recording"), max_length=10, choices=Outcome, blank=True, editable=False
    )
    wrapped_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Raised by each change of the Open Space board, so that a look costs nothing if none came.
    board_version = models.PositiveIntegerField(default=0, editable=False)
    cancel_reason = models.CharField(_("why it was cancelled"), max_length=200, blank=True)
    # When anything people read about it changed; answers and seat counts do not touch it.
    updated_at = models.DateTimeField(auto_now=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="meeting_ends_after_start"
            ),
            models.UniqueConstraint(fields=["series", "series_slot"], name="meeting_one_in_a_slot"),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancel_reason=""),
                name="meeting_cancelled_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(going_count__lte=F("capacity")),
                name="meeting_never_over_capacity",
            ),
            models.CheckConstraint(
                condition=Q(target_capacity__isnull=True)
                | Q(capacity__isnull=False, target_capacity__lt=F("capacity")),
                name="meeting_target_below_capacity",
            ),
            # Where people speak of themselves, nobody records all of it (MT7).
            models.CheckConstraint(
                condition=~Q(kind="dialogue_session", recording_policy="full"),
                name="meeting_dialogue_not_recorded",
            ),
        ]
        indexes = [
            GinIndex(title_and_description(), name="meeting_words"),
            models.Index(fields=["community", "starts_at", "id"], name="meeting_by_time"),
            models.Index(fields=["starts_at"], name="meeting_by_start"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({formats.date_format(self.local_date, 'j F Y')})"

    def get_absolute_url(self) -> str:
        return reverse("meetings:meeting_detail", args=[self.community.slug, self.public_id])

    def derive_instants(self) -> None:
        """Set `starts_at` and `ends_at` (UTC) from wall time and zone (TZ rules)."""
        self.starts_at = to_instant(self.local_date, self.local_time, self.timezone)
        self.ends_at = self.starts_at + timedelta(minutes=self.duration)

    @property
    def is_full(self) -> bool:
        return self.capacity is not None and self.going_count >= self.capacity

    @property
    def is_online(self) -> bool:
        return self.mode != self.Mode.IN_PERSON

    @property
    def is_in_person(self) -> bool:
        return self.mode != self.Mode.VIRTUAL

    @property
    def seats_left(self) -> int | None:
        return None if self.capacity is None else max(self.capacity - self.going_count, 0)

    def takes_answers(self, now: datetime) -> bool:
        return self.state == self.State.SCHEDULED and self.starts_at > now

    def hands_on_seats(self, now: datetime) -> bool:
        return self.takes_answers(now) and now < self.starts_at - HANDING_ON_ENDS

    def is_open_door(self, now: datetime) -> bool:
        """May people who are coming step in now?"""
        opens = self.starts_at - DOORS_OPEN
        takes_place = self.state in {self.State.SCHEDULED, self.State.HELD}
        return takes_place and opens <= now < self.ends_at
