"""Who was there (AT1 to AT5), how it was, and the papers that say so."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cop.core.ids import random_id
from meetings.models.formats import Part


class Attendance(models.Model):
    """One person at one meeting. Callers without a name are counted on the meeting (AT3)."""

    class State(models.TextChoices):
        PRESENT = "present", _("Was there")
        PARTIAL = "partial", _("Was there for a while")
        ABSENT = "absent", _("Was not there")

    WAS_THERE = (State.PRESENT, State.PARTIAL)

    class Source(models.TextChoices):
        SELF = "self", _("checked in")
        LINK = "link", _("by the join link")
        IMPORT = "import", _("from the list of the video service")
        COORDINATOR = "coordinator", _("by a coordinator")

    meeting = models.ForeignKey("meetings.Meeting", models.CASCADE, related_name="attendances")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="attendances")
    state = models.CharField(_("attendance"), max_length=10, choices=State, default=State.PRESENT)
    # Whole minutes in the meeting, where somebody measured them.
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True)
    source = models.CharField(_("known from"), max_length=12, choices=Source)
    part = models.CharField(_("part"), max_length=20, choices=Part, blank=True)
    joined_at = models.DateTimeField(_("came"), null=True, blank=True)
    is_walk_in = models.BooleanField(_("without an answer before"), default=False)
    # The first meeting of this community: the greeter is told.
    is_first = models.BooleanField(_("first time"), default=False)
    # Ticked off apart from the answers, which know no person (2.12).
    gave_feedback = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "person"], name="attendance_one_each")
        ]
        indexes = [models.Index(fields=["person", "meeting"], name="attendance_by_person")]

    def __str__(self) -> str:
        return self.get_state_display()


class AttendanceImport(models.Model):
    """The list of a video service, while a person looks at its doubtful rows. No file is kept."""

    class Service(models.TextChoices):
        ZOOM = "zoom", "Zoom"
        TEAMS = "teams", "Microsoft Teams"
        MEET = "meet", "Google Meet"
        OTHER = "other", _("another list")

    public_id = models.CharField(max_length=20, unique=True, editable=False, default=random_id)
    meeting = models.ForeignKey(
        "meetings.Meeting", models.CASCADE, related_name="attendance_imports"
    )
    service = models.CharField(_("service"), max_length=10, choices=Service)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField()
    # Of all rows; the rows themselves go when it is finished (AT4).
    row_count = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("list of a video service")
        verbose_name_plural = _("lists of a video service")

    def __str__(self) -> str:
        return self.get_service_display()


class AttendanceImportRow(models.Model):
    """One person of the list, merged over all their comings and goings."""

    class Match(models.TextChoices):
        LINK = "link", _("by the join link")
        EMAIL = "email", _("by the address")
        NAME = "name", _("by the name, to be confirmed")
        NONE = "none", _("nobody we know")

    listing = models.ForeignKey(AttendanceImport, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    name = models.CharField(max_length=200, blank=True)
    # Never shown on the match screen: other people's addresses are nobody's business.
    email = models.CharField(max_length=254, blank=True)
    minutes = models.PositiveSmallIntegerField(default=0)
    match = models.CharField(max_length=10, choices=Match, default=Match.NONE)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    # None: not yet decided. A match by link or address needs no yes.
    is_confirmed = models.BooleanField(null=True, blank=True)

    class Meta:
        verbose_name = _("row of a list")
        verbose_name_plural = _("rows of a list")

    def __str__(self) -> str:
        return f"row {self.line}"


def new_check_code() -> str:
    """Twelve signs that are easy to read aloud, in groups of four."""
    return random_id()


class Certificate(models.Model):
    """A certificate of attendance for one meeting, or the transcript of one programme year."""

    code = models.CharField(max_length=20, unique=True, editable=False, default=new_check_code)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="certificates"
    )
    community = models.ForeignKey("members.Community", models.CASCADE, related_name="certificates")
    # None: a transcript of the programme year that begins on `year_from`.
    meeting = models.ForeignKey(
        "meetings.Meeting", models.CASCADE, null=True, blank=True, related_name="certificates"
    )
    year_from = models.DateField(null=True, blank=True)
    # What the paper says, so that a check years later compares with what was printed.
    name = models.CharField(max_length=120)
    minutes = models.PositiveIntegerField()
    issued_at = models.DateTimeField()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            models.CheckConstraint(
                condition=Q(meeting__isnull=False, year_from__isnull=True)
                | Q(meeting__isnull=True, year_from__isnull=False),
                name="certificate_meeting_or_year",
            )
        ]

    def __str__(self) -> str:
        return f"certificate {self.pk}"


class Feedback(models.Model):
    """What somebody thought of a meeting. The row knows the meeting and nothing of the person.

    A random key and no time: neither the order nor the hour may point at somebody.
    """

    class Use(models.TextChoices):
        YES = "yes", _("Yes")
        MAYBE = "maybe", _("Maybe")
        NO = "no", _("No")

    ONE_TO_FIVE = [MinValueValidator(1), MaxValueValidator(5)]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey("meetings.Meeting", models.CASCADE, related_name="feedback")
    worth = models.PositiveSmallIntegerField(
        _("It was worth my time"), null=True, blank=True, validators=ONE_TO_FIVE
    )
    will_use = models.CharField(_("I will use something"), max_length=5, choices=Use, blank=True)
    use_what = models.TextField(_("What?"), blank=True)
    felt_safe = models.PositiveSmallIntegerField(
        _("I felt safe to speak"), null=True, blank=True, validators=ONE_TO_FIVE
    )
    change = models.TextField(_("One thing to change"), blank=True)
    # Something to follow up; set by a word list or by a coordinator (FB2).
    is_flagged = models.BooleanField(default=False)
    is_followed_up = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")

    def __str__(self) -> str:
        return "feedback"


class MeetingNotes(models.Model):
    """What came of a meeting, in the holder's hands until the holder lets it go."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Being written")
        WITH_HOLDER = "with_holder", _("With the issue holder")
        APPROVED = "approved", _("The issue holder agrees")
        REFUSED = "refused", _("The issue holder said no: only the resources")
        PUBLISHED = "published", _("Published")

    meeting = models.OneToOneField("meetings.Meeting", models.CASCADE, related_name="notes")
    questions = models.TextField(_("questions raised"), blank=True)
    ideas = models.TextField(_("ideas"), blank=True)
    resources = models.TextField(_("resources named"), blank=True)
    may_share = models.TextField(_("what may be shared"), blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAFT)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("notes")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return f"notes {self.pk}"
